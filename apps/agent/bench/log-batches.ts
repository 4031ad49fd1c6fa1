import { field, message, otlpRequest } from '../src/tally/testing/otlp-message.ts';

const SERVICES = [
  'gateway',
  'auth-service',
  'payment-service',
  'order-service',
  'inventory-service',
  'notification-service',
  'search-service',
  'user-service',
];
/** As in production: mostly information, a few warnings, one error in fifty. */
const LEVELS = [...Array<string>(40).fill('INFO'), ...Array<string>(6).fill('DEBUG'), 'WARN', 'WARN', 'WARN', 'ERROR'];
const TIME_LENGTH = '2026-01-01T00:00:00.000Z'.length;

/** One request body whose event times can be set anew before each send: a sender's clock moves too. */
export interface LogBatch {
  readonly body: Buffer;
  readonly events: number;
  /** Where each event's time begins. */
  readonly timeOffsets: readonly number[];
}

/**
 * NDJSON as services write it, about 190 bytes an event. No message comes twice: 128 batches of 1,000 are the 100,000
 * distinct messages of P1.
 * @param services how many: the usual eight, or so many that go by numbers
 */
export function logBatch(number: number, events: number, services = SERVICES.length): LogBatch {
  const timeOffsets: number[] = [];
  const lines: string[] = [];
  let at = 0;
  for (let i = 0; i < events; i++) {
    const n = number * events + i;
    const line = `${JSON.stringify({
      timestamp: new Date(0).toISOString(),
      service: services === SERVICES.length ? SERVICES[(n * 7) % services] : `service-${n % services}`,
      level: levelOf(n),
      message: messageOf(n),
      trace_id: ((n * 2_654_435_761) % 2 ** 32).toString(16).padStart(16, '0'),
    })}\n`;
    timeOffsets.push(at + '{"timestamp":"'.length);
    lines.push(line);
    at += line.length;
  }
  return { body: Buffer.from(lines.join('')), events, timeOffsets };
}

/** The same events as an ExportLogsServiceRequest of OTLP. Its times are those of its making. */
export function otlpBatch(number: number, events: number, nowMs: number): LogBatch {
  const records = Array.from({ length: SERVICES.length }, () => [] as Buffer[]);
  for (let i = 0; i < events; i++) {
    const n = number * events + i;
    const level = levelOf(n);
    const record = message(
      field(1, BigInt(nowMs) * 1_000_000n),
      field(2, OTLP_SEVERITY[level] ?? 9),
      field(3, level),
      field(5, field(1, messageOf(n))),
    );
    records[(n * 7) % SERVICES.length].push(record);
  }
  const body = Buffer.concat(SERVICES.map((service, at) => otlpRequest(service, ...records[at])));
  return { body, events, timeOffsets: [] };
}

const OTLP_SEVERITY: Readonly<Record<string, number>> = { DEBUG: 5, INFO: 9, WARN: 13, ERROR: 17 };

function levelOf(n: number): string {
  return LEVELS[(n * 13) % LEVELS.length];
}

function messageOf(n: number): string {
  return `order ${(n * 7919) % 1_000_003} of user u-${n % 5003} handled in ${n % 311} ms by 10.0.${n % 256}.${(n * 3) % 256}, attempt ${n}`;
}

/** Writes one event time into every event. */
export function setTime(batch: LogBatch, nowMs: number): void {
  const time = Buffer.from(new Date(nowMs).toISOString().slice(0, TIME_LENGTH));
  for (const offset of batch.timeOffsets) time.copy(batch.body, offset);
}
