import type { SegmentSummary } from './segment-index.ts';

/** What is known of a segment file. Plain data: it crosses to worker threads. */
export interface Segment {
  readonly firstLsn: number;
  /** Before the first block. */
  readonly headerBytes: number;
  /** Bytes behind these do not count: nobody was told that they were stored. */
  readonly goodBytes: number;
  /** Undefined where nothing is encrypted, or where the header that held it is damaged. */
  readonly dataKey: Uint8Array | undefined;
}

/** A segment that nobody writes to any more. */
export interface SealedSegment extends Segment {
  readonly summary: SegmentSummary;
}
