import type { StateReader, StateWriter } from './state-codec.ts';

/** A finished stretch of a series, with what was expected of it. */
export interface Piece {
  /** Count of stretches of this length since 1970. */
  readonly at: number;
  readonly count: number;
  readonly events: number;
  readonly mean: number;
  /** Counting part of the variance: adds up over pieces. */
  readonly scatter: number;
  /** Proportional part as a standard deviation. */
  readonly proportional: number;
  readonly habit: number;
}

const WIDTH = 7;

/**
 * What is proportional has one cause for the minutes of five, so that σ adds up. In an hour the level is learnt anew a dozen times:
 * there it is σ² that adds up.
 */
export type Proportional = 'one cause' | 'many causes';

/** The pieces before the current one: minutes, which make five, or five minutes, which make the hour. */
export class PastPieces {
  readonly #kept: number;
  readonly #proportional: Proportional;
  readonly #cells: Float64Array;

  constructor(kept: number, proportional: Proportional) {
    this.#kept = kept;
    this.#proportional = proportional;
    this.#cells = new Float64Array(kept * WIDTH).fill(Number.NaN);
  }

  push({ at, count, events, mean, scatter, proportional, habit }: Piece): void {
    this.#cells.set([at, count, events, mean, scatter, proportional, habit], (at % this.#kept) * WIDTH);
  }

  /** This piece and those before it, added up; null when one of them is missing or was seen only in part. */
  withPast(now: Piece): Piece | null {
    let { count, events, mean, scatter, proportional, habit } = now;
    for (let piece = now.at - this.#kept; piece < now.at; piece++) {
      const place = (piece % this.#kept) * WIDTH;
      if (this.#cells[place] !== piece) return null;
      count += this.#cells[place + 1];
      events += this.#cells[place + 2];
      mean += this.#cells[place + 3];
      scatter += this.#cells[place + 4];
      const more = this.#cells[place + 5];
      proportional = this.#proportional === 'one cause' ? proportional + more : Math.hypot(proportional, more);
      habit = Math.max(habit, this.#cells[place + 6]);
    }
    return { at: now.at, count, events, mean, scatter, proportional, habit };
  }

  write(to: StateWriter): void {
    to.numbers(this.#cells);
  }

  read(from: StateReader): void {
    from.numbersInto(this.#cells);
  }
}
