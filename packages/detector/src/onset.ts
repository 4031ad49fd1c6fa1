/** When a series left its baseline, as closely as its seconds tell: earlier than when it was noticed. Pure. */
import type { Direction } from '@sentinellog/shared';

/** Somewhere in here it began: unix seconds, from ≤ t < to. */
export interface Onset {
  readonly from: number;
  readonly to: number;
}

/** What one second held, and what its baseline expected of it. */
export interface ComparedSecond {
  readonly count: number;
  readonly mean: number;
}

/**
 * Every second that is as likely a beginning as the likeliest, up to a factor of e³, is shown as possible: a twentieth of what a
 * single rate allows (χ²/2 = 1.92 at 95 %) would be too sure of a place that was searched for.
 */
const LIKELY_WITHIN = 3;
const LEAST_MEAN = 1e-6;

/**
 * The maximum-likelihood change point: up to it the counts are the baseline's, from it on they are `r` times as many, `r`
 * being what the seconds after it say themselves. With K counted and M expected from a second on, the gain of a change there is
 * K ln(K/M) − K + M, over the dispersion of the counts (quasi-Poisson).
 *
 * @param seconds in a row, oldest first; the newest is unix second `last`
 * @param dispersion variance over mean of the counts when all is well
 * @returns null where the beginning lies before the first of them, or nothing has changed
 */
export function onsetAmong(
  seconds: readonly ComparedSecond[],
  last: number,
  direction: Direction,
  dispersion: number,
): Onset | null {
  const gains = new Float64Array(seconds.length);
  let [counted, expected, best] = [0, 0, -1];
  for (let at = seconds.length - 1; at >= 0; at--) {
    counted += seconds[at].count;
    expected += Math.max(LEAST_MEAN, seconds[at].mean);
    const isThatWay = direction === 'high' ? counted > expected : counted < expected;
    const likelihood = counted === 0 ? expected : counted * Math.log(counted / expected) - counted + expected;
    gains[at] = isThatWay ? likelihood / Math.max(1, dispersion) : 0;
    if (gains[at] > 0 && (best < 0 || gains[at] >= gains[best])) best = at;
  }
  if (best < 0) return null;
  const isLikely = (gain: number) => gain > 0 && gain >= gains[best] - LIKELY_WITHIN;
  const first = gains.findIndex(isLikely);
  if (first === 0) return null;
  const start = last - seconds.length + 1;
  return { from: start + first, to: start + gains.findLastIndex(isLikely) + 1 };
}
