/**
 * How surprising a count is, in σ that mean what a Gaussian's σ mean. A plain (x − μ)/σ does not: 8 lines where 1 is
 * expected are 7 "σ" and happen once in 10^5 looks, not once in 10^12; bursty traffic has a longer tail still.
 *
 * Signed root of the deviance of a negative binomial with this mean and variance (McCullagh & Nelder, Generalized Linear
 * Models, 2nd ed., ch. 2 and 11): 2·(x·ln(x/μ) − (x + k)·ln((x + k)/(μ + k))), k = μ²/(σ² − μ), with half a count taken off for continuity. Without
 * over-dispersion it is Poisson's, 2·(x·ln(x/μ) − (x − μ)), scaled by μ/σ²; for large counts it is (x − μ)/σ.
 *
 * @param count what was seen, ≥ 0
 * @param mean what was expected, > 0
 * @param variance of the count, > 0
 */
export function countZ(count: number, mean: number, variance: number): number {
  const size = Math.sqrt(deviance(towards(count, mean), mean, variance));
  return count < mean ? -size : size;
}

/**
 * The count, above (`side` 1) or below (−1) the mean, at which `countZ` reaches `z`; undefined below where not even
 * zero would.
 */
export function countReaching(z: number, side: 1 | -1, mean: number, variance: number): number | undefined {
  const wanted = z * z;
  if (side === -1 && deviance(0, mean, variance) < wanted) return undefined;
  let inside = mean;
  let outside = 0;
  if (side === 1) {
    outside = 2 * mean + 1;
    while (deviance(outside, mean, variance) < wanted) outside *= 2;
  }
  // 60 halvings of the interval leave less than the precision of a double.
  for (let i = 0; i < 60; i++) {
    const middle = (inside + outside) / 2;
    if (deviance(middle, mean, variance) < wanted) inside = middle;
    else outside = middle;
  }
  // Half a count on, as `countZ` takes half a count off; nothing is below zero.
  return side === 1 ? outside + 0.5 : Math.max(0, outside - 0.5);
}

function deviance(count: number, mean: number, variance: number): number {
  const surprise = count === 0 ? 0 : count * Math.log(count / mean);
  if (variance <= mean) return Math.max(0, 2 * (surprise - (count - mean)) * (mean / variance));
  const k = (mean * mean) / (variance - mean);
  return Math.max(0, 2 * (surprise - (count + k) * Math.log1p((count - mean) / (mean + k))));
}

/** Half a count towards the mean, but not past it; zero stays zero, as there is nothing below it. */
function towards(count: number, mean: number): number {
  if (count === 0) return 0;
  return count > mean ? Math.max(mean, count - 0.5) : Math.min(mean, count + 0.5);
}
