import type { SEARCH_ENDS } from '@sentinellog/shared';
import type { Query } from './query.ts';

/** Newest or oldest first, by event time. */
export type HitOrder = 'newest' | 'oldest';

/** Which events, whatever is done with them. Times are Unix milliseconds of event time: from ≤ t < to. */
export interface EventWish {
  readonly query: Query;
  readonly fromMs: number;
  readonly toMs: number;
  readonly tenant: string;
  /** Names of services; null for all. */
  readonly services: readonly string[] | null;
  /** What was received before is over its source's retention: by source hash, and for sources that are not in there. */
  readonly keptSince: { readonly bySource: ReadonlyMap<number, number>; readonly othersMs: number };
}

export interface SearchTask extends EventWish {
  readonly type: 'search';
  readonly order: HitOrder;
  /** Hits at most; 0 when only counts are wanted. */
  readonly limit: number;
  /** Only hits behind this place, of an earlier search with the same order. */
  readonly after: HitPlace | null;
  readonly withFields: boolean;
  /** Count by steps of event time; null: do not. */
  readonly stepMs: number | null;
  /** Count by the values of this field; null: do not. */
  readonly by: string | null;
  /** Most frequent values that are told. */
  readonly top: number;
  readonly maxMs: number;
  readonly maxBytes: number;
}

export interface ExportTask extends EventWish {
  readonly type: 'export';
  readonly format: 'ndjson' | 'csv';
  readonly isGzipped: boolean;
}

export type JournalTask = SearchTask | ExportTask;

/** Where an event lies: its time, then its block, record and number. All of it together orders events totally. */
export interface HitPlace {
  readonly atMs: number;
  readonly lsn: number;
  readonly record: number;
  readonly event: number;
}

/** How a task ended: `complete`, or which limit ended it. */
export type EndReason = (typeof SEARCH_ENDS)[number];

/** What came of a task. */
export interface TaskEnd {
  readonly reason: EndReason;
  /** Events that matched, or were exported. */
  readonly events: number;
  /** Of log text, decompressed. */
  readonly searchedBytes: number;
  readonly blocks: number;
  readonly damagedBlocks: number;
}
