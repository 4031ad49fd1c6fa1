import type { Anomaly, BlockLevel, FrameBlock, Signal } from '@sentinellog/shared';
import type { RestoredTemplates, TemplateCheckpoint } from './template-checkpoint.ts';

/** Additive change of one stored frame block since the last checkpoint. */
export interface BlockDelta {
  readonly sourceId: string;
  readonly level: BlockLevel;
  /** Unix second at which the block starts; a multiple of its span. */
  readonly start: number;
  readonly block: FrameBlock;
}

/** What a series expected in one minute, as it was scored: drawn as the baseline band, never recomputed later. */
export interface ExpectedMinute {
  readonly sourceId: string;
  readonly signal: Signal;
  /** Unix second, a multiple of 60. */
  readonly minute: number;
  /** For an exposure of w (seconds; for error_rate events): mean = rate·w, variance = dispersion·rate·w + (relative·rate·w)². See `expectationOver`. */
  readonly rate: number;
  readonly dispersion: number;
  readonly relative: number;
  /** σ the source was set to: half the width of the band. */
  readonly sigma: number;
}

/** The p99 of a minute's durations as it was measured and scored, in ms. */
export interface LatencyMinute {
  readonly sourceId: string;
  /** Unix second, a multiple of 60. */
  readonly minute: number;
  readonly p99: number;
  /** NaN while nothing was learnt. */
  readonly usual: number;
  /** σ of ln(p99), and how many of them the band is wide on either side. */
  readonly spread: number;
  readonly sigma: number;
}

/** How far a source's time has come. */
export interface SourceProgress {
  readonly sourceId: string;
  /** All seconds before this one are closed: detectors have seen them. */
  readonly closedThrough: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  /** It has spoken in the present, so that clock time passes for it and its silence means something. */
  readonly live: boolean;
}

export interface SourceRow {
  readonly sourceId: string;
  readonly tenant: string;
  readonly service: string;
  readonly firstSeenMs: number;
}

/** A stretch of the log of closed seconds (SecondLog), in pieces. */
export interface WatchTailPart {
  /** Counted up by one with every checkpoint. */
  readonly place: number;
  readonly bodies: readonly Uint8Array[];
  /** Tails before this place are contained in whole states by now. */
  readonly neededFrom: number;
}

/** Committed in ONE transaction: after a crash the journal is replayed from `lsn` onto exactly this. */
export interface Checkpoint {
  /** Journal position: everything before it is contained. */
  readonly lsn: number;
  readonly atMs: number;
  readonly newSources: readonly SourceRow[];
  readonly progress: readonly SourceProgress[];
  readonly deltas: readonly BlockDelta[];
  readonly expected: readonly ExpectedMinute[];
  /** Absent: none. */
  readonly latency?: readonly LatencyMinute[];
  /** Whole detector state by source id, opaque: of the sources that are due. */
  readonly watches: ReadonlyMap<string, Uint8Array>;
  /** What all sources observed since the last checkpoint; with the newest whole states it gives every state again. */
  readonly tail: WatchTailPart;
  /** What threshold rules have counted, opaque. Absent: nothing since the last checkpoint. */
  readonly ruleState?: Uint8Array | undefined;
  /** Opened or changed since the last checkpoint; upserted by event_id. */
  readonly anomalies: readonly Anomaly[];
  /** Counters that must survive a restart (accepted, late, …). */
  readonly counters: Readonly<Record<string, number>>;
  readonly templates: TemplateCheckpoint;
  /** Stretches of time in which the agent was not looking, in unix seconds, newly known. */
  readonly blind: readonly { readonly from: number; readonly to: number }[];
}

/** What a start finds. `openMinutes` are the stored level-0 blocks that still hold seconds at or after `closedThrough`. */
export interface RestoredState {
  readonly lsn: number;
  readonly atMs: number | null;
  readonly sources: readonly (SourceRow & SourceProgress)[];
  readonly openMinutes: readonly BlockDelta[];
  readonly watches: ReadonlyMap<string, Uint8Array>;
  /** In the order in which they were observed. Absent: none. */
  readonly tails?: readonly { readonly place: number; readonly body: Uint8Array }[];
  readonly ruleState?: Uint8Array | null;
  readonly openAnomalies: readonly Anomaly[];
  readonly counters: Readonly<Record<string, number>>;
  readonly templates: RestoredTemplates;
}
