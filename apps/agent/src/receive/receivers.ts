import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Rejection } from '@sentinellog/shared';
import { FailureBucket, SENDER_LENIENCY } from '../pipeline/failure-bucket.ts';
import type { IngestRecord } from '../pipeline/ingest-record.ts';
import type { RefusedEvent } from '../pipeline/refused-event.ts';
import { Admission, type KeyVerdict } from './admission.ts';
import { BatchMemory } from './batch-memory.ts';
import { BodyPool } from './body-pool.ts';
import { createElasticBulk } from './elastic-bulk.ts';
import { createIngestHttp } from './ingest-http.ts';
import type { IngestDeps } from './ingest-request.ts';
import { type BatchJournal, type BatchScanner, Intake, type Scanned } from './intake.ts';
import { type KeyAllowance, KeyMeters } from './key-meters.ts';
import { createLokiPush } from './loki-push.ts';
import { createOtlpHttp } from './otlp-http.ts';
import type { MemoryGuard } from './memory-guard.ts';
import type { BodyLimits } from './read-body.ts';
import { type HttpReceiver, pathOf } from './receiver.ts';
import type { TextReadings } from './text-readings.ts';

export interface ReceiversDeps<Batch extends Scanned> {
  readonly scanner: BatchScanner<Batch>;
  readonly journal: BatchJournal;
  /** Takes over a batch that is on disk, in journal order, and releases it; the record's body is only lent. */
  readonly onDurable: (batch: Batch, endLsn: number, record: IngestRecord) => void;
  readonly authenticate: (presented: string) => KeyVerdict;
  readonly onRejection: (rejection: Rejection) => void;
  /** Events that were refused, with their texts. */
  readonly onRefused: (events: readonly RefusedEvent[]) => void;
  readonly limits: BodyLimits;
  readonly keyAllowance: KeyAllowance;
  readonly memory: MemoryGuard;
  readonly readings: TextReadings;
  readonly now: () => number;
  /** A text that never comes again: ids of requests and of batches that have none. */
  readonly newId: () => string;
}

/** F16: as long as a sender may take to send the same batch again. */
export const REPEAT_WINDOW_MS = 10 * 60_000;
/** A start reads at most this much of the journal for batch ids: two gigabytes of text, a second or two of one core. */
export const REPEAT_WINDOW_BYTES = 256 * 1024 * 1024;
/** About 40 MB of ids; at 300 batches a second it covers the whole window. */
const MAX_REMEMBERED_BATCHES = 200_000;
/** Bodies in flight together; two bodies at the limit after decompression, or eight hundred of a usual 190 kB. */
const MAX_BODIES_IN_USE_BYTES = 160 * 1024 * 1024;
const MAX_BODIES_FREE_BYTES = 32 * 1024 * 1024;

/** Everything that takes logs in over HTTP. One file a protocol; `protocols` in here names them all. */
export class Receivers<Batch extends Scanned> {
  /** What receivers that bring a port of their own share with those in here. */
  readonly parts: IngestDeps<Batch> & Pick<ReceiversDeps<Batch>, 'authenticate'>;
  readonly #intake: Intake<Batch>;
  readonly #memory = new BatchMemory({ keepMs: REPEAT_WINDOW_MS, maxBatches: MAX_REMEMBERED_BATCHES });
  readonly #pool = new BodyPool({ maxInUseBytes: MAX_BODIES_IN_USE_BYTES, maxFreeBytes: MAX_BODIES_FREE_BYTES });
  readonly #byPath: ReadonlyMap<string, HttpReceiver>;
  readonly #others: readonly HttpReceiver[];
  #isStopping = false;

  constructor(deps: ReceiversDeps<Batch>) {
    const { authenticate, memory, now, newId, onRejection, limits } = deps;
    const failures = new FailureBucket(now, SENDER_LENIENCY);
    const admission = new Admission({ authenticate, failures });
    const intake = new Intake({ ...deps, memory: this.#memory, meters: new KeyMeters(deps.keyAllowance) });
    const isStopping = (): boolean => this.#isStopping;
    const { readings } = deps;
    const pool = this.#pool;
    const shared = { admission, intake, pool, memory, limits, now, newId, isStopping, onRejection, readings };
    this.#intake = intake;
    this.parts = { ...shared, authenticate };
    const protocols: readonly HttpReceiver[] = [
      createIngestHttp(shared),
      createElasticBulk(shared, deps.scanner),
      createLokiPush(shared),
      createOtlpHttp(shared),
    ];
    this.#byPath = new Map(protocols.flatMap((receiver) => receiver.paths.map((path) => [path, receiver])));
    this.#others = protocols.filter((receiver) => 'owns' in receiver);
  }

  /** Sums since the start of the process. `unusable_events` never reached the journal, so no checkpoint counts them. */
  get counters(): Readonly<Record<string, number>> {
    return { ...this.#intake.counters, forgotten_batches: this.#memory.forgottenEarly };
  }

  /** Bytes of bodies that are being read or wait for the disk. */
  get bodyBytesInUse(): number {
    return this.#pool.inUseBytes;
  }

  /** Answers a request if it is for one of them; false: it is somebody else's. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const receiver = this.#receiverOf(request);
    receiver?.handle(request, response);
    return receiver !== undefined;
  }

  /**
   * Before the first request: the records of the last REPEAT_WINDOW_MS (REPEAT_WINDOW_BYTES at most), so that a retry
   * across a restart is known.
   */
  recallBatches(
    records: AsyncIterable<{ readonly record: IngestRecord }>,
    nowMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#memory.recallFrom(records, nowMs, signal);
  }

  /** From now on requests are refused with `shutting_down`; those under way are still answered. */
  stop(): void {
    this.#isStopping = true;
  }

  #receiverOf(request: IncomingMessage): HttpReceiver | undefined {
    const path = pathOf(request);
    return this.#byPath.get(path) ?? this.#others.find((receiver) => receiver.owns?.(request, path));
  }
}
