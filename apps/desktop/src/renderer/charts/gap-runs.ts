/** A stretch of time in unix seconds about which nothing is known. */
export interface GapRun {
  readonly fromSecond: number;
  readonly toSecond: number;
}

/**
 * Stretches without data between known buckets. What lies before the first known bucket is not a gap: the source may
 * not have existed. What lies after the last is the live edge, which has its own words.
 *
 * @param values one list a line; a bucket is known as soon as one line has it
 * @param minBuckets shorter holes are not worth a hatch; the line is broken there all the same
 */
export function gapRuns(
  t: readonly number[],
  values: readonly (readonly (number | null)[])[],
  stepSeconds: number,
  minBuckets = 2,
): readonly GapRun[] {
  const runs: GapRun[] = [];
  let lastKnown = -1;
  for (let i = 0; i < t.length; i++) {
    if (values.every((line) => line[i] === null || line[i] === undefined)) continue;
    if (lastKnown >= 0 && i - lastKnown > minBuckets) {
      runs.push({ fromSecond: t[lastKnown]! + stepSeconds, toSecond: t[i]! });
    }
    lastKnown = i;
  }
  return runs;
}
