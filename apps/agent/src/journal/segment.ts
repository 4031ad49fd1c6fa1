import { join } from 'node:path';
import type { JournalFiles } from './journal-files.ts';
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES, segmentName } from './segment-format.ts';

/** What the journal knows of a segment that it no longer writes to. Bytes behind `goodBytes` do not count. */
export interface SealedSegment {
  readonly firstLsn: number;
  readonly goodBytes: number;
  /** When it was last written to, for retention. */
  readonly newestMs: number;
}

/** The segment that is being written. */
export class ActiveSegment {
  readonly firstLsn: number;
  readonly #files: JournalFiles;
  readonly #fd: number;
  #goodBytes: number;

  constructor(files: JournalFiles, fd: number, firstLsn: number, goodBytes: number) {
    this.#files = files;
    this.#fd = fd;
    this.firstLsn = firstLsn;
    this.#goodBytes = goodBytes;
  }

  /** A new file, its name flushed before anything in it can be acknowledged. Empties one that an earlier failure left. */
  static async create(files: JournalFiles, dir: string, firstLsn: number): Promise<ActiveSegment> {
    const path = join(dir, segmentName(firstLsn));
    const fd = await files.open(path, 'create');
    try {
      await writeAll(files, fd, [encodeSegmentHeader(firstLsn)], 0);
      await files.sync(fd);
      await files.syncDir(dir);
    } catch (error) {
      await files.close(fd);
      await files.remove(path);
      throw error;
    }
    return new ActiveSegment(files, fd, firstLsn, SEGMENT_HEADER_BYTES);
  }

  /** Everything before this offset is on disk, flushed. */
  get goodBytes(): number {
    return this.#goodBytes;
  }

  get endLsn(): number {
    return this.firstLsn + this.#goodBytes;
  }

  /** Writes behind the good bytes; they count only after `sync`. */
  write(buffers: readonly Uint8Array[]): Promise<void> {
    return writeAll(this.#files, this.#fd, buffers, this.#goodBytes);
  }

  /** @param bytes how many of those written are now good */
  async sync(bytes: number): Promise<void> {
    await this.#files.sync(this.#fd);
    this.#goodBytes += bytes;
  }

  /** Takes away what a failed write left behind the good bytes. */
  rollBack(): Promise<void> {
    return this.#files.truncate(this.#fd, this.#goodBytes);
  }

  close(): Promise<void> {
    return this.#files.close(this.#fd);
  }
}

/** A disk that fills up first writes short without an error; only the next call fails. */
async function writeAll(
  files: JournalFiles,
  fd: number,
  buffers: readonly Uint8Array[],
  position: number,
): Promise<void> {
  let rest = buffers;
  let at = position;
  while (rest.length > 0) {
    const written = await files.writev(fd, rest, at);
    at += written;
    rest = withoutFirst(rest, written);
  }
}

function withoutFirst(buffers: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let skip = bytes;
  for (const [index, buffer] of buffers.entries()) {
    if (skip < buffer.length) return [buffer.subarray(skip), ...buffers.slice(index + 1)];
    skip -= buffer.length;
  }
  return [];
}
