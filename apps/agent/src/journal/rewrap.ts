import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type JournalFiles, nodeJournalFiles } from './journal-files.ts';
import type { KeyRing } from './key-ring.ts';
import { dataKeyOf, firstBytesOf, segmentsIn } from './recover.ts';
import {
  decodeHeader,
  encodeHeader,
  headerCopies,
  isHeaderWhole,
  SEGMENT_HEADER_BYTES,
  segmentName,
} from './segment-format.ts';

export interface Rewrapped {
  /** Segments whose data key is now wrapped by the current key. */
  readonly rewrapped: number;
  /** Those that were already: a run that was interrupted goes on where it stopped. */
  readonly alreadyCurrent: number;
}

/**
 * Wraps every data key anew with the ring's current key. Log text is neither read nor written. The header lies in the
 * file twice and the copies are replaced one after the other, each flushed, so that a crash in between leaves one that
 * is whole. An agent may run meanwhile: it holds its data keys in memory and writes only behind the header.
 */
export async function rewrapDataKeys(
  dir: string,
  keys: KeyRing,
  files: JournalFiles = nodeJournalFiles,
): Promise<Rewrapped> {
  const [current] = keys;
  let rewrapped = 0;
  let alreadyCurrent = 0;
  for (const firstLsn of await segmentsIn(files, dir)) {
    const path = join(dir, segmentName(firstLsn));
    const old = await firstBytesOf(files, path, SEGMENT_HEADER_BYTES);
    const header = decodeHeader(old, firstLsn);
    if (header.type !== 'encrypted') continue;
    if (header.keyId === current.id && isHeaderWhole(old)) {
      alreadyCurrent++;
      continue;
    }
    const fresh = encodeHeader(firstLsn, current, dataKeyOf(header, keys, path), randomBytes);
    const fd = await files.open(path, 'append');
    try {
      for (const { at, copy } of headerCopies(fresh)) {
        await files.writev(fd, [copy], at);
        await files.sync(fd);
      }
    } finally {
      await files.close(fd);
    }
    rewrapped++;
  }
  return { rewrapped, alreadyCurrent };
}
