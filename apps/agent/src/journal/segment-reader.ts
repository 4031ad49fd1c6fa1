import { openBlock, type OpenedBlock } from './block-codec.ts';
import { BLOCK_MARKER, type BlockHead, decodeHead, MAX_HEAD_BYTES, MIN_HEAD_BYTES } from './block-format.ts';
import type { JournalFiles } from './journal-files.ts';
import { giveBack } from '../pipeline/give-back.ts';
import type { Segment } from './segment.ts';

const WINDOW_BYTES = 1024 * 1024;

/** `at` and `next` are offsets in the file. */
export type SegmentStep =
  | { readonly type: 'block'; readonly at: number; readonly next: number; readonly head: BlockHead }
  /** Nothing readable in [at, next); a valid block begins at `next`, or `next` is the limit. */
  | { readonly type: 'damaged'; readonly at: number; readonly next: number }
  | { readonly type: 'end' };

/** Walks the blocks of one segment file, and finds the next good one behind damage. */
export class SegmentReader {
  readonly #files: JournalFiles;
  readonly #fd: number;
  readonly #segment: Pick<Segment, 'firstLsn' | 'dataKey'>;
  #window: Buffer = Buffer.allocUnsafeSlow(WINDOW_BYTES);
  #windowAt = 0;
  #windowBytes = 0;
  /** Nothing behind it is read: it may be half written and would stay in the window as it was. */
  #limit = 0;
  #opened: Buffer | undefined;

  constructor(files: JournalFiles, fd: number, segment: Pick<Segment, 'firstLsn' | 'dataKey'>) {
    this.#files = files;
    this.#fd = fd;
    this.#segment = segment;
  }

  /**
   * The block at an offset, by its head.
   * @param limit what lies at and behind this offset does not count
   */
  async step(at: number, limit: number): Promise<SegmentStep> {
    this.#limit = limit;
    if (at >= limit) return { type: 'end' };
    const head = await this.#headAt(at, limit);
    if (head !== undefined) return { type: 'block', at, next: at + head.headBytes + head.payloadBytes, head };
    return { type: 'damaged', at, next: await this.#resync(at + 1, limit) };
  }

  /** What a block holds, or what is wrong with it. Its memory is taken again with the next call. */
  async open(at: number, head: BlockHead): Promise<OpenedBlock> {
    const bytes = await this.#bytes(at, head.headBytes + head.payloadBytes);
    if (this.#opened !== undefined) giveBack(this.#opened);
    const opened = openBlock(head, bytes, this.#segment.dataKey);
    this.#opened = opened.type === 'ok' ? opened.raw : undefined;
    return opened;
  }

  async #headAt(at: number, limit: number): Promise<BlockHead | undefined> {
    const bytes = await this.#bytes(at, Math.min(MAX_HEAD_BYTES, limit - at));
    return this.#fitting(bytes, 0, at, limit);
  }

  async #resync(from: number, limit: number): Promise<number> {
    let at = from;
    while (at + MIN_HEAD_BYTES <= limit) {
      const bytes = await this.#bytes(at, Math.min(WINDOW_BYTES, limit - at));
      // Only what leaves room for a whole head; the rest is looked at again with the next window.
      const isLast = at + bytes.length >= limit || bytes.length < WINDOW_BYTES;
      const searched = isLast ? bytes.length : bytes.length - MAX_HEAD_BYTES + 1;
      for (let found = 0; ; found++) {
        found = bytes.indexOf(BLOCK_MARKER, found);
        if (found < 0 || found >= searched) break;
        if (this.#fitting(bytes, found, at + found, limit) !== undefined) return at + found;
      }
      if (isLast) return limit;
      at += searched;
    }
    return limit;
  }

  /** The head at `offset` of `bytes`, which is `at` of the file, if its block ends before the limit. */
  #fitting(bytes: Buffer, offset: number, at: number, limit: number): BlockHead | undefined {
    const head = decodeHead(bytes, offset, this.#segment.firstLsn + at);
    return head !== undefined && at + head.headBytes + head.payloadBytes <= limit ? head : undefined;
  }

  /** Up to `length` bytes from an offset; fewer only at the end of the file. A view, valid until the next call. */
  async #bytes(at: number, length: number): Promise<Buffer> {
    if (at < this.#windowAt || at + length > this.#windowAt + this.#windowBytes) await this.#load(at, length);
    const from = at - this.#windowAt;
    return this.#window.subarray(from, Math.min(from + length, this.#windowBytes));
  }

  async #load(at: number, length: number): Promise<void> {
    if (length > this.#window.length) this.#window = Buffer.allocUnsafeSlow(length);
    this.#windowAt = at;
    this.#windowBytes = 0;
    while (this.#windowBytes < length) {
      const readable = Math.min(this.#window.length, this.#limit - at);
      const free = this.#window.subarray(this.#windowBytes, readable);
      const count = await this.#files.read(this.#fd, free, free.length, at + this.#windowBytes);
      if (count === 0) return;
      this.#windowBytes += count;
    }
  }
}
