/**
 * A block is up to a mebibyte of records that were written and flushed together: a head in the clear, then the payload.
 * Little-endian.
 *
 *     0  8  marker, by which reading finds its way again after damage
 *     8  8  lsn of this head: a block in the wrong place (or quoted inside a log line) is not one
 *    16  4  payload bytes, as they lie on disk
 *    20  4  records
 *    24  8  newest receivedAtMs, float64
 *    32  1  codec: 0 plain, 1 zstd, 2 zstd then AES-256-GCM (16 bytes of tag at the end of the payload)
 *    33  1  zero
 *    34  2  number of source hashes, 0xffff for "any source"
 *    36  4  CRC-32 of the payload
 *    40  4  bytes of the payload once decompressed
 *    44  8  number of the block under its segment's data key: the counter of the nonce
 *    52  8  oldest event, Unix ms, float64          60  8  newest event
 *    68  …  source hashes, 4 bytes each
 *     …  4  CRC-32 of the head before it: a head can be trusted, and its payload skipped, without reading that
 *
 * Blocks of codec 0 are of the first version of this format: their head ends with its CRC at 40.
 */
import { crc32 } from 'node:zlib';

export const CODEC = { plain: 0, zstd: 1, zstdAesGcm: 2 } as const;

/** More sources in one block are "any": by then nearly every search has to open it anyway. */
export const MAX_BLOCK_SOURCES = 256;
const ANY_SOURCE = 0xffff;
const PLAIN_HEAD_BYTES = 44;
const FIXED_BYTES = 68;
const CRC_BYTES = 4;
export const MAX_HEAD_BYTES = FIXED_BYTES + 4 * MAX_BLOCK_SOURCES + CRC_BYTES;
/** Less than this is no block. */
export const MIN_HEAD_BYTES = PLAIN_HEAD_BYTES;
/** Not text in any encoding, so that log lines do not hold it by chance. */
export const BLOCK_MARKER = Buffer.from([0xf7, 0x53, 0x4c, 0xfb, 0x42, 0x4b, 0xff, 0x0a]);

export interface BlockHead {
  readonly lsn: number;
  readonly headBytes: number;
  readonly payloadBytes: number;
  readonly records: number;
  readonly newestReceivedAtMs: number;
  readonly codec: number;
  readonly payloadCrc: number;
  readonly rawBytes: number;
  readonly sequence: number;
  readonly oldestEventMs: number;
  readonly newestEventMs: number;
  /** Null: any source may be in it. */
  readonly sources: readonly number[] | null;
}

/** A head whose payload is not known yet: `completeHead` writes the two checksums. */
export function encodeHead(head: Omit<BlockHead, 'headBytes' | 'payloadCrc'>): Buffer {
  const sources = head.sources ?? [];
  const bytes = Buffer.alloc(FIXED_BYTES + 4 * sources.length + CRC_BYTES);
  BLOCK_MARKER.copy(bytes, 0);
  bytes.writeBigUInt64LE(BigInt(head.lsn), 8);
  bytes.writeUInt32LE(head.payloadBytes, 16);
  bytes.writeUInt32LE(head.records, 20);
  bytes.writeDoubleLE(head.newestReceivedAtMs, 24);
  bytes.writeUInt8(head.codec, 32);
  bytes.writeUInt16LE(head.sources === null ? ANY_SOURCE : sources.length, 34);
  bytes.writeUInt32LE(head.rawBytes, 40);
  bytes.writeBigUInt64LE(BigInt(head.sequence), 44);
  bytes.writeDoubleLE(head.oldestEventMs, 52);
  bytes.writeDoubleLE(head.newestEventMs, 60);
  for (const [at, hash] of sources.entries()) bytes.writeUInt32LE(hash, FIXED_BYTES + 4 * at);
  return bytes;
}

export function headBytesFor(sources: readonly number[] | null): number {
  return FIXED_BYTES + 4 * (sources?.length ?? 0) + CRC_BYTES;
}

export function completeHead(head: Buffer, payloadCrc: number): void {
  head.writeUInt32LE(payloadCrc, 36);
  head.writeUInt32LE(crc32(head.subarray(0, head.length - CRC_BYTES)), head.length - CRC_BYTES);
}

/** What of a head the payload's tag vouches for: all but the two checksums, which depend on the payload. */
export function authenticatedHead(head: Buffer): Buffer {
  const copy = Buffer.from(head.subarray(0, head.length - CRC_BYTES));
  copy.writeUInt32LE(0, 36);
  return copy;
}

/**
 * The head that begins at `at` of `bytes`; undefined when there is none.
 * @param lsn the position that `at` has in the journal
 */
export function decodeHead(bytes: Buffer, at: number, lsn: number): BlockHead | undefined {
  if (at + MIN_HEAD_BYTES > bytes.length) return undefined;
  if (bytes.compare(BLOCK_MARKER, 0, BLOCK_MARKER.length, at, at + BLOCK_MARKER.length) !== 0) return undefined;
  const codec = bytes.readUInt8(at + 32);
  const count = bytes.readUInt16LE(at + 34);
  const isAny = codec === CODEC.plain || count === ANY_SOURCE;
  if (!isAny && count > MAX_BLOCK_SOURCES) return undefined;
  const headBytes = codec === CODEC.plain ? PLAIN_HEAD_BYTES : FIXED_BYTES + (isAny ? 0 : 4 * count) + CRC_BYTES;
  if (at + headBytes > bytes.length) return undefined;
  const head = bytes.subarray(at, at + headBytes);
  if (crc32(head.subarray(0, headBytes - CRC_BYTES)) !== head.readUInt32LE(headBytes - CRC_BYTES)) return undefined;
  if (head.readBigUInt64LE(8) !== BigInt(lsn)) return undefined;
  const known = {
    lsn,
    headBytes,
    payloadBytes: head.readUInt32LE(16),
    records: head.readUInt32LE(20),
    newestReceivedAtMs: head.readDoubleLE(24),
    codec,
    payloadCrc: head.readUInt32LE(36),
  };
  if (codec === CODEC.plain) {
    const [oldestEventMs, newestEventMs] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    return { ...known, rawBytes: known.payloadBytes, sequence: 0, oldestEventMs, newestEventMs, sources: null };
  }
  return {
    ...known,
    rawBytes: head.readUInt32LE(40),
    sequence: Number(head.readBigUInt64LE(44)),
    oldestEventMs: head.readDoubleLE(52),
    newestEventMs: head.readDoubleLE(60),
    sources: isAny ? null : Array.from({ length: count }, (_, n) => head.readUInt32LE(FIXED_BYTES + 4 * n)),
  };
}
