import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { authenticatedHead, type BlockHead, CODEC, completeHead, encodeHead, headBytesFor } from './block-format.ts';
import { decryptBlock, encryptBlock, TAG_BYTES } from './data-key.ts';

/** Level 1: 600 MB/s a core for log text, eight times smaller; level 3 halves the speed for a tenth of the size. */
const ZSTD_LEVEL = 1;

/** What a block holds, whatever becomes of its bytes. */
export interface BlockFacts {
  readonly records: number;
  readonly newestReceivedAtMs: number;
  readonly oldestEventMs: number;
  readonly newestEventMs: number;
  /** Hashes of its sources; null when they are too many to name. */
  readonly sources: readonly number[] | null;
}

export interface PackedBlock {
  readonly facts: BlockFacts;
  readonly rawBytes: number;
  readonly compressed: Buffer;
}

export function packBlock(facts: BlockFacts, raw: Uint8Array): PackedBlock {
  const compressed = zstdCompressSync(raw, {
    // One piece of output for log text, which becomes five to ten times smaller. Memory for the worst case would be
    // allocated and thrown away for every block, and V8 collects the whole heap for every 64 MB of that.
    chunkSize: Math.max(1024, raw.length >> 2),
    params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL },
  });
  return { facts, rawBytes: raw.length, compressed };
}

/** On disk, head included. */
export function sealedBytes({ facts, compressed }: PackedBlock, isEncrypted: boolean): number {
  return headBytesFor(facts.sources) + compressed.length + (isEncrypted ? TAG_BYTES : 0);
}

export interface SealedBlock {
  readonly head: Buffer;
  readonly payload: readonly Buffer[];
}

/** @param sequence never used before under this data key */
export function sealBlock(
  block: PackedBlock,
  lsn: number,
  sequence: number,
  dataKey: Uint8Array | undefined,
): SealedBlock {
  const { facts, rawBytes, compressed } = block;
  const isEncrypted = dataKey !== undefined;
  const payloadBytes = compressed.length + (isEncrypted ? TAG_BYTES : 0);
  const codec = isEncrypted ? CODEC.zstdAesGcm : CODEC.zstd;
  const head = encodeHead({ ...facts, lsn, payloadBytes, codec, rawBytes, sequence });
  const payload = isEncrypted ? encryptBlock(dataKey, sequence, authenticatedHead(head), compressed) : [compressed];
  completeHead(
    head,
    payload.reduce((crc, part) => crc32(part, crc), 0),
  );
  return { head, payload };
}

export type OpenedBlock =
  /** Memory of its own, which nobody else sees. */
  { readonly type: 'ok'; readonly raw: Buffer } | { readonly type: 'damaged'; readonly reason: string };

/**
 * The records of a block, as `decodeRecords` reads them.
 * @param bytes the block: head, then payload
 */
export function openBlock(head: BlockHead, bytes: Buffer, dataKey: Uint8Array | undefined): OpenedBlock {
  const { headBytes, payloadBytes, payloadCrc, codec, sequence, rawBytes } = head;
  const payload = bytes.subarray(headBytes, headBytes + payloadBytes);
  if (payload.length < payloadBytes || crc32(payload) !== payloadCrc) return damaged('the checksum is wrong');
  switch (codec) {
    case CODEC.plain:
      return { type: 'ok', raw: Buffer.from(payload) };
    case CODEC.zstd:
      return decompress(payload, rawBytes);
    case CODEC.zstdAesGcm: {
      if (dataKey === undefined) return damaged('the header of its segment, which held the data key, is damaged');
      const plain = decryptBlock(dataKey, sequence, authenticatedHead(bytes.subarray(0, headBytes)), payload);
      return plain === undefined ? damaged('it is not what was encrypted') : decompress(plain, rawBytes);
    }
    default:
      return damaged(`codec ${codec} is unknown to this build`);
  }
}

function decompress(bytes: Buffer, rawBytes: number): OpenedBlock {
  try {
    const raw = zstdDecompressSync(bytes, {
      maxOutputLength: Math.max(1, rawBytes),
      // One more than it takes: an output that is full to the last byte makes zlib allocate a second one, and then copy
      // both together, which costs a third of the speed.
      chunkSize: Math.max(64, rawBytes + 1),
    });
    if (raw.length === rawBytes) return { type: 'ok', raw };
  } catch (error) {
    return damaged(`it cannot be decompressed: ${error instanceof Error ? error.message : String(error)}`);
  }
  return damaged('it is shorter than its head says');
}

function damaged(reason: string): OpenedBlock {
  return { type: 'damaged', reason };
}
