/**
 * What is known of a sealed segment without opening it: a file beside it that begins with a summary and then holds the
 * heads of all its blocks. It is a copy of what lies in the segment, so it is never flushed, and where it is missing
 * or damaged the segment itself is read. Little-endian.
 *
 *     0  8  magic "SLJINDEX"                8  8  first lsn
 *    16  8  bytes of the segment           24  8  newest receivedAtMs, float64
 *    32  8  oldest event, float64          40  8  newest event, float64
 *    48  4  number of source hashes, 0xffffffff for "any source"
 *    52  4  CRC-32 of the 52 bytes before, continued over the hashes
 *    56  …  source hashes, 4 bytes each, then the heads, each with its own CRC
 */
import { crc32 } from 'node:zlib';
import type { BlockFacts } from './block-codec.ts';
import { type BlockHead, decodeHead } from './block-format.ts';

const MAGIC = Buffer.from('SLJINDEX', 'latin1');
const FIXED_BYTES = 56;
/** More sources than this in one segment are "any". */
const MAX_SEGMENT_SOURCES = 16_384;
const ANY_SOURCE = 0xffff_ffff;
export const MAX_SUMMARY_BYTES = FIXED_BYTES + 4 * MAX_SEGMENT_SOURCES;

/** Of all blocks of a segment together. */
export interface SegmentSummary {
  readonly newestReceivedAtMs: number;
  readonly oldestEventMs: number;
  readonly newestEventMs: number;
  /** Null: any source may be in it. */
  readonly sources: readonly number[] | null;
}

export function indexName(segmentName: string): string {
  return segmentName.replace(/\.slj$/, '.sli');
}

/** Of a segment without an index: anything may be in it, up to when it was last written to. */
export function unknownSummary(modifiedMs: number): SegmentSummary {
  const [oldestEventMs, newestEventMs] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return { newestReceivedAtMs: modifiedMs, oldestEventMs, newestEventMs, sources: null };
}

/** Adds up the blocks of a segment that is being written or recovered. */
export class SummaryBuilder {
  #newestReceivedAtMs = 0;
  #oldestEventMs = Number.POSITIVE_INFINITY;
  #newestEventMs = Number.NEGATIVE_INFINITY;
  readonly #sources = new Set<number>();
  #isAny = false;

  add(block: Omit<BlockFacts, 'records'>): void {
    this.#newestReceivedAtMs = Math.max(this.#newestReceivedAtMs, block.newestReceivedAtMs);
    this.#oldestEventMs = Math.min(this.#oldestEventMs, block.oldestEventMs);
    this.#newestEventMs = Math.max(this.#newestEventMs, block.newestEventMs);
    for (const hash of block.sources ?? []) this.#sources.add(hash);
    if (block.sources === null || this.#sources.size > MAX_SEGMENT_SOURCES) {
      this.#isAny = true;
      this.#sources.clear();
    }
  }

  summary(): SegmentSummary {
    return {
      newestReceivedAtMs: this.#newestReceivedAtMs,
      oldestEventMs: this.#oldestEventMs,
      newestEventMs: this.#newestEventMs,
      sources: this.#isAny ? null : [...this.#sources],
    };
  }
}

export function encodeIndex(
  firstLsn: number,
  segmentBytes: number,
  summary: SegmentSummary,
  heads: readonly Buffer[],
): Buffer[] {
  const sources = summary.sources ?? [];
  const bytes = Buffer.alloc(FIXED_BYTES + 4 * sources.length);
  MAGIC.copy(bytes, 0);
  bytes.writeBigUInt64LE(BigInt(firstLsn), 8);
  bytes.writeBigUInt64LE(BigInt(segmentBytes), 16);
  bytes.writeDoubleLE(summary.newestReceivedAtMs, 24);
  bytes.writeDoubleLE(summary.oldestEventMs, 32);
  bytes.writeDoubleLE(summary.newestEventMs, 40);
  bytes.writeUInt32LE(summary.sources === null ? ANY_SOURCE : sources.length, 48);
  for (const [at, hash] of sources.entries()) bytes.writeUInt32LE(hash, FIXED_BYTES + 4 * at);
  bytes.writeUInt32LE(checksum(bytes), 52);
  return [bytes, Buffer.concat(heads)];
}

export interface DecodedSummary {
  readonly summary: SegmentSummary;
  readonly segmentBytes: number;
  /** Where the heads begin in the index file. */
  readonly headsAt: number;
}

/** Undefined when these are not the first bytes of an index of this segment. */
export function decodeSummary(bytes: Buffer, firstLsn: number): DecodedSummary | undefined {
  if (bytes.length < FIXED_BYTES || !bytes.subarray(0, 8).equals(MAGIC)) return undefined;
  if (bytes.readBigUInt64LE(8) !== BigInt(firstLsn)) return undefined;
  const count = bytes.readUInt32LE(48);
  const isAny = count === ANY_SOURCE;
  if (!isAny && count > MAX_SEGMENT_SOURCES) return undefined;
  const headsAt = FIXED_BYTES + (isAny ? 0 : 4 * count);
  if (bytes.length < headsAt || checksum(bytes.subarray(0, headsAt)) !== bytes.readUInt32LE(52)) return undefined;
  return {
    segmentBytes: Number(bytes.readBigUInt64LE(16)),
    headsAt,
    summary: {
      newestReceivedAtMs: bytes.readDoubleLE(24),
      oldestEventMs: bytes.readDoubleLE(32),
      newestEventMs: bytes.readDoubleLE(40),
      sources: isAny ? null : Array.from({ length: count }, (_, n) => bytes.readUInt32LE(FIXED_BYTES + 4 * n)),
    },
  };
}

/** The blocks that an index names, in order; undefined when as much as one of them cannot be read. */
export function decodeIndex(bytes: Buffer, firstLsn: number): BlockHead[] | undefined {
  const decoded = decodeSummary(bytes, firstLsn);
  if (decoded === undefined) return undefined;
  const heads: BlockHead[] = [];
  for (let at = decoded.headsAt; at < bytes.length; ) {
    const head = decodeHead(bytes, at, lsnAt(bytes, at));
    if (head === undefined || head.lsn < firstLsn) return undefined;
    heads.push(head);
    at += head.headBytes;
  }
  return heads;
}

/** A head says its own position; here it does not lie at it. */
function lsnAt(bytes: Buffer, at: number): number {
  return at + 16 <= bytes.length ? Number(bytes.readBigUInt64LE(at + 8)) : -1;
}

function checksum(bytes: Buffer): number {
  return crc32(bytes.subarray(FIXED_BYTES), crc32(bytes.subarray(0, 52)));
}
