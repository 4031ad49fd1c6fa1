import type { Readable } from 'node:stream';
import { EventBoundaries } from './event-boundary.ts';
import type { Scanned } from './intake.ts';
import type { LineDeps } from './line-deps.ts';
import { TRUNCATED_MARK } from './syslog-stream.ts';

const MAX_CARRY_BYTES = 1024 * 1024;
const LONG_LINE_BYTES = 128 * 1024;
const EVENT_OVER_MS = 1000;
const NOTHING = Buffer.alloc(0);
const LF = 0x0a;

/**
 * Lines that come through a pipe, as long as it is open. Nobody can be told to send again, so a full disk holds the
 * writer back; what was read and not stored is lost with the process.
 */
export async function readLineStream<Batch extends Scanned>(
  stream: Readable,
  service: string,
  { readings, deliverer, now, count, sleep, ended }: LineDeps<Batch>,
): Promise<void> {
  const boundaries = new EventBoundaries(readings.settingsOf(service));
  let carry: Buffer = NOTHING;
  const store = async (bytes: Buffer): Promise<void> => {
    if (bytes.length === 0) return;
    await deliverer.deliver(
      {
        protocol: 'stdin',
        remote: 'stdin',
        key: undefined,
        batchId: null,
        format: 'text',
        defaultService: service,
        bytes: Buffer.concat([readings.lines(service, now()), bytes]),
      },
      ended,
    );
  };
  const chunks = stream[Symbol.asyncIterator]();
  let next = chunks.next();
  let skips = false;
  for (;;) {
    const quiet = new AbortController();
    const step = await Promise.race([next, sleep(EVENT_OVER_MS, quiet.signal)]);
    quiet.abort();
    if (ended.aborted) return;
    if (step === undefined) {
      // Nothing more belongs to the last event.
      const { line } = boundaries.of(carry);
      await store(carry.subarray(0, line));
      carry = Buffer.from(carry.subarray(line));
      if (carry.length === 0) await Promise.race([next, aborted(ended)]);
      continue;
    }
    if (step.done === true) break;
    next = chunks.next();
    let chunk = Buffer.from(step.value as Uint8Array);
    if (skips) {
      const newline = chunk.indexOf(LF);
      skips = newline < 0;
      chunk = newline < 0 ? NOTHING : chunk.subarray(newline + 1);
    }
    carry = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
    const { certain, line } = boundaries.of(carry);
    let end = carry.length > MAX_CARRY_BYTES && certain === 0 ? line : certain;
    if (end === 0 && carry.length > MAX_CARRY_BYTES) {
      count('line_truncated');
      await store(Buffer.concat([carry.subarray(0, LONG_LINE_BYTES), Buffer.from(`${TRUNCATED_MARK}\n`)]));
      skips = true;
      end = carry.length;
    } else await store(carry.subarray(0, end));
    carry = Buffer.from(carry.subarray(end));
  }
  await store(carry);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
