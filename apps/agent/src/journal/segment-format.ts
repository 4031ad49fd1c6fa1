/**
 * A segment is a file of blocks. The file's name is the position (lsn) of its first byte, so positions are
 * `first + offset in the file` and grow without gaps from one segment to the next. Little-endian.
 *
 *     0  8  magic "SLJOURNL"
 *     8  4  format version
 *    12  8  first lsn
 *    20  1  encryption: 0 none, 1 AES-256-GCM        21  3  zero
 *    24  8  id of the journal key that wraps the data key
 *    32 60  the wrapped data key: nonce, key, tag
 *    92  4  CRC-32 of the 92 bytes before
 *  4096 96  the same once more
 *
 * The header is there twice, a page apart, because the data key is in it: one copy may be on a bad sector, or half
 * written while keys are rotated, and every block can still be read. Version 1 had no encryption: its header is the first 20 bytes and a CRC.
 */
import { crc32 } from 'node:zlib';
import { newDataKey, type RandomBytes, unwrapDataKey, WRAPPED_BYTES, wrapDataKey } from './data-key.ts';
import type { JournalKey } from './key-ring.ts';

const FORMAT_VERSION = 2;
const PLAIN_VERSION = 1;
const COPY_BYTES = 96;
const PLAIN_HEADER_BYTES = 24;
/** Where the copies lie. */
const COPIES_AT = [0, 4096] as const;
/** Of a segment that is written now. */
export const SEGMENT_HEADER_BYTES = COPIES_AT[1] + COPY_BYTES;
const MAGIC = Buffer.from('SLJOURNL', 'latin1');
const NAME = /^[0-9a-f]{16}\.slj$/;

export function segmentName(firstLsn: number): string {
  return `${firstLsn.toString(16).padStart(16, '0')}.slj`;
}

/** The first position of a segment by its file name; undefined for a file that is not a segment. */
export function firstLsnOf(fileName: string): number | undefined {
  return NAME.test(fileName) ? Number.parseInt(fileName.slice(0, 16), 16) : undefined;
}

export interface NewHeader {
  readonly bytes: Buffer;
  /** Undefined without a key. */
  readonly dataKey: Uint8Array | undefined;
}

/** The header of a new segment, with a data key of its own. */
export function createHeader(firstLsn: number, key: JournalKey | undefined, random: RandomBytes): NewHeader {
  const dataKey = key === undefined ? undefined : newDataKey(random);
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  for (const { at, copy } of headerCopies(encodeHeader(firstLsn, key, dataKey, random))) copy.copy(bytes, at);
  return { bytes, dataKey };
}

/** One copy of the header of a segment whose data key is known, wrapped anew. */
export function encodeHeader(
  firstLsn: number,
  key: JournalKey | undefined,
  dataKey: Uint8Array | undefined,
  random: RandomBytes,
): Buffer {
  const copy = Buffer.alloc(COPY_BYTES);
  MAGIC.copy(copy, 0);
  copy.writeUInt32LE(FORMAT_VERSION, 8);
  copy.writeBigUInt64LE(BigInt(firstLsn), 12);
  if (key !== undefined && dataKey !== undefined) {
    copy.writeUInt8(1, 20);
    copy.write(key.id, 24, 'hex');
    wrapDataKey(dataKey, key, identityOf(copy), random).copy(copy, 32);
  }
  copy.writeUInt32LE(crc32(copy.subarray(0, 92)), 92);
  return copy;
}

/** The copies of a header with their places, the one that is read first last: while it is written the other is whole. */
export function headerCopies(copy: Buffer): { readonly at: number; readonly copy: Buffer }[] {
  return COPIES_AT.map((at) => ({ at, copy })).toReversed();
}

/** Whether both copies are there and say the same. */
export function isHeaderWhole(header: Buffer): boolean {
  const [first, second] = COPIES_AT.map((at) => header.subarray(at, at + COPY_BYTES));
  return second.length === COPY_BYTES && first.equals(second);
}

export type SegmentHeader =
  | { readonly type: 'plain'; readonly headerBytes: number }
  /** `unwrap` gives the data key, or undefined when `key` is not the one that wrapped it. */
  | {
      readonly type: 'encrypted';
      readonly headerBytes: number;
      readonly keyId: string;
      readonly unwrap: (key: JournalKey) => Uint8Array | undefined;
    }
  /** Neither copy can be read; blocks that are not encrypted still can, as each carries its own position. */
  | { readonly type: 'damaged'; readonly headerBytes: number }
  /** Written by a later version of the product, which this one must not touch. */
  | { readonly type: 'newer' };

export function decodeHeader(header: Uint8Array, firstLsn: number): SegmentHeader {
  const bytes = Buffer.from(header.buffer, header.byteOffset, header.length);
  if (isPlainHeader(bytes, firstLsn)) return { type: 'plain', headerBytes: PLAIN_HEADER_BYTES };
  for (const at of COPIES_AT) {
    const copy = bytes.subarray(at, at + COPY_BYTES);
    if (copy.length < COPY_BYTES || !copy.subarray(0, 8).equals(MAGIC)) continue;
    if (crc32(copy.subarray(0, 92)) !== copy.readUInt32LE(92)) continue;
    if (copy.readUInt32LE(8) !== FORMAT_VERSION) return { type: 'newer' };
    if (copy.readBigUInt64LE(12) !== BigInt(firstLsn)) continue;
    if (copy.readUInt8(20) === 0) return { type: 'plain', headerBytes: SEGMENT_HEADER_BYTES };
    const wrapped = Buffer.from(copy.subarray(32, 32 + WRAPPED_BYTES));
    const identity = Buffer.from(identityOf(copy));
    return {
      type: 'encrypted',
      headerBytes: SEGMENT_HEADER_BYTES,
      keyId: copy.toString('hex', 24, 32),
      unwrap: (key) => unwrapDataKey(wrapped, key, identity),
    };
  }
  // Blocks are looked for from the earliest place where one can begin.
  return { type: 'damaged', headerBytes: PLAIN_HEADER_BYTES };
}

function isPlainHeader(bytes: Buffer, firstLsn: number): boolean {
  return (
    bytes.length >= PLAIN_HEADER_BYTES &&
    bytes.subarray(0, 8).equals(MAGIC) &&
    bytes.readUInt32LE(8) === PLAIN_VERSION &&
    bytes.readBigUInt64LE(12) === BigInt(firstLsn) &&
    crc32(bytes.subarray(0, 20)) === bytes.readUInt32LE(20)
  );
}

/** Magic, version and first lsn: a data key cannot be moved to another segment or version. */
function identityOf(copy: Buffer): Buffer {
  return copy.subarray(0, 20);
}
