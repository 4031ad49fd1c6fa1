import type { EventError } from '@sentinellog/shared';
import type { IngestRecord } from '../pipeline/ingest-record.ts';

/** What became of a batch that is on disk. After a restart `errors` are gone, the counts are not. */
export interface StoredBatch {
  readonly accepted: number;
  readonly rejected: number;
  readonly batchId: string;
  readonly errors: readonly EventError[];
}

interface Remembered {
  readonly atMs: number;
  /** Undefined while the first request with this id is on its way to the disk. */
  stored: StoredBatch | undefined;
}

export type BatchRecall =
  | { readonly type: 'new' }
  /** On its way to the disk, or perhaps stored before the start: `whenSettled` says when to ask again. */
  | { readonly type: 'running' }
  | { readonly type: 'stored'; readonly batch: StoredBatch };

/**
 * Which batches have been stored, by tenant and batch id, so that a sender who never got the answer can send again
 * (F16). Remembers `keepMs`, and at most `maxBatches`, the newest; what is forgotten early is counted.
 */
export class BatchMemory {
  readonly #keepMs: number;
  readonly #maxBatches: number;
  readonly #batches = new Map<string, Remembered>();
  readonly #waiting = new Map<string, (() => void)[]>();
  forgottenEarly = 0;
  #isRecalling = false;

  constructor(options: { readonly keepMs: number; readonly maxBatches: number }) {
    this.#keepMs = options.keepMs;
    this.#maxBatches = options.maxBatches;
  }

  recall(tenant: string, batchId: string, nowMs: number): BatchRecall {
    const known = this.#batches.get(keyOf(tenant, batchId));
    if (known === undefined) return { type: this.#isRecalling ? 'running' : 'new' };
    if (known.stored === undefined) return { type: 'running' };
    return nowMs - known.atMs <= this.#keepMs ? { type: 'stored', batch: known.stored } : { type: 'new' };
  }

  /** Called back once the running batch with this id is stored or has failed; then `recall` says which. */
  whenSettled(tenant: string, batchId: string, then: () => void): void {
    const key = keyOf(tenant, batchId);
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) this.#waiting.set(key, [then]);
    else waiting.push(then);
  }

  /** A new batch is on its way to the disk; `store` or `fail` must follow. */
  start(tenant: string, batchId: string, nowMs: number): void {
    this.#put(keyOf(tenant, batchId), { atMs: nowMs, stored: undefined });
    this.#forget(nowMs);
  }

  store(tenant: string, batch: StoredBatch, nowMs: number): void {
    const key = keyOf(tenant, batch.batchId);
    this.#put(key, { atMs: nowMs, stored: batch });
    this.#settle(key);
  }

  fail(tenant: string, batchId: string): void {
    const key = keyOf(tenant, batchId);
    this.#batches.delete(key);
    this.#settle(key);
  }

  /**
   * After a start: the journal's last minutes. What comes meanwhile under an id that is not known yet may have been
   * stored before: it is `running` until the end.
   */
  async recallFrom(
    records: AsyncIterable<{ readonly record: IngestRecord }>,
    nowMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    this.#isRecalling = true;
    try {
      for await (const { record } of records) {
        if (signal.aborted) return;
        const { tenant, batchId, accepted, rejected, receivedAtMs } = record;
        this.#put(keyOf(tenant, batchId), { atMs: receivedAtMs, stored: { accepted, rejected, batchId, errors: [] } });
        this.#forget(nowMs);
      }
    } finally {
      this.#isRecalling = false;
      const waiting = [...this.#waiting.values()].flat();
      this.#waiting.clear();
      for (const then of waiting) then();
    }
  }

  /** Moves it to the end: the map is in order of age. */
  #put(key: string, batch: Remembered): void {
    this.#batches.delete(key);
    this.#batches.set(key, batch);
  }

  #forget(nowMs: number): void {
    for (const [key, { atMs, stored }] of this.#batches) {
      const isOld = nowMs - atMs > this.#keepMs;
      if (stored === undefined || (!isOld && this.#batches.size <= this.#maxBatches)) return;
      this.#batches.delete(key);
      if (!isOld) this.forgottenEarly++;
    }
  }

  #settle(key: string): void {
    const waiting = this.#waiting.get(key);
    this.#waiting.delete(key);
    for (const then of waiting ?? []) then();
  }
}

/** NUL is in no tenant's name and no header. */
function keyOf(tenant: string, batchId: string): string {
  return `${tenant}\0${batchId}`;
}
