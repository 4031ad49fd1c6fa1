/** Steps on which a scale may end: a top that a person can read off without thinking. */
const NICE = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10] as const;
/** Past this share of the height the scale grows at once: nothing may leave the plot. */
const GROW_ABOVE = 0.95;
/** Below this share, for this long, it shrinks: a scale that breathes with every lull cannot be read. */
const SHRINK_BELOW = 0.5;
const SHRINK_AFTER_MS = 10_000;
/** How much air a new top leaves over the highest point. */
const HEADROOM = 1.15;

/** The top of a scale that starts at zero (ux §3.2). */
export class YRange {
  readonly #least: number;
  #top: number;
  #lowSinceMs: number | null = null;

  /** @param least the smallest top, for a series that is all zeros */
  constructor(least: number) {
    this.#least = least;
    this.#top = least;
  }

  get top(): number {
    return this.#top;
  }

  /** The top after the highest visible value has become `highest` at `nowMs`. */
  fit(highest: number, nowMs: number): number {
    if (highest > this.#top * GROW_ABOVE) {
      this.#settle(highest);
    } else if (highest >= this.#top * SHRINK_BELOW || this.#top === this.#least) {
      this.#lowSinceMs = null;
    } else {
      this.#lowSinceMs ??= nowMs;
      if (nowMs - this.#lowSinceMs >= SHRINK_AFTER_MS) this.#settle(highest);
    }
    return this.#top;
  }

  /** Another series is shown: the old top says nothing about it. */
  reset(): void {
    this.#top = this.#least;
    this.#lowSinceMs = null;
  }

  #settle(highest: number): void {
    this.#top = Math.max(this.#least, niceAbove(highest * HEADROOM));
    this.#lowSinceMs = null;
  }
}

/** The smallest nice number that is not below `value`. */
export function niceAbove(value: number): number {
  if (value <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = NICE.find((nice) => nice * power >= value * (1 - 1e-9)) ?? 10;
  return step * power;
}
