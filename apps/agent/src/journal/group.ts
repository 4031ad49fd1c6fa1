import type { IngestRecord } from '../pipeline/ingest-record.ts';
import type { RecordContents } from '../pipeline/record-contents.ts';
import type { BlockFacts } from './block-codec.ts';
import { MAX_BLOCK_SOURCES } from './block-format.ts';
import type { JournalRefusal } from './journal-refusal.ts';
import { encodeRecordHead, headRoomOf } from './record-format.ts';

/** Large enough that zstd has something to find, small enough that a search which wants one line opens little else. */
const MAX_BLOCK_BYTES = 1024 * 1024;
/** A group takes no more than this unless one record is larger: bounds memory, and the time to the answer. */
export const GROUP_BYTES = 2 * 1024 * 1024;

export interface Waiter {
  readonly onDurable: (endLsn: number) => void;
  readonly onFailed: (refusal: JournalRefusal) => void;
}

export interface BlockPlan extends BlockFacts {
  /** Place of its records in the group's memory. */
  readonly from: number;
  readonly to: number;
}

/** Bytes that a record may take in a group. */
export function roomFor(record: IngestRecord): number {
  return headRoomOf(record) + record.body.length;
}

/**
 * Records that will be written and flushed together, laid out one behind the other in memory that is handed over to
 * the writer as a whole. Here a body is copied, once; from then on nobody needs the original.
 */
export class Group {
  readonly memory: SharedArrayBuffer;
  readonly waiters: Waiter[] = [];
  readonly #view: Buffer;
  readonly #blocks: OpenBlock[] = [];
  #bytes = 0;
  #end = 0;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#view = Buffer.from(memory);
  }

  /** Taken up by records, with the room that their heads did not need. */
  get bytes(): number {
    return this.#bytes;
  }

  get blocks(): readonly BlockPlan[] {
    return this.#blocks.map((block) => block.plan());
  }

  fits(bytes: number): boolean {
    return this.#end + bytes <= this.#view.length;
  }

  add(record: IngestRecord, contents: RecordContents, waiter: Waiter): void {
    const from = this.#end;
    const bodyAt = encodeRecordHead(record, this.#view, from);
    this.#view.set(record.body, bodyAt);
    this.#end = bodyAt + record.body.length;
    let block = this.#blocks.at(-1);
    if (block === undefined || this.#end - block.from > MAX_BLOCK_BYTES) {
      block = new OpenBlock(from);
      this.#blocks.push(block);
    }
    block.add(record, contents, this.#end);
    this.#bytes += roomFor(record);
    this.waiters.push(waiter);
  }
}

class OpenBlock {
  readonly from: number;
  #to = 0;
  #records = 0;
  #newestReceivedAtMs = 0;
  #oldestMs = Number.POSITIVE_INFINITY;
  #newestMs = Number.NEGATIVE_INFINITY;
  readonly #sources = new Set<number>();

  constructor(from: number) {
    this.from = from;
  }

  add(record: IngestRecord, contents: RecordContents, to: number): void {
    this.#to = to;
    this.#records++;
    this.#newestReceivedAtMs = Math.max(this.#newestReceivedAtMs, record.receivedAtMs);
    this.#oldestMs = Math.min(this.#oldestMs, contents.oldestMs);
    this.#newestMs = Math.max(this.#newestMs, contents.newestMs);
    if (this.#sources.size <= MAX_BLOCK_SOURCES) for (const hash of contents.sourceHashes) this.#sources.add(hash);
  }

  plan(): BlockPlan {
    return {
      from: this.from,
      to: this.#to,
      records: this.#records,
      newestReceivedAtMs: this.#newestReceivedAtMs,
      oldestEventMs: this.#oldestMs,
      newestEventMs: this.#newestMs,
      sources: this.#sources.size > MAX_BLOCK_SOURCES ? null : [...this.#sources],
    };
  }
}
