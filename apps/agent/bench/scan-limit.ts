import { Tally } from '../src/tally/tally.ts';
import { type LogBatch, setTime } from './log-batches.ts';

export interface ScanLimits {
  /** `Tally.scan` and `apply` on one thread, nothing else. */
  readonly scanEventsPerSecond: number;
  /** `JSON.parse` of every line, for scale. */
  readonly parseEventsPerSecond: number;
  /** A loop that looks at every byte and does nothing else: what the scan is held against on whatever machine. */
  readonly lookEventsPerSecond: number;
}

/** The limit that the scan sets: the bytes of the load, in memory, in this process. */
export function measureScan(batches: readonly LogBatch[], seconds: number): ScanLimits {
  for (const batch of batches) setTime(batch, Date.now());
  const tally = new Tally({
    maxSourcesPerTenant: 10_000,
    onClosed: () => undefined,
    onSource: () => undefined,
    isBlind: () => false,
  });
  let lsn = 0;
  const scan = ({ body }: LogBatch): void => {
    const meta = { receivedAtMs: Date.now(), tenant: 'default', pinnedService: null, format: 'json' } as const;
    tally.apply(tally.scan(meta, body), ++lsn);
  };
  // Once without counting, so that the compiler has seen the code.
  eventsPerSecond(batches, scan, 1);
  return {
    scanEventsPerSecond: eventsPerSecond(batches, scan, seconds),
    parseEventsPerSecond: eventsPerSecond(batches, parse, Math.min(2, seconds)),
    lookEventsPerSecond: eventsPerSecond(batches, look, Math.min(2, seconds)),
  };
}

let seen = 0;

function look({ body }: LogBatch): void {
  let sum = 0;
  for (let at = 0; at < body.length; at++) sum = (sum + (body[at] === 0x22 ? 1 : body[at])) | 0;
  seen ^= sum;
}

function parse({ body }: LogBatch): void {
  for (const line of body.toString('utf8').split('\n')) if (line !== '') JSON.parse(line);
}

function eventsPerSecond(batches: readonly LogBatch[], work: (batch: LogBatch) => void, seconds: number): number {
  const start = performance.now();
  let events = 0;
  for (let at = 0; performance.now() < start + seconds * 1000; at++) {
    const batch = batches[at % batches.length];
    work(batch);
    events += batch.events;
  }
  return events / ((performance.now() - start) / 1000);
}
