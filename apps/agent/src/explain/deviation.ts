/** How far a count is from what the past makes one expect, beyond what chance and ordinary days make of it. */

/** Standard deviations that a count may be off before it says anything: with fifty rows, one in a hundred ranges shows one by chance. */
const NOISE_SIGMAS = 3;
/** What the same hour differs by from week to week where nothing happens, beside the Poisson noise. */
const DAY_TO_DAY = 0.1;
/** Median absolute deviation → σ of a normal distribution. */
const MAD_TO_SIGMA = 1.4826;
/** Below three ranges their spread is itself chance. */
const FEWEST_FOR_SPREAD = 3;

export interface Deviation {
  /** Events beyond (or short of) the noise: 0 of what is as always. Signed. */
  readonly beyond: number;
  readonly expected: number;
}

/**
 * Around the median of the past and not its mean, so that one bad Monday neither hides the next nor makes quiet ones odd.
 * @param past events in each past range
 */
export function deviationOf(count: number, past: readonly number[]): Deviation {
  const expected = past.length === 0 ? 0 : past.reduce((sum, one) => sum + one, 0) / past.length;
  const centre = medianOf(past);
  const spread =
    past.length < FEWEST_FOR_SPREAD ? 0 : MAD_TO_SIGMA * medianOf(past.map((one) => Math.abs(one - centre)));
  // A past of n ranges is itself only so well known: 1 + 1/n.
  // One event more or less is chance also where none is usual.
  const variance =
    (Math.max(centre + 1, spread ** 2) + (DAY_TO_DAY * centre) ** 2) * (1 + 1 / Math.max(1, past.length));
  const off = count - centre;
  const noise = NOISE_SIGMAS * Math.sqrt(variance);
  return { beyond: Math.sign(off) * Math.max(0, Math.abs(off) - noise), expected };
}

function medianOf(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
