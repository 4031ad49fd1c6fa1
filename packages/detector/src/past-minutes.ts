import type { StateReader, StateWriter } from './state-codec.ts';

/** One finished minute of a series, with what was expected of it. */
export interface FinishedMinute {
  readonly minute: number;
  readonly count: number;
  readonly events: number;
  readonly mean: number;
  /** Counting part of the variance: adds up over minutes. */
  readonly scatter: number;
  /** Proportional part as a standard deviation: one cause for all minutes, so σ adds up. */
  readonly proportional: number;
  readonly habit: number;
}

const KEPT = 4;
const WIDTH = 7;

/** The four minutes before the current one: with it, the five-minute window. */
export class PastMinutes {
  readonly #cells = new Float64Array(KEPT * WIDTH).fill(Number.NaN);

  push({ minute, count, events, mean, scatter, proportional, habit }: FinishedMinute): void {
    this.#cells.set([minute, count, events, mean, scatter, proportional, habit], (minute % KEPT) * WIDTH);
  }

  /** This minute and the four before it, added up; null when one of those is missing or was seen only in part. */
  withPast(now: FinishedMinute): FinishedMinute | null {
    let { count, events, mean, scatter, proportional, habit } = now;
    for (let minute = now.minute - KEPT; minute < now.minute; minute++) {
      const at = (minute % KEPT) * WIDTH;
      if (this.#cells[at] !== minute) return null;
      count += this.#cells[at + 1];
      events += this.#cells[at + 2];
      mean += this.#cells[at + 3];
      scatter += this.#cells[at + 4];
      proportional += this.#cells[at + 5];
      habit = Math.max(habit, this.#cells[at + 6]);
    }
    return { minute: now.minute, count, events, mean, scatter, proportional, habit };
  }

  write(to: StateWriter): void {
    to.numbers(this.#cells);
  }

  static read(from: StateReader): PastMinutes {
    const past = new PastMinutes();
    from.numbersInto(past.#cells);
    return past;
  }
}
