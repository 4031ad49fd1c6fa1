import type { Signal } from '@sentinellog/shared';

/**
 * What a series expects in a minute. `rate` is per second for volume and per event (a share) for error_rate.
 * A window whose expected count is m has the variance dispersion·m + (relative·m)², for error_rate dispersion·m·(1 − rate) + (relative·m)².
 */
export interface Expectation {
  readonly rate: number;
  /** Variance of counts over their mean; 1 for Poisson. */
  readonly dispersion: number;
  /** Noise in proportion to the rate, as a share of it: what forecasts get wrong, and how well the level is known. */
  readonly relative: number;
}

/** What counts come from: the seconds of a window, or its events. */
const EXPOSURE: Readonly<Record<Signal, (seconds: number, events: number) => number>> = {
  volume: (seconds) => seconds,
  error_rate: (_seconds, events) => Math.max(1, events),
};

/** How many counts one unit of the signal's value stands for: a rate of 1 is as many errors as there are events. */
export const COUNTS_A_UNIT: Readonly<Record<Signal, (events: number) => number>> = {
  volume: () => 1,
  error_rate: (events) => Math.max(1, events),
};

/** Mean and variance of the count (events, or errors) that comes from an exposure (seconds, or events). */
export function countExpected(
  signal: Signal,
  { rate, dispersion, relative }: Expectation,
  exposure: number,
): { readonly mean: number; readonly variance: number } {
  const mean = rate * exposure;
  const scatter = signal === 'error_rate' ? dispersion * mean * (1 - Math.min(1, rate)) : dispersion * mean;
  return { mean, variance: scatter + (relative * mean) ** 2 };
}

/**
 * The baseline of a window in the unit of the signal: events per window, or errors per event. The band that is drawn and the
 * numbers of a receipt are both this.
 *
 * @param seconds length of the window
 * @param events that were seen in it: the denominator of a rate; a window without any is treated as if it had one
 */
export function expectationOver(
  signal: Signal,
  expected: Expectation,
  seconds: number,
  events: number,
): { readonly mean: number; readonly stddev: number } {
  const exposure = EXPOSURE[signal](seconds, events);
  const { mean, variance } = countExpected(signal, expected, exposure);
  const unit = COUNTS_A_UNIT[signal](events);
  return { mean: mean / unit, stddev: Math.sqrt(variance) / unit };
}
