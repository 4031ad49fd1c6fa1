/** Waits between attempts: they double from the first to the last, each ± 20 % so that many senders do not come back at once. */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;
const JITTER = 0.2;

/** @param attempt failed attempts so far, from 1 @param chance a number in [0, 1) */
export function backOffMs(attempt: number, chance: number): number {
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
  return Math.round(wait * (1 + JITTER * (2 * chance - 1)));
}

/** `Retry-After` in seconds or as an HTTP date → milliseconds to wait; undefined when absent or neither. */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,6}$/.test(header)) return Number(header) * 1000;
  // Date.parse takes almost anything ("-1" is a day in 2001); an HTTP date ends in GMT.
  const at = header.endsWith('GMT') ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
