import type { StateReader, StateWriter } from '../state-codec.ts';
import type { ValueClock } from './value-clock.ts';

/** The four questions that are asked of a value, each against its own usual miss. */
export const QUESTIONS = ['jump', 'bucket', 'hour', 'half_day'] as const;

/** Buckets that decide where the series was just now. */
const RECENT_BUCKETS = 3;
const USUAL_DAYS = 8;
const MISS_DAYS = 4;
const HALF_DAY_HOURS = 12;
/** What is further out than this many mean misses × 1.25 (σ, were it Gaussian) is learnt as if it were there. */
const CUT_SIGMAS = 3;
/** Averages take a bucket for at most so far out: one of a nightly job must not colour the whole half day after it. */
const AVERAGED_SIGMAS = 6;
const MISSES_A_SIGMA = 1.25;
/** Buckets before anything is cut. */
const LEAST_BUCKETS = 50;
/** A series that never misses at all: a hundredth of its unit is no news. */
const LEAST_MISS = 0.01;

/**
 * Where a series is without one of its seasons: just now, and usually; and by how much buckets, hours and halves of a day miss
 * that. Every value is scored before it is learnt.
 */
export class ValueLevels {
  /** Recent, usual, then averages over an hour and half a day. */
  readonly #levels = new Float64Array(4);
  /** Mean absolute miss, one per question. */
  readonly #misses = new Float64Array(QUESTIONS.length);
  readonly #weights: readonly [number, number];
  readonly #bucketsADay: number;

  constructor({ bucketsADay, bucketsAnHour }: ValueClock) {
    this.#bucketsADay = bucketsADay;
    this.#weights = [weightOver(bucketsAnHour), weightOver(HALF_DAY_HOURS * bucketsAnHour)];
  }

  get recent(): number {
    return this.#levels[0];
  }

  get usual(): number {
    return this.#levels[1];
  }

  /** Mean absolute miss of a bucket: what its season is judged by. */
  get miss(): number {
    return this.#misses[1];
  }

  /**
   * @param value without the season
   * @param seen buckets so far, this one included
   * @param distances how many usual misses it is off, one per question; written
   */
  observe(value: number, seen: number, distances: Float64Array): void {
    const levels = this.#levels;
    if (seen === 1) levels.fill(value);
    const misses = [value - levels[0], value - levels[1], 0, 0];
    const mostAveraged = (AVERAGED_SIGMAS / CUT_SIGMAS) * this.#mostOf(1, seen);
    const tame = levels[1] + Math.max(-mostAveraged, Math.min(mostAveraged, misses[1]));
    for (const at of [2, 3]) {
      levels[at] += this.#weights[at - 2] * (tame - levels[at]);
      misses[at] = levels[at] - levels[1];
    }
    const memory = 1 / Math.min(MISS_DAYS * this.#bucketsADay, seen);
    for (let at = 0; at < misses.length; at++) {
      const usual = this.#misses[at];
      const isKnown = usual > 0 || seen >= LEAST_BUCKETS;
      distances[at] = isKnown ? Math.abs(misses[at]) / Math.max(usual, LEAST_MISS) : 0;
      const most = this.#mostOf(at, seen);
      const cut = Math.max(-most, Math.min(most, misses[at]));
      if (at === 0) levels[0] += cut / Math.min(RECENT_BUCKETS, seen);
      if (at === 1) levels[1] += cut / Math.min(USUAL_DAYS * this.#bucketsADay, seen);
      this.#misses[at] += memory * (Math.abs(cut) - usual);
    }
  }

  #mostOf(question: number, seen: number): number {
    if (seen < LEAST_BUCKETS) return Number.POSITIVE_INFINITY;
    return CUT_SIGMAS * MISSES_A_SIGMA * Math.max(this.#misses[question], LEAST_MISS);
  }

  write(to: StateWriter): void {
    to.numbers(this.#levels);
    to.numbers(this.#misses);
  }

  read(from: StateReader): void {
    from.numbersInto(this.#levels);
    from.numbersInto(this.#misses);
  }
}

/** Of an exponential average that looks as far back as a plain one over n. */
function weightOver(buckets: number): number {
  return 2 / (Math.max(1, buckets) + 1);
}
