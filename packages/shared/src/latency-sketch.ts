/**
 * Durations in logarithmic buckets (DDSketch: C. Masson et al., VLDB 2019): every quantile is known to 1 %, sketches merge
 * exactly, in any order, and none is larger than the buckets between a microsecond and eleven days.
 */
const RELATIVE_ERROR = 0.01;
const GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const LN_GAMMA = Math.log(GAMMA);
/** In ms; what lies outside is counted at the end. */
const LEAST_MS = 0.001;
const MOST_MS = 1e9;
const FIRST = Math.ceil(Math.log(LEAST_MS) / LN_GAMMA);
/** 1,383: a sketch cannot become larger. */
export const MOST_LATENCY_BUCKETS = Math.ceil(Math.log(MOST_MS) / LN_GAMMA) - FIRST + 1;

/** The bucket of a duration, from 0 on; −1 for what is no duration (negative, not a number). */
export function latencyBucket(ms: number): number {
  if (!(ms >= 0)) return -1;
  return Math.ceil(Math.log(Math.min(MOST_MS, Math.max(LEAST_MS, ms))) / LN_GAMMA) - FIRST;
}

export class LatencySketch {
  #count = 0;
  readonly #buckets = new Map<number, number>();
  /** `entries`, once asked for: several detectors ask for quantiles of the same minute. */
  #ascending: readonly (readonly [bucket: number, times: number])[] | null = null;

  /** Durations that were added. */
  get count(): number {
    return this.#count;
  }

  /** @param bucket from `latencyBucket` */
  add(bucket: number, times = 1): void {
    if (bucket < 0 || bucket >= MOST_LATENCY_BUCKETS) return;
    this.#count += times;
    this.#ascending = null;
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + times);
  }

  merge(other: LatencySketch): void {
    for (const [bucket, times] of other.#buckets) this.add(bucket, times);
  }

  clear(): void {
    this.#count = 0;
    this.#ascending = null;
    this.#buckets.clear();
  }

  /** The duration in ms that a share of all stays within, to 1 %; NaN when there is none. */
  quantile(share: number): number {
    if (this.#count === 0) return Number.NaN;
    let left = Math.max(1, Math.ceil(share * this.#count));
    for (const [bucket, times] of this.entries()) {
      left -= times;
      if (left <= 0) return (2 * GAMMA ** (bucket + FIRST)) / (GAMMA + 1);
    }
    return Number.NaN;
  }

  /** Bucket and how often, ascending. */
  entries(): readonly (readonly [bucket: number, times: number])[] {
    this.#ascending ??= [...this.#buckets].toSorted(([a], [b]) => a - b);
    return this.#ascending;
  }
}
