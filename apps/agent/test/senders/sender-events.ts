/** How many events every real client sends: few in each test run, 10,000 by `npm run prove:senders`. */
export const SENDER_EVENTS = Number(process.env['SENTINELLOG_SENDER_EVENTS'] ?? 2000);

/** Of a test that sends them. */
export const SENDER_LIMIT_MS = 60_000 + 6 * SENDER_EVENTS;
