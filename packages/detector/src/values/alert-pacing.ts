import type { StateReader, StateWriter } from '../state-codec.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
/** After an alert, only what is worse by so much is told. Twelve hours and more are worth 6 to 35 points on NAB (README). */
const QUIET_SECONDS = 18 * HOUR;
const WORSE_BY = 1.25;
/** Each alert makes the next one this much harder to raise, and is forgotten within a week: a series that cries often is believed less. */
const HARDER_BY = 0.1;
const FORGOTTEN_SECONDS = 7 * DAY;
/** What a time of day has done within the last four days, up to a quarter of an hour earlier or later, is a habit and no news, unless it is twice as much. */
const HABITS = 8;
const HABIT_SECONDS = 4 * DAY;
const HABIT_SLACK_SECONDS = 900;
const BEYOND_HABIT = 2;

/** How often one series may speak. */
export class AlertPacing {
  #recent = 0;
  #recentAt = 0;
  #quietUntil = Number.NEGATIVE_INFINITY;
  #told = 0;
  /** The last surprises that were not within a quiet time: when, and how large. A ring. */
  readonly #at = new Float64Array(HABITS).fill(Number.NEGATIVE_INFINITY);
  readonly #size = new Float64Array(HABITS);
  #next = 0;

  /** A surprise as it counts after the alerts of late. */
  paced(size: number, second: number): number {
    return size / (1 + HARDER_BY * this.#remembered(second));
  }

  /**
   * Whether a paced surprise that reached what is asked for is told.
   *
   * @param settled false while there is too little to go by: nothing is told, but what happens may become a habit
   */
  isTold(paced: number, second: number, settled: boolean): boolean {
    if (second <= this.#quietUntil && paced <= WORSE_BY * this.#told) return false;
    const isHabit = this.#isHabit(paced, second);
    this.#at[this.#next] = second;
    this.#size[this.#next] = paced;
    this.#next = (this.#next + 1) % HABITS;
    this.#quietUntil = second + QUIET_SECONDS;
    this.#told = paced;
    if (isHabit || !settled) return false;
    this.#recent = this.#remembered(second) + 1;
    this.#recentAt = second;
    return true;
  }

  #isHabit(paced: number, second: number): boolean {
    return this.#at.some((at, i) => {
      const age = second - at;
      if (age < DAY / 2 || age > HABIT_SECONDS || paced > BEYOND_HABIT * this.#size[i]) return false;
      const apart = ((age + DAY / 2) % DAY) - DAY / 2;
      return Math.abs(apart) <= HABIT_SLACK_SECONDS;
    });
  }

  #remembered(second: number): number {
    return this.#recent * Math.exp(-(second - this.#recentAt) / FORGOTTEN_SECONDS);
  }

  write(to: StateWriter): void {
    for (const value of [this.#recent, this.#recentAt, this.#quietUntil, this.#told, this.#next]) to.number(value);
    to.numbers(this.#at);
    to.numbers(this.#size);
  }

  read(from: StateReader): void {
    this.#recent = from.number();
    this.#recentAt = from.number();
    this.#quietUntil = from.number();
    this.#told = from.number();
    this.#next = from.number();
    from.numbersInto(this.#at);
    from.numbersInto(this.#size);
  }
}
