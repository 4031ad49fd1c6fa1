import type { IngestRecord } from '../pipeline/ingest-record.ts';
import type { ScannedBatch } from './scanned-batch.ts';
import type { Tally } from './tally.ts';

/** What a replay reads: the journal. */
export interface ReplaySource {
  /** Position behind the last durable record. */
  readonly end: number;
  /** Records behind a position, up to the end as it is at each step. */
  read(fromLsn: number): AsyncIterable<{ readonly record: IngestRecord; readonly endLsn: number }>;
}

/**
 * Brings the tally up to the journal after a start, while new records already arrive. As long as it is behind, what
 * becomes durable is dropped here and read back from the journal in its turn; once nothing is left to read, records go
 * straight to the tally. The switch is one synchronous step, so no record is applied twice or not at all.
 */
export class Replay {
  readonly #tally: Tally;
  readonly #journal: ReplaySource;
  #hasCaughtUp = false;

  constructor(tally: Tally, journal: ReplaySource) {
    this.#tally = tally;
    this.#journal = journal;
  }

  /** False while old records are being read: the clock must not close seconds that they may still fill. */
  get hasCaughtUp(): boolean {
    return this.#hasCaughtUp;
  }

  /** Bytes of journal that are not applied yet. */
  get pendingBytes(): number {
    return this.#hasCaughtUp ? 0 : this.#journal.end - this.#tally.lsn;
  }

  /** A record has become durable, in journal order. Takes over the batch. */
  durable(batch: ScannedBatch, endLsn: number): void {
    if (this.#hasCaughtUp) this.#tally.apply(batch, endLsn);
    else batch.release();
  }

  /** Reads from the tally's position until it has caught up, or until `signal` stops it. */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      const end = this.#journal.end;
      for await (const { record, endLsn } of this.#journal.read(this.#tally.lsn)) {
        if (signal.aborted) return;
        this.#tally.apply(this.#tally.scan(record, record.body), endLsn);
      }
      if (signal.aborted) return;
      // Everything up to `end` has been read. If that is still the end, nothing is missing and nothing is under way.
      if (this.#journal.end === end) {
        this.#hasCaughtUp = true;
        return;
      }
    }
  }
}
