import type { EventError, ProblemCode } from '@sentinellog/shared';
import type { IngestRecord, RecordFormat } from '../pipeline/ingest-record.ts';
import type { RecordContents } from '../pipeline/record-contents.ts';
import type { RefusedEvent } from '../pipeline/refused-event.ts';
import type { Caller } from './admission.ts';
import type { BatchMemory, StoredBatch } from './batch-memory.ts';
import type { ReceivedBody } from './body-sink.ts';
import type { KeyMeters, MeterVerdict } from './key-meters.ts';
import { refusedTexts } from './refused-events.ts';

/** What receiving needs of a scan: the counts for the answer. Whoever does not hand it on releases it. */
export interface Scanned extends RecordContents {
  readonly accepted: number;
  readonly rejected: number;
  readonly errors: readonly EventError[];
  /** Which events were rejected, in order: as many as an answer ever names one by one. */
  readonly rejectedLines: readonly number[];
  release(): void;
}

export type ScanMeta = Pick<IngestRecord, 'receivedAtMs' | 'tenant' | 'pinnedService' | 'defaultService' | 'format'>;

/** Reads a body without changing anything (the tally). */
export interface BatchScanner<Batch extends Scanned> {
  scan(meta: ScanMeta, body: Uint8Array): Batch;
}

/** Makes a record durable (the journal). A refusal, thrown or called back, is an Error with a `code` of REFUSALS. */
export interface BatchJournal {
  append(
    record: IngestRecord,
    contents: RecordContents,
    onDurable: (endLsn: number) => void,
    onFailed: (refusal: Error) => void,
  ): void;
}

export interface IntakeDeps<Batch extends Scanned> {
  readonly scanner: BatchScanner<Batch>;
  readonly journal: BatchJournal;
  /** Takes over a batch that is on disk, in journal order, and releases it; the record's body is only lent. */
  readonly onDurable: (batch: Batch, endLsn: number, record: IngestRecord) => void;
  readonly memory: BatchMemory;
  readonly meters: KeyMeters;
  /** Events that were refused, with their texts. */
  readonly onRefused: (events: readonly RefusedEvent[]) => void;
  readonly now: () => number;
  /** Unique text for a batch whose sender gave it no id. */
  readonly newId: () => string;
}

export interface IncomingBatch {
  readonly caller: Caller;
  /** The sender's; null when it gave none. */
  readonly batchId: string | null;
  readonly format: RecordFormat;
  /** The service of events that name none. */
  readonly defaultService?: string | undefined;
  readonly body: ReceivedBody;
}

const REFUSALS = ['disk_full', 'overloaded', 'storage_unavailable', 'shutting_down'] as const satisfies ProblemCode[];
type RefusalCode = (typeof REFUSALS)[number] | 'rate_limited';

export type IntakeOutcome =
  /** On disk, now or when the same batch came before. */
  | { readonly type: 'stored'; readonly batch: StoredBatch; readonly isRepeat: boolean }
  /** Not one event could be used; nothing was stored. */
  | { readonly type: 'unusable'; readonly rejected: number; readonly errors: readonly EventError[] }
  /** Not now; the same batch may be sent again. */
  | {
      readonly type: 'refused';
      readonly code: RefusalCode;
      readonly detail: string;
      readonly headers?: Readonly<Record<string, string>>;
    };

/**
 * From a body to its answer, whatever protocol it came by: known already? scan, journal, hand on, answer.
 * The one place that decides what a 202 means.
 */
export class Intake<Batch extends Scanned> {
  readonly counters = { batches: 0, repeated_batches: 0, unusable_events: 0 };
  readonly #deps: IntakeDeps<Batch>;

  constructor(deps: IntakeDeps<Batch>) {
    this.#deps = deps;
  }

  /** Whether a caller may send just now: for whoever would rather know before the body is read. */
  limitOf(caller: Caller): MeterVerdict {
    return this.#deps.meters.judge(caller, this.#deps.now());
  }

  /** Takes over the body. `answer` is called exactly once, perhaps before this returns. */
  accept(batch: IncomingBatch, answer: (outcome: IntakeOutcome) => void): void {
    const { memory, now } = this.#deps;
    const { tenant } = batch.caller;
    if (batch.batchId === null) {
      this.#store(batch, answer);
      return;
    }
    const { batchId } = batch;
    const recall = memory.recall(tenant, batchId, now());
    switch (recall.type) {
      case 'new':
        this.#store(batch, answer);
        return;
      case 'running':
        memory.whenSettled(tenant, batchId, () => this.accept(batch, answer));
        return;
      case 'stored':
        batch.body.release();
        this.counters.repeated_batches++;
        answer({ type: 'stored', batch: recall.batch, isRepeat: true });
    }
  }

  #store(incoming: IncomingBatch, answer: (outcome: IntakeOutcome) => void): void {
    const { scanner, journal, onDurable, memory, meters, now, newId } = this.#deps;
    const { caller, format, body } = incoming;
    const limit = this.limitOf(caller);
    if (limit.type === 'over') {
      const { detail, headers } = limit;
      body.release();
      answer({ type: 'refused', code: 'rate_limited', detail, headers });
      return;
    }
    const { tenant, keyId, pinnedService } = caller;
    const receivedAtMs = now();
    const service = incoming.defaultService === undefined ? {} : { defaultService: incoming.defaultService };
    const scanned = scanner.scan({ receivedAtMs, tenant, pinnedService, format, ...service }, body.bytes);
    const { accepted, rejected } = scanned;
    const errors = rejected > 0 ? [...scanned.errors] : [];
    if (rejected > 0) this.#refuse(incoming, receivedAtMs, errors);
    if (accepted === 0 && rejected > 0) {
      scanned.release();
      body.release();
      this.counters.unusable_events += rejected;
      answer({ type: 'unusable', rejected, errors });
      return;
    }
    const batchId = incoming.batchId ?? newId();
    const stored = { accepted, rejected, batchId, errors };
    if (accepted === 0) {
      scanned.release();
      body.release();
      answer({ type: 'stored', batch: stored, isRepeat: false });
      return;
    }

    const isNamed = incoming.batchId !== null;
    // Charged when it is taken, so that batches side by side cannot all slip through; given back if it is not stored.
    const bytes = body.bytes.length;
    meters.spend(caller, accepted, bytes, receivedAtMs);
    const refuse = (refusal: unknown): void => {
      meters.spend(caller, -accepted, -bytes, receivedAtMs);
      scanned.release();
      body.release();
      answer(refusedOutcome(refusal));
      if (isNamed) memory.fail(tenant, batchId);
    };
    const record = {
      receivedAtMs,
      tenant,
      keyId,
      pinnedService,
      batchId,
      format,
      accepted,
      rejected,
      body: body.bytes,
      ...service,
    };
    if (isNamed) memory.start(tenant, batchId, receivedAtMs);
    try {
      journal.append(
        record,
        scanned,
        (endLsn) => {
          onDurable(scanned, endLsn, record);
          body.release();
          this.counters.batches++;
          answer({ type: 'stored', batch: stored, isRepeat: false });
          if (isNamed) memory.store(tenant, stored, receivedAtMs);
        },
        refuse,
      );
    } catch (error) {
      refuse(error);
    }
  }

  #refuse({ caller, format, body }: IncomingBatch, atMs: number, errors: readonly EventError[]): void {
    const { tenant, keyId } = caller;
    const texts = refusedTexts(format, body.bytes, errors);
    const events = texts.map((event, at) => {
      const { code, detail } = errors[at];
      return { atMs, tenant, keyId, code, detail, event };
    });
    if (events.length > 0) this.#deps.onRefused(events);
  }
}

/** Anything that is not a refusal is a mistake of ours and goes on as one. */
function refusedOutcome(error: unknown): IntakeOutcome {
  if (error instanceof Error && 'code' in error) {
    const code = REFUSALS.find((known) => known === error.code);
    if (code !== undefined) return { type: 'refused', code, detail: error.message };
  }
  throw error;
}
