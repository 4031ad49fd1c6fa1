import type { StateReader, StateWriter } from '../state-codec.ts';
import { Tail } from '../stats/tail.ts';
import { SlotNoise } from './slot-noise.ts';
import type { Moment, ValueClock } from './value-clock.ts';
import { QUESTIONS, ValueLevels } from './value-levels.ts';
import { SEASONS, ValueSeason } from './value-season.ts';

/** How often each question may reach its own tail, before pacing (alert-pacing.ts): once a day. */
const REACHED_A_DAY = 1;
/** However light a tail, fewer usual misses than this are no news: nearly five Gaussian σ. */
const LEAST_DISTANCE = 6;
/** A season must miss by at least so much less than a simpler one; the daily ones are asked after three days, the weekly after nine. */
const EARNED = 0.95;
const DAYS_BEFORE = [0, 3, 9, 9] as const;
/** One bucket may move a slot by so many usual misses; σ and a half again, as slots are off by themselves too. */
const MOST_TAUGHT = 3 * 1.9;
/** Nothing is cut while the first two days are seen. */
const LEAST_DAYS = 3;

/** What one bucket came to on one scale. */
export interface Surprise {
  /** Distance over the distance that is rare for this series; 1 is where it becomes news. */
  readonly size: number;
  /** What was expected, on this scale. */
  readonly expected: number;
}

/** A series on one scale: levels under four seasons, the noise of the time of day, and the tails that say what is rare. */
export class ValueModel {
  readonly #season: ValueSeason;
  readonly #noise: SlotNoise;
  readonly #levels: readonly ValueLevels[];
  readonly #tails = QUESTIONS.map(() => new Tail());
  readonly #bucketsADay: number;
  readonly #seasonal = new Float64Array(SEASONS);
  readonly #usual = new Float64Array(SEASONS);
  readonly #distances = Array.from({ length: SEASONS }, () => new Float64Array(QUESTIONS.length));

  constructor(clock: ValueClock) {
    this.#season = new ValueSeason(clock);
    this.#noise = new SlotNoise(clock);
    this.#levels = Array.from({ length: SEASONS }, () => new ValueLevels(clock));
    this.#bucketsADay = clock.bucketsADay;
  }

  /**
   * Scores, then learns.
   *
   * @param seen buckets so far, this one included
   * @param settled false while there is too little to go by: learns levels, but no tails
   */
  observe(moment: Moment, value: number, seen: number, settled: boolean): Surprise {
    const earned = this.#earnedSeason(seen);
    const noise = this.#noise.at(moment);
    this.#season.at(moment, this.#seasonal);
    const miss = this.#levels[earned].miss;
    const recent = this.#levels[earned].recent + this.#seasonal[earned];
    const usual = this.#levels[earned].usual + this.#seasonal[earned];
    for (const [at, levels] of this.#levels.entries()) {
      levels.observe(value - this.#seasonal[at], seen, this.#distances[at]);
      this.#usual[at] = levels.usual;
    }
    const distances = this.#distances[earned];
    if (miss > 0) this.#noise.learn(moment, distances[1]);
    this.#season.learn(
      moment,
      value,
      this.#usual,
      moment.days < LEAST_DAYS ? Number.POSITIVE_INFINITY : MOST_TAUGHT * this.#levels[earned].miss,
    );
    // What the season explains is no jump, and neither is what only the season makes look like one.
    distances[0] = Math.min(distances[0], this.#distances[0][0]);
    let size = 0;
    let expected = usual;
    for (const [at, tail] of this.#tails.entries()) {
      const distance = distances[at] / noise;
      const rare = Math.max(LEAST_DISTANCE, tail.reachedOnceIn(this.#bucketsADay / REACHED_A_DAY));
      if (settled) tail.learn(distance);
      if (distance / rare <= size) continue;
      size = distance / rare;
      expected = at === 0 ? recent : usual;
    }
    return { size, expected };
  }

  #earnedSeason(seen: number): number {
    let earned = 0;
    for (let at = 1; at < SEASONS; at++) {
      if (seen <= DAYS_BEFORE[at] * this.#bucketsADay) continue;
      if (this.#levels[at].miss < EARNED * this.#levels[earned].miss) earned = at;
    }
    return earned;
  }

  write(to: StateWriter): void {
    for (const part of [this.#season, this.#noise, ...this.#levels, ...this.#tails]) part.write(to);
  }

  read(from: StateReader): void {
    for (const part of [this.#season, this.#noise, ...this.#levels, ...this.#tails]) part.read(from);
  }
}
