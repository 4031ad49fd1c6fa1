/**
 * A block is one group commit: what was written and flushed together. Little-endian.
 *
 *     0  8  marker, by which reading finds its way again after damage
 *     8  8  lsn of this header: a block in the wrong place (or quoted inside a log line) is not one
 *    16  4  payload bytes
 *    20  4  records
 *    24  8  newest receivedAtMs, float64
 *    32  1  codec: 0 plain (later: compressed, encrypted)
 *    33  3  zero
 *    36  4  CRC-32 of the payload
 *    40  4  CRC-32 of the 40 bytes before: a header can be trusted, and its payload skipped, without reading that
 */
import { crc32 } from 'node:zlib';

export const BLOCK_HEADER_BYTES = 44;
/** Not text in any encoding, so that log lines do not hold it by chance. */
export const BLOCK_MARKER = Buffer.from([0xf7, 0x53, 0x4c, 0xfb, 0x42, 0x4b, 0xff, 0x0a]);

export const CODEC = { plain: 0 } as const;

export interface BlockHeader {
  readonly lsn: number;
  readonly payloadBytes: number;
  readonly records: number;
  readonly newestReceivedAtMs: number;
  readonly codec: number;
  readonly payloadCrc: number;
}

export function encodeBlockHeader(target: Buffer, header: BlockHeader): void {
  BLOCK_MARKER.copy(target, 0);
  target.writeBigUInt64LE(BigInt(header.lsn), 8);
  target.writeUInt32LE(header.payloadBytes, 16);
  target.writeUInt32LE(header.records, 20);
  target.writeDoubleLE(header.newestReceivedAtMs, 24);
  target.writeUInt32LE(header.codec, 32);
  target.writeUInt32LE(header.payloadCrc, 36);
  target.writeUInt32LE(crc32(target.subarray(0, 40)), 40);
}

/**
 * The header that begins at `at` of `bytes`; undefined when there is none.
 * @param lsn the position that these bytes have in the journal
 */
export function decodeBlockHeader(bytes: Buffer, at: number, lsn: number): BlockHeader | undefined {
  if (at + BLOCK_HEADER_BYTES > bytes.length) return undefined;
  const header = bytes.subarray(at, at + BLOCK_HEADER_BYTES);
  if (!header.subarray(0, BLOCK_MARKER.length).equals(BLOCK_MARKER)) return undefined;
  if (crc32(header.subarray(0, 40)) !== header.readUInt32LE(40)) return undefined;
  if (header.readBigUInt64LE(8) !== BigInt(lsn)) return undefined;
  return {
    lsn,
    payloadBytes: header.readUInt32LE(16),
    records: header.readUInt32LE(20),
    newestReceivedAtMs: header.readDoubleLE(24),
    codec: header.readUInt8(32),
    payloadCrc: header.readUInt32LE(36),
  };
}
