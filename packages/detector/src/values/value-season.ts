import type { StateReader, StateWriter } from '../state-codec.ts';
import type { Moment, ValueClock } from './value-clock.ts';

/** Days a slot of the day, weeks a weekday and an hour of the week remember. */
const SLOT_DAYS = 10;
const WEEKDAY_WEEKS = 4;
const HOUR_WEEKS = 6;
/** What is thought before anything is seen, "no season", weighs as much as this many days or weeks of seeing. */
const SLOT_PRIOR_DAYS = 0.5;
const WEEKDAY_PRIOR_WEEKS = 0.5;
const HOUR_PRIOR_WEEKS = 1;

/** None; the time of day; and the weekday; and the hour of the week. Each holds what the one before leaves over. */
export const SEASONS = 4;

/**
 * What the time of day and of the week add to a series of values: running means that start at nothing. Which of the four to
 * believe is not decided here but by what each of them gets wrong (value-model.ts): a season must be earned.
 */
export class ValueSeason {
  readonly #slot: Float32Array;
  readonly #weekday = new Float32Array(7);
  readonly #hour = new Float32Array(168);
  readonly #bucketsADay: number;
  readonly #bucketsAnHour: number;

  constructor({ slots, bucketsADay, bucketsAnHour }: ValueClock) {
    this.#slot = new Float32Array(slots);
    this.#bucketsADay = bucketsADay;
    this.#bucketsAnHour = bucketsAnHour;
  }

  /** What each of the four adds at this moment, written into `into`. */
  at({ slot, weekday, hourOfWeek }: Moment, into: Float64Array): void {
    into[0] = 0;
    into[1] = this.#slot[slot];
    into[2] = into[1] + this.#weekday[weekday];
    into[3] = into[2] + this.#hour[hourOfWeek];
  }

  /**
   * @param value of the bucket
   * @param levels the level that each of the four sees without its season
   * @param most that one bucket may teach, so that an incident is not taken for a habit
   */
  learn({ slot, weekday, hourOfWeek, days, weeks }: Moment, value: number, levels: Float64Array, most: number): void {
    const cut = (missed: number) => Math.max(-most, Math.min(most, missed));
    this.#slot[slot] += cut(value - levels[1] - this.#slot[slot]) / (Math.min(days, SLOT_DAYS) + SLOT_PRIOR_DAYS);
    const daily = this.#slot[slot];
    this.#weekday[weekday] +=
      cut(value - levels[2] - daily - this.#weekday[weekday]) /
      (this.#bucketsADay * (Math.min(weeks, WEEKDAY_WEEKS) + WEEKDAY_PRIOR_WEEKS));
    const weekly = daily + this.#weekday[weekday];
    this.#hour[hourOfWeek] +=
      cut(value - levels[3] - weekly - this.#hour[hourOfWeek]) /
      (this.#bucketsAnHour * (Math.min(weeks, HOUR_WEEKS) + HOUR_PRIOR_WEEKS));
  }

  write(to: StateWriter): void {
    for (const table of [this.#slot, this.#weekday, this.#hour]) to.floats(table);
  }

  read(from: StateReader): void {
    for (const table of [this.#slot, this.#weekday, this.#hour]) from.floatsInto(table);
  }
}
