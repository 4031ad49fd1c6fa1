/**
 * Reading for whoever looks for something, on any thread: a view is plain data (send it to a worker), and the functions
 * here need nothing else. They see what was durable when the view was taken.
 */
import { join } from 'node:path';
import type { OpenedBlock } from './block-codec.ts';
import type { BlockHead } from './block-format.ts';
import { type JournalFiles, nodeJournalFiles } from './journal-files.ts';
import type { SealedSegment, Segment } from './segment.ts';
import { segmentName } from './segment-format.ts';
import { decodeIndex, indexName } from './segment-index.ts';
import { SegmentReader } from './segment-reader.ts';

/** Holds data keys: never write it anywhere. */
export interface JournalView {
  readonly dir: string;
  /** Oldest first. The last one may still be written to, and then has no summary. */
  readonly segments: readonly (SealedSegment | (Segment & { readonly summary?: undefined }))[];
}

export interface BlockWish {
  /** Event time, Unix ms, both included. */
  readonly fromMs: number;
  readonly toMs: number;
  /** `sourceHash` of each source that matters; null for all. */
  readonly sources: readonly number[] | null;
  /** Which end of the journal to begin at. */
  readonly order: 'oldest' | 'newest';
}

export interface FoundBlock {
  readonly segment: Segment;
  readonly head: BlockHead;
  /** Reads, checks, decrypts, decompresses; `decodeRecords` gives the records. Valid until the search goes on. */
  open(): Promise<OpenedBlock>;
}

/** Blocks that can hold events of the wish: those that surely hold none are passed over without being read. */
export async function* findBlocks(
  view: JournalView,
  wish: BlockWish,
  files: JournalFiles = nodeJournalFiles,
): AsyncGenerator<FoundBlock> {
  const wanted = wish.sources === null ? null : new Set(wish.sources);
  const segments = view.segments.filter(({ summary }) => summary === undefined || concerns(summary, wish, wanted));
  if (wish.order === 'newest') segments.reverse();
  for (const segment of segments) {
    const heads = (await headsOf(files, view.dir, segment)).filter((head) => concerns(head, wish, wanted));
    if (heads.length === 0) continue;
    if (wish.order === 'newest') heads.reverse();
    const fd = await openIfThere(files, join(view.dir, segmentName(segment.firstLsn)));
    if (fd === undefined) continue; // Retention has deleted it meanwhile.
    try {
      const reader = new SegmentReader(files, fd, segment);
      for (const head of heads) {
        const at = head.lsn - segment.firstLsn;
        yield {
          segment,
          head,
          open: async () => {
            await reader.step(at, segment.goodBytes);
            return reader.open(at, head);
          },
        };
      }
    } finally {
      await files.close(fd);
    }
  }
}

/** The blocks of a segment in order: from its index, or where there is none from the segment itself. */
export async function headsOf(
  files: JournalFiles,
  dir: string,
  segment: Segment & { readonly summary?: unknown },
): Promise<BlockHead[]> {
  const path = join(dir, segmentName(segment.firstLsn));
  if (segment.summary !== undefined) {
    const indexed = decodeIndex(await wholeFile(files, indexName(path)), segment.firstLsn);
    if (indexed !== undefined) return indexed;
  }
  const heads: BlockHead[] = [];
  const fd = await openIfThere(files, path);
  if (fd === undefined) return heads;
  try {
    const reader = new SegmentReader(files, fd, segment);
    for (let at = segment.headerBytes; ; ) {
      const step = await reader.step(at, segment.goodBytes);
      if (step.type === 'end') return heads;
      if (step.type === 'block') heads.push(step.head);
      at = step.next;
    }
  } finally {
    await files.close(fd);
  }
}

function concerns(
  { oldestEventMs, newestEventMs, sources }: Pick<BlockHead, 'oldestEventMs' | 'newestEventMs' | 'sources'>,
  { fromMs, toMs }: BlockWish,
  wanted: ReadonlySet<number> | null,
): boolean {
  if (newestEventMs < fromMs || oldestEventMs > toMs) return false;
  return wanted === null || sources === null || sources.some((hash) => wanted.has(hash));
}

async function openIfThere(files: JournalFiles, path: string): Promise<number | undefined> {
  try {
    return await files.open(path, 'read');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Empty where it is not there. */
async function wholeFile(files: JournalFiles, path: string): Promise<Buffer> {
  const fd = await openIfThere(files, path);
  if (fd === undefined) return Buffer.alloc(0);
  try {
    const bytes = Buffer.alloc((await files.stat(path)).bytes);
    let read = 0;
    while (read < bytes.length) {
      const count = await files.read(fd, bytes.subarray(read), bytes.length - read, read);
      if (count === 0) break;
      read += count;
    }
    return bytes.subarray(0, read);
  } finally {
    await files.close(fd);
  }
}
