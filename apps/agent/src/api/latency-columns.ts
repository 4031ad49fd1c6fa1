import { type HeartbeatColumns, latencyBand } from '@sentinellog/shared';
import type { LatencyMinute } from '../pipeline/checkpoint.ts';

const MINUTE = 60;

export interface LatencyRange {
  readonly stepSeconds: number;
  readonly fromSecond: number;
  readonly toSecond: number;
}

/**
 * The p99 of durations, in ms, for each step: of the minute that the step lies in, or the slowest of the minutes that begin in it. p99s do not
 * add up, so that of several sources the slowest is shown, and its band with it. null where no minute had enough durations.
 */
export function latencyColumns(range: LatencyRange, minutes: readonly LatencyMinute[]): HeartbeatColumns {
  const { stepSeconds, fromSecond, toSecond } = range;
  const slowest = new Map<number, LatencyMinute>();
  for (const one of minutes) {
    const step = stepSeconds < MINUTE ? one.minute : one.minute - (one.minute % stepSeconds);
    const known = slowest.get(step);
    if (known === undefined || one.p99 > known.p99) slowest.set(step, one);
  }
  const columns: HeartbeatColumns = [[], [], [], [], []];
  const [times, values, means, lowers, uppers] = columns;
  for (let second = fromSecond; second < toSecond; second += stepSeconds) {
    const one = slowest.get(stepSeconds < MINUTE ? second - (second % MINUTE) : second);
    const { mean, lower, upper } = latencyBand(one ?? NOTHING_LEARNT);
    times.push(second);
    values.push(one?.p99 ?? null);
    means.push(mean);
    lowers.push(lower);
    uppers.push(upper);
  }
  return columns;
}

const NOTHING_LEARNT = { usual: Number.NaN, spread: 0, sigma: 0 };
