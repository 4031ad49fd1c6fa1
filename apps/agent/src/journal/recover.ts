import { join } from 'node:path';
import type { BlockHead } from './block-format.ts';
import type { JournalFiles } from './journal-files.ts';
import { JournalKeyError, type KeyRing } from './key-ring.ts';
import type { SealedSegment, Segment } from './segment.ts';
import { decodeHeader, firstLsnOf, SEGMENT_HEADER_BYTES, type SegmentHeader, segmentName } from './segment-format.ts';
import {
  decodeSummary,
  encodeIndex,
  indexName,
  MAX_SUMMARY_BYTES,
  type SegmentSummary,
  SummaryBuilder,
  unknownSummary,
} from './segment-index.ts';
import { SegmentReader } from './segment-reader.ts';
import { succeeds, writeFile } from './write-file.ts';

/** A stretch of the journal that could not be read. Everything before and after it could. */
export interface Corruption {
  readonly segment: string;
  readonly fromLsn: number;
  readonly toLsn: number;
  readonly reason: string;
}

export interface Recovered {
  readonly sealed: SealedSegment[];
  /** Position behind everything durable. */
  readonly endLsn: number;
  /** Bytes of a torn tail that were cut off: a write that nobody was told had succeeded. */
  readonly tornBytes: number;
  readonly corruptions: readonly Corruption[];
}

/** Positions of the segments in a folder, in order. */
export async function segmentsIn(files: JournalFiles, dir: string): Promise<number[]> {
  const firstLsns = (await files.list(dir)).map(firstLsnOf).filter((lsn) => lsn !== undefined);
  return firstLsns.toSorted((a, b) => a - b);
}

/**
 * Finds the segments of a folder; every one of them is finished from now on. Only the last one can have a torn tail, so
 * only that one is read, and only if it was not sealed: a start takes as long as one segment, however much the journal
 * holds. Damage inside a segment is found when it is read.
 *
 * Throws JournalKeyError when a segment's data key was wrapped by a key that is not in the ring.
 */
export async function recover(files: JournalFiles, dir: string, keys: KeyRing | undefined): Promise<Recovered> {
  await files.makeDir(dir);
  const firstLsns = await segmentsIn(files, dir);
  const sealed: SealedSegment[] = [];
  let endLsn = firstLsns.at(-1) ?? 0;
  let tornBytes = 0;
  const corruptions: Corruption[] = [];
  for (const [index, firstLsn] of firstLsns.entries()) {
    const nextLsn = firstLsns[index + 1];
    const found = await find(files, dir, firstLsn, keys);
    // What an abandoned segment still holds behind the start of its successor was never acknowledged.
    const bytes = Math.min(found.bytes, (nextLsn ?? Number.POSITIVE_INFINITY) - firstLsn);
    const isWhole = found.indexed !== undefined && found.indexed.segmentBytes === bytes;
    if (nextLsn !== undefined || isWhole) {
      const summary = found.indexed?.summary ?? unknownSummary(found.modifiedMs);
      sealed.push({ ...found.segment, goodBytes: bytes, summary });
      endLsn = firstLsn + bytes;
      continue;
    }
    const last = await readLast(files, dir, found.segment, found.bytes);
    tornBytes = found.bytes - last.goodBytes;
    corruptions.push(...last.corruptions);
    if (last.heads.length === 0) {
      // Made and never written to: the first new segment takes its place. Unless what was written cannot be read.
      if (last.corruptions.length > 0) endLsn = firstLsn + found.bytes;
      continue;
    }
    sealed.push(await seal(files, dir, found.segment, last));
    endLsn = firstLsn + last.goodBytes;
  }
  return { sealed, endLsn, tornBytes, corruptions };
}

interface Found {
  readonly segment: Omit<Segment, 'goodBytes'>;
  readonly bytes: number;
  readonly modifiedMs: number;
  readonly indexed: { readonly summary: SegmentSummary; readonly segmentBytes: number } | undefined;
}

async function find(files: JournalFiles, dir: string, firstLsn: number, keys: KeyRing | undefined): Promise<Found> {
  const path = join(dir, segmentName(firstLsn));
  const { bytes, modifiedMs } = await files.stat(path);
  const header = decodeHeader(await firstBytesOf(files, path, SEGMENT_HEADER_BYTES), firstLsn);
  if (header.type === 'newer') {
    throw new Error(`${path} was written by a newer version of SentinelLog; start that version, or move the file away`);
  }
  const { headerBytes } = header;
  const segment = { firstLsn, headerBytes, dataKey: dataKeyOf(header, keys, path) };
  const index = await firstBytesOf(files, indexName(path), MAX_SUMMARY_BYTES);
  return { segment, bytes, modifiedMs, indexed: decodeSummary(index, firstLsn) };
}

export function dataKeyOf(header: SegmentHeader, keys: KeyRing | undefined, path: string): Uint8Array | undefined {
  if (header.type !== 'encrypted') return undefined;
  const key = keys?.find(({ id }) => id === header.keyId);
  if (key === undefined) {
    const given = keys === undefined ? 'there is no key' : `the keys given are ${keys.map(({ id }) => id).join(', ')}`;
    throw new JournalKeyError(
      `${path} is encrypted with journal key ${header.keyId} and ${given}; give that key as well (journal.keyFile, ` +
        'SENTINELLOG_JOURNAL_KEY or journal.vault), after the current one',
    );
  }
  const dataKey = header.unwrap(key);
  if (dataKey !== undefined) return dataKey;
  throw new JournalKeyError(`the data key of ${path} does not open with journal key ${key.id}: the header was changed`);
}

/** Fewer where the file is shorter, none where it is not there. */
export async function firstBytesOf(files: JournalFiles, path: string, length: number): Promise<Buffer> {
  let fd: number;
  try {
    fd = await files.open(path, 'read');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
  try {
    const bytes = Buffer.alloc(length);
    let read = 0;
    while (read < length) {
      const count = await files.read(fd, bytes.subarray(read), length - read, read);
      if (count === 0) break;
      read += count;
    }
    return bytes.subarray(0, read);
  } finally {
    await files.close(fd);
  }
}

interface LastSegment {
  readonly goodBytes: number;
  readonly heads: readonly { readonly head: BlockHead; readonly at: number }[];
  readonly corruptions: readonly Corruption[];
}

/**
 * Past the last block that can be read; damage before a good block stays where it is, for `read` to report. A tail that
 * was torn off ends in the middle of a block; one that is complete and wrong is damage, and may have been acknowledged:
 * it is kept aside.
 */
async function readLast(
  files: JournalFiles,
  dir: string,
  segment: Omit<Segment, 'goodBytes'>,
  bytes: number,
): Promise<LastSegment> {
  const { firstLsn } = segment;
  const path = join(dir, segmentName(firstLsn));
  const fd = await files.open(path, 'append');
  try {
    const reader = new SegmentReader(files, fd, segment);
    const heads: { head: BlockHead; at: number }[] = [];
    let goodBytes = segment.headerBytes;
    let damage: { at: number; next: number; reason: string } | undefined;
    let at = segment.headerBytes;
    for (;;) {
      const step = await reader.step(at, bytes);
      if (step.type === 'end') break;
      if (step.type === 'block') {
        const opened = await reader.open(step.at, step.head);
        if (opened.type === 'ok') {
          heads.push({ head: step.head, at: step.at });
          goodBytes = step.next;
          damage = undefined;
        } else damage ??= { at: step.at, next: step.next, reason: opened.reason };
      }
      at = step.next;
    }
    const corruptions: Corruption[] = [];
    if (damage !== undefined) {
      const [fromLsn, toLsn] = [firstLsn + damage.at, firstLsn + bytes];
      corruptions.push({ segment: segmentName(firstLsn), fromLsn, toLsn, reason: damage.reason });
      const aside = `${path}.corrupt`;
      if (heads.length === 0) await files.rename(path, aside);
      // A disk without room for the copy must not stop the agent from starting.
      else await succeeds(copyAside(files, fd, aside, goodBytes, bytes));
    }
    if (goodBytes < bytes && heads.length > 0) {
      await files.truncate(fd, goodBytes);
      await files.sync(fd);
    }
    return { goodBytes, heads, corruptions };
  } finally {
    await files.close(fd);
  }
}

async function copyAside(files: JournalFiles, fd: number, path: string, from: number, to: number): Promise<void> {
  const tail = Buffer.alloc(to - from);
  const count = await files.read(fd, tail, tail.length, from);
  await writeFile(files, path, [tail.subarray(0, count)]);
}

/** The index that the crash did not let the writer write. */
async function seal(
  files: JournalFiles,
  dir: string,
  segment: Omit<Segment, 'goodBytes'>,
  { goodBytes, heads }: LastSegment,
): Promise<SealedSegment> {
  const builder = new SummaryBuilder();
  for (const { head } of heads) builder.add(head);
  const summary = builder.summary();
  const path = join(dir, segmentName(segment.firstLsn));
  const fd = await files.open(path, 'read');
  try {
    const copies: Buffer[] = [];
    for (const { head, at } of heads) {
      const copy = Buffer.alloc(head.headBytes);
      await files.read(fd, copy, copy.length, at);
      copies.push(copy);
    }
    await succeeds(writeFile(files, indexName(path), encodeIndex(segment.firstLsn, goodBytes, summary, copies)));
  } finally {
    await files.close(fd);
  }
  return { ...segment, goodBytes, summary };
}
