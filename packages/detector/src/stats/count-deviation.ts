/**
 * How surprising a count is, in σ that mean what a Gaussian's σ mean. A plain (x − μ)/σ does not: 8 lines where 1 is
 * expected is 7 "σ" and happens once in 10^5 looks, not once in 10^12.
 *
 * Signed root of the Poisson deviance, 2·(x·ln(x/μ) − (x − μ)), scaled by the over-dispersion σ²/μ (quasi-likelihood,
 * McCullagh & Nelder, Generalized Linear Models, ch. 9), with half a count taken off for continuity. For large counts it
 * is (x − μ)/σ.
 *
 * @param count what was seen, ≥ 0
 * @param mean what was expected, > 0
 * @param variance of the count, > 0
 */
export function countZ(count: number, mean: number, variance: number): number {
  const size = deviance(towards(count, mean), mean) * (mean / variance);
  return count < mean ? -Math.sqrt(size) : Math.sqrt(size);
}

/**
 * The count, above (`side` 1) or below (−1) the mean, at which `countZ` reaches `z`; undefined below where not even
 * zero would.
 */
export function countReaching(z: number, side: 1 | -1, mean: number, variance: number): number | undefined {
  const wanted = z * z * (variance / mean);
  if (side === -1 && deviance(0, mean) < wanted) return undefined;
  let inside = mean;
  let outside = 0;
  if (side === 1) {
    outside = 2 * mean + 1;
    while (deviance(outside, mean) < wanted) outside *= 2;
  }
  // 60 halvings of the interval leave less than the precision of a double.
  for (let i = 0; i < 60; i++) {
    const middle = (inside + outside) / 2;
    if (deviance(middle, mean) < wanted) inside = middle;
    else outside = middle;
  }
  // Half a count on, as `countZ` takes half a count off; nothing is below zero.
  return side === 1 ? outside + 0.5 : Math.max(0, outside - 0.5);
}

function deviance(count: number, mean: number): number {
  return count === 0 ? 2 * mean : Math.max(0, 2 * (count * Math.log(count / mean) - (count - mean)));
}

/** Half a count towards the mean, but not past it; zero stays zero, as there is nothing below it. */
function towards(count: number, mean: number): number {
  if (count === 0) return 0;
  return count > mean ? Math.max(mean, count - 0.5) : Math.min(mean, count + 0.5);
}
