import type { FileHandle } from 'node:fs/promises';
import { stat } from 'node:fs/promises';
import type { TextReading } from '../pipeline/text-reading.ts';
import type { Delivery, Delivered } from './deliver.ts';
import { EventBoundaries } from './event-boundary.ts';
import { HEAD_BYTES, hashOf, headOf } from './file-head.ts';
import type { KnownFile, PositionBook } from './position-book.ts';
import { TRUNCATED_MARK } from './syslog-stream.ts';

const FIRST_CHUNK_BYTES = 64 * 1024;
const MAX_CHUNK_BYTES = 1024 * 1024;
/** Of a line that is longer than a chunk, so much is kept. */
const LONG_LINE_BYTES = 128 * 1024;
const POLL_MS = 250;
/** The last event of a file may still grow by a stack trace; a second of silence ends it. */
const EVENT_OVER_MS = 1000;
/** A writer that has not noticed the rotation goes on writing into the old file for a while. */
const GONE_AFTER_MS = 5000;
const LF = 0x0a;

export interface FollowerDeps {
  readonly book: PositionBook;
  readonly now: () => number;
  readonly head: (nowMs: number) => Buffer;
  readonly reading: Pick<TextReading, 'parser' | 'join'>;
  readonly service: string;
  readonly deliver: (delivery: Delivery) => Promise<Delivered>;
  readonly sleep: (ms: number) => Promise<void>;
  readonly stopping: AbortSignal;
  readonly count: (reason: string) => void;
}

/** `over`: read to its end and gone. `truncated`: it begins anew. `stopped`: the rest is for the next start. */
export type FollowEnd = 'over' | 'truncated' | 'stopped';

/** Reads one file as it grows, from its position to its end, across its renaming, one batch at a time. */
export class FileFollower {
  readonly file: KnownFile;
  /** Where the file was seen last; set anew when it is renamed. */
  path: string;
  readonly #handle: FileHandle;
  readonly #deps: FollowerDeps;
  readonly #boundaries: EventBoundaries;
  #chunk = Buffer.allocUnsafeSlow(FIRST_CHUNK_BYTES);
  #lastGrowthMs: number;

  constructor(file: KnownFile, handle: FileHandle, deps: FollowerDeps) {
    this.file = file;
    this.path = file.path;
    this.#handle = handle;
    this.#deps = deps;
    this.#boundaries = new EventBoundaries(deps.reading);
    this.#lastGrowthMs = deps.now();
  }

  async follow(): Promise<FollowEnd> {
    const { stopping, sleep, now } = this.#deps;
    let seenBytes = 0;
    while (!stopping.aborted) {
      const { size } = await this.#handle.stat();
      if (size < this.file.position) return 'truncated';
      const { bytesRead } = await this.#handle.read(this.#chunk, 0, this.#chunk.length, this.file.position);
      const bytes = this.#chunk.subarray(0, bytesRead);
      if (bytesRead !== seenBytes) this.#lastGrowthMs = now();
      seenBytes = bytesRead;
      const quietMs = now() - this.#lastGrowthMs;
      const isFull = bytesRead === this.#chunk.length;
      const { certain, line } = this.#boundaries.of(bytes);
      const isGone = quietMs >= GONE_AFTER_MS && (await this.#isGone());
      const end = isGone ? bytesRead : quietMs >= EVENT_OVER_MS || (isFull && certain === 0) ? line : certain;
      if (end > 0) {
        if (!(await this.#store(bytes.subarray(0, end), this.file.position + end))) return 'stopped';
        seenBytes = 0;
      } else if (isFull && this.#chunk.length < MAX_CHUNK_BYTES) {
        this.#chunk = Buffer.allocUnsafeSlow(this.#chunk.length * 4);
        seenBytes = 0;
        continue;
      } else if (isFull) {
        if (!(await this.#storeLongLine(bytes))) return 'stopped';
        seenBytes = 0;
      } else if (isGone) return 'over';
      if (!isFull) await sleep(POLL_MS);
    }
    return 'stopped';
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  async #isGone(): Promise<boolean> {
    try {
      const { dev, ino } = await stat(this.path, { bigint: true });
      return String(dev) !== this.file.device || String(ino) !== this.file.inode;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return true;
      throw error;
    }
  }

  /** The beginning of a line that fits into no batch, with a mark; its rest is passed over in the same step. */
  async #storeLongLine(bytes: Buffer): Promise<boolean> {
    let end = this.file.position + bytes.length;
    const ahead = Buffer.allocUnsafe(FIRST_CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await this.#handle.read(ahead, 0, ahead.length, end);
      const newline = ahead.subarray(0, bytesRead).indexOf(LF);
      end += newline < 0 ? bytesRead : newline + 1;
      if (newline >= 0) break;
      if (bytesRead > 0) continue;
      if (this.#deps.stopping.aborted) return false;
      if (this.#deps.now() - this.#lastGrowthMs > GONE_AFTER_MS) break;
      await this.#deps.sleep(POLL_MS);
    }
    this.#deps.count('line_truncated');
    const start = Buffer.from(bytes.subarray(0, LONG_LINE_BYTES));
    return this.#store(Buffer.concat([start, Buffer.from(`${TRUNCATED_MARK}\n`)]), end);
  }

  /** False when it could not be stored before the stop. */
  async #store(bytes: Buffer, end: number): Promise<boolean> {
    const { book, head, now, deliver, service } = this.#deps;
    const nowMs = now();
    const settle = book.begin(this.file, nowMs);
    const delivered = await deliver({
      protocol: 'files',
      remote: this.path,
      key: undefined,
      batchId: book.batchId(this.file, end),
      format: 'text',
      defaultService: service,
      bytes: Buffer.concat([head(nowMs), bytes]),
    });
    if (delivered === 'refused_key' || delivered === 'given_up') {
      settle();
      return false;
    }
    settle(end);
    if (this.file.headBytes < HEAD_BYTES) {
      const longer = await headOf(this.#handle, Math.min(HEAD_BYTES, end));
      book.identify(this.file, longer.length, hashOf(longer));
    }
    return true;
  }
}
