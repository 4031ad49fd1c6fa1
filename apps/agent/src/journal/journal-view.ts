/**
 * Reading for whoever looks for something, on any thread: a view is plain data (send it to a worker), and the functions
 * here need nothing else. They see what was durable when the view was taken.
 */
import { join } from 'node:path';
import type { IngestRecord } from '../pipeline/ingest-record.ts';
import type { OpenedBlock } from './block-codec.ts';
import type { BlockHead } from './block-format.ts';
import { type JournalFiles, nodeJournalFiles } from './journal-files.ts';
import { decodeRecords } from './record-format.ts';
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

export interface EventSpan {
  readonly oldestMs: number;
  readonly newestMs: number;
}

const NO_EVENTS: EventSpan = { oldestMs: Number.POSITIVE_INFINITY, newestMs: Number.NEGATIVE_INFINITY };

export interface FoundBlock {
  readonly segment: Segment;
  readonly head: BlockHead;
  /** Event times, Unix ms, that blocks behind this one may still hold: what lies outside can be given away in order. */
  readonly rest: EventSpan;
  /** Share of the journal's bytes that has been gone through with this block, 0 to 1. */
  readonly fraction: number;
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
  const totalBytes = segments.reduce((sum, { goodBytes }) => sum + goodBytes, 0);
  // Of a segment that is still written to, or whose index is lost, only the blocks themselves can tell.
  const unknown = new Map<number, readonly BlockHead[]>();
  for (const segment of segments) {
    if (Number.isFinite(segment.summary?.newestEventMs ?? Number.NaN)) continue;
    unknown.set(
      segment.firstLsn,
      (await headsOf(files, view.dir, segment)).filter((one) => concerns(one, wish, wanted)),
    );
  }
  const behind = restOf(segments.map((segment) => spanOf(unknown.get(segment.firstLsn) ?? [segment.summary])));
  let passedBytes = 0;
  for (const [number, segment] of segments.entries()) {
    const before = passedBytes;
    passedBytes += segment.goodBytes;
    const known = unknown.get(segment.firstLsn);
    const heads =
      known?.slice() ?? (await headsOf(files, view.dir, segment)).filter((one) => concerns(one, wish, wanted));
    if (heads.length === 0) continue;
    if (wish.order === 'newest') heads.reverse();
    const behindBlock = restOf(heads.map((head) => spanOf([head])));
    const fd = await openIfThere(files, join(view.dir, segmentName(segment.firstLsn)));
    if (fd === undefined) continue; // Retention has deleted it meanwhile.
    try {
      const reader = new SegmentReader(files, fd, segment);
      for (const [place, head] of heads.entries()) {
        const at = head.lsn - segment.firstLsn;
        const passed = wish.order === 'newest' ? segment.goodBytes - at : at + head.headBytes + head.payloadBytes;
        yield {
          segment,
          head,
          rest: joined(behindBlock[place], behind[number]),
          fraction: (before + passed) / totalBytes,
          open: async () => {
            // Against the order of the file what lies behind the block is of no use: read ahead only along it.
            const end = at + head.headBytes + head.payloadBytes;
            await reader.step(at, wish.order === 'newest' ? end : segment.goodBytes);
            return reader.open(at, head);
          },
        };
      }
    } finally {
      await files.close(fd);
    }
  }
}

/** The records of those blocks, also those that are of other times and sources. What is damaged is passed over. */
export async function* recordsWithin(
  view: JournalView,
  wish: BlockWish,
  files: JournalFiles = nodeJournalFiles,
): AsyncGenerator<{ readonly record: IngestRecord }> {
  for await (const block of findBlocks(view, wish, files)) {
    const opened = await block.open();
    if (opened.type === 'ok') for (const record of decodeRecords(opened.raw)) yield { record };
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

type TimedPart = Pick<BlockHead, 'oldestEventMs' | 'newestEventMs'> | undefined;

/** Of a part without times: anything. */
function spanOf(parts: readonly TimedPart[]): EventSpan {
  return parts
    .map((part) => ({
      oldestMs: part?.oldestEventMs ?? Number.NEGATIVE_INFINITY,
      newestMs: part?.newestEventMs ?? Number.POSITIVE_INFINITY,
    }))
    .reduce(joined, NO_EVENTS);
}

/** For each place, what all places behind it span. */
function restOf(spans: readonly EventSpan[]): EventSpan[] {
  const rest: EventSpan[] = [];
  let span = NO_EVENTS;
  for (let place = spans.length - 1; place >= 0; place--) {
    rest[place] = span;
    span = joined(span, spans[place]);
  }
  return rest;
}

function joined(a: EventSpan, b: EventSpan): EventSpan {
  return { oldestMs: Math.min(a.oldestMs, b.oldestMs), newestMs: Math.max(a.newestMs, b.newestMs) };
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
