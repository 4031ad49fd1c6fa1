import type { Signal } from '@sentinellog/shared';

/** What a change must come to, beside its σ, before anybody is told: otherwise quiet series would be loud about nothing. */
export interface LeastChange {
  /** Events (for error_rate: errors) that must be there too many, or be missing. */
  readonly count: number;
  /** Times the expected, for a rise. */
  readonly rise: number;
  /** Share of the expected that may be left, for a drop; null where this length does not judge drops. */
  readonly drop: number | null;
}

/** One window length at which every series is looked at. */
export interface Horizon {
  readonly seconds: number;
  /** The window slides by this much. */
  readonly every: number;
  /** Windows in a row that must be outside, for a rise and for a drop. A single one is enough at twice the sensitivity (rises). */
  readonly riseRun: number;
  readonly dropRun: number;
  /** null: this length does not look at the signal. */
  readonly least: Readonly<Record<Signal, LeastChange | null>>;
}

/**
 * Short windows see sharp failures at once, long ones see small and slow ones. All share one baseline per series.
 * Drops are judged over a minute and more: a restart empties a few seconds, which is nobody's incident.
 */
export const HORIZONS: readonly Horizon[] = [
  {
    seconds: 1,
    every: 1,
    riseRun: 2,
    dropRun: 1,
    least: { volume: { count: 10, rise: 2, drop: null }, error_rate: { count: 5, rise: 2, drop: null } },
  },
  {
    seconds: 5,
    every: 1,
    riseRun: 1,
    dropRun: 1,
    least: { volume: { count: 15, rise: 2, drop: null }, error_rate: { count: 5, rise: 2, drop: null } },
  },
  {
    seconds: 10,
    every: 5,
    // Fifteen seconds in all: a burst of ten is often over by itself, and one that matters is certain at once.
    riseRun: 2,
    dropRun: 1,
    least: { volume: { count: 16, rise: 1.75, drop: null }, error_rate: { count: 5, rise: 2, drop: null } },
  },
  {
    seconds: 60,
    every: 10,
    riseRun: 1,
    dropRun: 3,
    least: { volume: { count: 20, rise: 1.5, drop: 0.5 }, error_rate: { count: 6, rise: 2, drop: null } },
  },
  {
    seconds: 300,
    every: 60,
    riseRun: 1,
    dropRun: 1,
    least: { volume: { count: 20, rise: 1.35, drop: 0.7 }, error_rate: { count: 8, rise: 1.75, drop: null } },
  },
  {
    seconds: 3600,
    every: 300,
    riseRun: 1,
    dropRun: 1,
    // Of volume, the hour is asked about by self_calibrating: on its second day a sparse series takes the chance of its first for a
    // season, and hour by hour that shows (ten false alarms a week at a line a minute).
    least: { volume: null, error_rate: { count: 12, rise: 1.75, drop: null } },
  },
];

/** What a change must come to over one of these lengths. */
export function leastChangeOver(seconds: number, signal: Signal): LeastChange {
  const least = HORIZONS.find((one) => one.seconds === seconds)?.least[signal];
  if (!least) throw new RangeError(`there is no window of ${seconds} s for ${signal} (horizon.ts)`);
  return least;
}

/** A rise of an error share by less than this is nobody's incident, however certain it is. */
export const LEAST_ERROR_SHARE_RISE = 0.02;
