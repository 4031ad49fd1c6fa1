import { crc32 } from 'node:zlib';

/**
 * What the scan of a record saw besides its counts: when, and which sources. The journal keeps it in the clear beside
 * every block, so that a reader can pass over blocks that cannot concern it without decrypting them.
 */
export interface RecordContents {
  /**
   * Of the oldest and of the newest event, whole Unix milliseconds: a search that wants the newest lines opens every
   * block that may hold one, and at full load a second is two hundred blocks.
   */
  readonly oldestMs: number;
  readonly newestMs: number;
  /** `sourceHash` of every source in it, in any order; one may be named twice. */
  readonly sourceHashes: readonly number[];
}

/**
 * Stands for a source on disk: 32 bits, so two of 10,000 sources share one with a chance of 1 %, which costs a reader a
 * needless block and never a missed one. Stored: must never change.
 */
export function sourceHash(tenant: string, service: string): number {
  return crc32(`${tenant}\0${service}`);
}
