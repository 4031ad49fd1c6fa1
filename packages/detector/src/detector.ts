import type { Direction, Signal } from '@sentinellog/shared';
import type { StateReader, StateWriter } from './state-codec.ts';

/** One closed window of a series, with what was expected of it. Counts: events for volume, errors for error_rate. */
export interface WindowView {
  readonly signal: Signal;
  /** Unix second after the window's last. */
  readonly end: number;
  /** The same instant on the wall clock of the source, read as if it were UTC. */
  readonly wallEnd: number;
  readonly seconds: number;
  readonly count: number;
  /** Events of the window: the denominator of an error rate. */
  readonly events: number;
  /** Expected count, and its variance. */
  readonly mean: number;
  readonly variance: number;
  /** ln of the factor that this time of day is known to be off by. */
  readonly habit: number;
}

/** A window outside the baseline: the decision, with everything it was made from and its reason in words. */
export interface Finding {
  readonly detector: string;
  readonly direction: Direction;
  readonly window: WindowView;
  /** Signed deviation score, comparable with a sensitivity in σ (stats/looks.ts). */
  readonly score: number;
  readonly reason: string;
}

export interface Judgement {
  /** σ that the source is set to. */
  readonly setTo: number;
  /** σ that this window must reach: less than `setTo` while an anomaly is open. */
  readonly sigma: number;
  /** A window that has not closed yet: only what cannot be taken back by its close may be found. */
  readonly early: boolean;
}

/**
 * Looks at the windows of one series and says what is outside. Pure: the same windows in the same order give the same
 * findings, and `read` of what `write` wrote goes on to the bit. It never learns the baseline; that happens after
 * every detector has spoken.
 */
export interface Detector {
  readonly name: string;
  judge(window: WindowView, how: Judgement): Finding | null;
  /** The stretch was not looked at, or the series had no baseline: whatever was counted in a row starts over. */
  interrupt(): void;
  write(to: StateWriter): void;
  read(from: StateReader): void;
}

/** An entry of the registry. */
export interface DetectorKind {
  readonly name: string;
  readonly signals: readonly Signal[];
  /** How a receipt is made again: `count` by the law of counts (stats/count-deviation.ts), `plain` by (value − mean) / σ. */
  readonly law: 'count' | 'plain';
  create(): Detector;
}
