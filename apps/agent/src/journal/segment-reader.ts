import { crc32 } from 'node:zlib';
import { BLOCK_HEADER_BYTES, BLOCK_MARKER, type BlockHeader, decodeBlockHeader } from './block-format.ts';
import type { JournalFiles } from './journal-files.ts';
import { judgeSegmentHeader, SEGMENT_HEADER_BYTES } from './segment-format.ts';

const WINDOW_BYTES = 1024 * 1024;

/** `at` and `next` are offsets in the file. */
export type SegmentStep =
  | { readonly type: 'block'; readonly at: number; readonly next: number; readonly header: BlockHeader }
  /** Nothing readable in [at, next); a valid block begins at `next`, or `next` is the limit. */
  | { readonly type: 'damaged'; readonly at: number; readonly next: number }
  | { readonly type: 'end' };

/** Walks the blocks of one segment file, and finds the next good one behind damage. */
export class SegmentReader {
  readonly #files: JournalFiles;
  readonly #fd: number;
  readonly #firstLsn: number;
  #window: Buffer = Buffer.allocUnsafeSlow(WINDOW_BYTES);
  #windowAt = 0;
  #windowBytes = 0;
  /** Nothing behind it is read: it may be half written and would stay in the window as it was. */
  #limit = SEGMENT_HEADER_BYTES;

  constructor(files: JournalFiles, fd: number, firstLsn: number) {
    this.#files = files;
    this.#fd = fd;
    this.#firstLsn = firstLsn;
  }

  async judgeHeader(): Promise<'ok' | 'damaged' | 'newer'> {
    return judgeSegmentHeader(await this.#bytes(0, SEGMENT_HEADER_BYTES), this.#firstLsn);
  }

  /**
   * The block at an offset, by its header.
   * @param limit what lies at and behind this offset does not count
   */
  async step(at: number, limit: number): Promise<SegmentStep> {
    this.#limit = limit;
    if (at >= limit) return { type: 'end' };
    const header = await this.#headerAt(at, limit);
    if (header !== undefined) {
      return { type: 'block', at, next: at + BLOCK_HEADER_BYTES + header.payloadBytes, header };
    }
    return { type: 'damaged', at, next: await this.#resync(at + 1, limit) };
  }

  /** The payload, valid until the next call; undefined when its checksum is wrong. */
  async payload(at: number, header: BlockHeader): Promise<Buffer | undefined> {
    const payload = await this.#bytes(at + BLOCK_HEADER_BYTES, header.payloadBytes);
    return payload.length === header.payloadBytes && crc32(payload) === header.payloadCrc ? payload : undefined;
  }

  async #headerAt(at: number, limit: number): Promise<BlockHeader | undefined> {
    if (at + BLOCK_HEADER_BYTES > limit) return undefined;
    const header = decodeBlockHeader(await this.#bytes(at, BLOCK_HEADER_BYTES), 0, this.#firstLsn + at);
    return header !== undefined && at + BLOCK_HEADER_BYTES + header.payloadBytes <= limit ? header : undefined;
  }

  async #resync(from: number, limit: number): Promise<number> {
    let at = from;
    while (at + BLOCK_HEADER_BYTES <= limit) {
      const bytes = await this.#bytes(at, Math.min(WINDOW_BYTES, limit - at));
      if (bytes.length < BLOCK_HEADER_BYTES) return limit;
      // Only what leaves room for a whole header; the rest is looked at again with the next window.
      const searched = bytes.length - BLOCK_HEADER_BYTES + 1;
      for (let found = 0; ; found++) {
        found = bytes.indexOf(BLOCK_MARKER, found);
        if (found < 0 || found >= searched) break;
        const header = decodeBlockHeader(bytes, found, this.#firstLsn + at + found);
        if (header !== undefined && at + found + BLOCK_HEADER_BYTES + header.payloadBytes <= limit) return at + found;
      }
      at += searched;
    }
    return limit;
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
