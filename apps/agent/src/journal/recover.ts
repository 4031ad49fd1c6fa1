import { join } from 'node:path';
import type { JournalFiles } from './journal-files.ts';
import type { SealedSegment } from './segment.ts';
import { ActiveSegment } from './segment.ts';
import { firstLsnOf, SEGMENT_HEADER_BYTES, segmentName } from './segment-format.ts';
import { SegmentReader } from './segment-reader.ts';

export interface Recovered {
  readonly sealed: SealedSegment[];
  readonly active: ActiveSegment;
  /** Bytes of a torn tail that were cut off: a write that nobody was told had succeeded. */
  readonly tornBytes: number;
}

/**
 * Finds the segments of a folder. Only the last one can have a torn tail, so only that one is read: a start takes as
 * long as one segment, however much the journal holds. Damage inside a segment is found when it is read.
 */
export async function recover(files: JournalFiles, dir: string): Promise<Recovered> {
  await files.makeDir(dir);
  const firstLsns = (await files.list(dir)).map(firstLsnOf).filter((lsn) => lsn !== undefined);
  firstLsns.sort((a, b) => a - b);
  const sealed: SealedSegment[] = [];
  for (const [index, firstLsn] of firstLsns.slice(0, -1).entries()) {
    const { bytes, modifiedMs } = await files.stat(join(dir, segmentName(firstLsn)));
    // What an abandoned segment still holds behind the start of its successor was never acknowledged.
    sealed.push({ firstLsn, goodBytes: Math.min(bytes, firstLsns[index + 1] - firstLsn), newestMs: modifiedMs });
  }
  const last = firstLsns.at(-1);
  if (last === undefined) return { sealed, active: await ActiveSegment.create(files, dir, 0), tornBytes: 0 };

  const path = join(dir, segmentName(last));
  const { bytes } = await files.stat(path);
  const fd = await files.open(path, 'append');
  const goodBytes = await lastGoodByte(files, fd, path, last, bytes);
  if (goodBytes < SEGMENT_HEADER_BYTES) {
    // The crash came while the file was being made.
    await files.close(fd);
    return { sealed, active: await ActiveSegment.create(files, dir, last), tornBytes: bytes };
  }
  if (goodBytes < bytes) {
    await files.truncate(fd, goodBytes);
    await files.sync(fd);
  }
  return { sealed, active: new ActiveSegment(files, fd, last, goodBytes), tornBytes: bytes - goodBytes };
}

/** Past the last block whose checksum is right; damage before a good block stays where it is, for `read` to report. */
async function lastGoodByte(
  files: JournalFiles,
  fd: number,
  path: string,
  firstLsn: number,
  bytes: number,
): Promise<number> {
  const reader = new SegmentReader(files, fd, firstLsn);
  const header = await reader.judgeHeader();
  if (header === 'newer') {
    await files.close(fd);
    throw new Error(`${path} was written by a newer version of SentinelLog; start that version, or move the file away`);
  }
  let good = header === 'ok' ? SEGMENT_HEADER_BYTES : 0;
  let at = SEGMENT_HEADER_BYTES;
  for (;;) {
    const step = await reader.step(at, bytes);
    if (step.type === 'end') return good;
    if (step.type === 'block' && (await reader.payload(step.at, step.header)) !== undefined) good = step.next;
    at = step.next;
  }
}
