import { crc32 } from 'node:zlib';

/**
 * A segment is a file named by the position of its first byte: 16 hex digits, `.slj`. Positions (`lsn`) count bytes
 * over all segments, so the name of a file and an offset in it make a position, and the next segment's name tells
 * where this one ends, whatever lies behind that in the file.
 *
 *     0  8  magic "SLJOURNL"
 *     8  4  format version
 *    12  8  first lsn
 *    20  4  CRC-32 of the 20 bytes before: a damaged header is not taken for one of a newer version
 */
export const SEGMENT_HEADER_BYTES = 24;
const MAGIC = Buffer.from('SLJOURNL', 'latin1');
const FORMAT_VERSION = 1;
const NAME = /^[0-9a-f]{16}\.slj$/;

export function segmentName(firstLsn: number): string {
  return `${firstLsn.toString(16).padStart(16, '0')}.slj`;
}

/** The first position of a segment by its file name; undefined for a file that is not a segment. */
export function firstLsnOf(fileName: string): number | undefined {
  return NAME.test(fileName) ? Number.parseInt(fileName.slice(0, 16), 16) : undefined;
}

export function encodeSegmentHeader(firstLsn: number): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
  MAGIC.copy(header, 0);
  header.writeUInt32LE(FORMAT_VERSION, 8);
  header.writeBigUInt64LE(BigInt(firstLsn), 12);
  header.writeUInt32LE(crc32(header.subarray(0, 20)), 20);
  return header;
}

/**
 * `ok`; `damaged`: its blocks can still be read, as each carries its own position; `newer`: written by a later
 * version of the product, which this one must not touch.
 */
export function judgeSegmentHeader(header: Uint8Array, firstLsn: number): 'ok' | 'damaged' | 'newer' {
  const bytes = Buffer.from(header.buffer, header.byteOffset, header.length);
  if (bytes.length < SEGMENT_HEADER_BYTES || !bytes.subarray(0, 8).equals(MAGIC)) return 'damaged';
  if (crc32(bytes.subarray(0, 20)) !== bytes.readUInt32LE(20)) return 'damaged';
  if (bytes.readUInt32LE(8) !== FORMAT_VERSION) return 'newer';
  return bytes.readBigUInt64LE(12) === BigInt(firstLsn) ? 'ok' : 'damaged';
}
