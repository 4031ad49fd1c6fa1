import type { StateReader, StateWriter } from '../state-codec.ts';
import type { Moment, ValueClock } from './value-clock.ts';

const MEMORY_DAYS = 10;
/** Before anything is seen of a slot it is as noisy as the rest, with the weight of so many days. */
const PRIOR_DAYS = 3;
/** One bucket counts as at most so many times as noisy as the rest. */
const MOST_OF_A_SLOT = 6;
const MOST_OF_AN_HOUR = 4;
/** A day may have quiet hours: but none is quieter than a third, nor louder than three times, and all of it is believed to 70 %. */
const MOST_QUIET_OR_LOUD = 3;
const BELIEF = 0.7;
/** Two days, before which one cannot tell the noise of an hour from the weather. */
const LEAST_DAYS = 3;

/** How noisy this time of day is, compared with the series as a whole: nights are quieter than noons, and a nightly job never comes to the same. */
export class SlotNoise {
  readonly #slot: Float32Array;
  readonly #hour = new Float32Array(24).fill(1);
  readonly #bucketsAnHour: number;

  constructor({ slots, bucketsAnHour }: ValueClock) {
    this.#slot = new Float32Array(slots).fill(1);
    this.#bucketsAnHour = bucketsAnHour;
  }

  /** Times the usual miss of the series that is usual at this moment. */
  at({ slot, hour, days }: Moment): number {
    if (days < LEAST_DAYS) return this.#slot[slot];
    const ofHour = Math.max(1 / MOST_QUIET_OR_LOUD, Math.min(MOST_QUIET_OR_LOUD, this.#hour[hour])) ** BELIEF;
    return Math.max(ofHour, this.#slot[slot]);
  }

  /** @param missed times the usual miss that this bucket was off by, ≥ 0 */
  learn({ slot, hour, days }: Moment, missed: number): void {
    const memory = Math.min(days, MEMORY_DAYS);
    this.#hour[hour] += (Math.min(MOST_OF_AN_HOUR, missed) - this.#hour[hour]) / (this.#bucketsAnHour * memory);
    if (days < LEAST_DAYS) return;
    this.#slot[slot] += (Math.min(MOST_OF_A_SLOT, missed) - this.#slot[slot]) / (memory + PRIOR_DAYS);
  }

  write(to: StateWriter): void {
    to.floats(this.#slot);
    to.floats(this.#hour);
  }

  read(from: StateReader): void {
    from.floatsInto(this.#slot);
    from.floatsInto(this.#hour);
  }
}
