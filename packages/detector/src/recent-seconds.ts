import { errorsOf, eventsOf, type FrameColumn } from '@sentinellog/shared';
import type { StateReader, StateWriter } from './state-codec.ts';

export type FrameCounts = Readonly<Record<FrameColumn, number>>;

/** What a window holds. */
export interface WindowSums {
  readonly events: number;
  readonly errors: number;
}

const KEPT = 60;
const UNSEEN = -1;

/**
 * The last minute of a source, second by second, with running sums for the windows that slide each second. A second that
 * nobody looked at is not zero: a window that holds one cannot be judged.
 */
export class RecentSeconds {
  /** Events, then errors. */
  readonly #cells = new Float64Array(2 * KEPT).fill(UNSEEN, 0, KEPT);
  /** Unix second of the newest entry. */
  #last = Number.NaN;
  /** Seconds in a row, up to the newest, that were seen. */
  #seenInARow = 0;

  get last(): number {
    return this.#last;
  }

  /** Seconds in a row, up to the newest, that were seen; at most 60. */
  get seenInARow(): number {
    return this.#seenInARow;
  }

  /** @param second later than any before; a jump forward leaves unseen seconds behind */
  push(second: number, counts: FrameCounts | null): void {
    if (second !== this.#last + 1) {
      this.#cells.fill(UNSEEN, 0, KEPT);
      this.#seenInARow = 0;
    }
    const at = second % KEPT;
    this.#cells[at] = counts ? eventsOf(counts) : UNSEEN;
    this.#cells[KEPT + at] = counts ? errorsOf(counts) : 0;
    this.#seenInARow = counts ? Math.min(KEPT, this.#seenInARow + 1) : 0;
    this.#last = second;
  }

  /** Sums of the newest `seconds` (at most 60); null when one of them was not seen. */
  sums(seconds: number): WindowSums | null {
    if (this.#seenInARow < seconds) return null;
    return this.sumsFrom(this.#last - seconds + 1);
  }

  /** Sums of the seen seconds from `first` on, which is at most 60 seconds back. */
  sumsFrom(first: number): WindowSums {
    let events = 0;
    let errors = 0;
    for (let second = Math.max(first, this.#last - this.#seenInARow + 1); second <= this.#last; second++) {
      events += this.#cells[second % KEPT];
      errors += this.#cells[KEPT + (second % KEPT)];
    }
    return { events, errors };
  }

  /** The seen seconds up to the newest, oldest first. */
  *seen(): Generator<WindowSums & { readonly second: number }> {
    for (let second = this.#last - this.#seenInARow + 1; second <= this.#last; second++)
      yield { second, events: this.#cells[second % KEPT], errors: this.#cells[KEPT + (second % KEPT)] };
  }

  write(to: StateWriter): void {
    to.numbers(this.#cells);
    to.number(this.#last);
    to.number(this.#seenInARow);
  }

  static read(from: StateReader): RecentSeconds {
    const recent = new RecentSeconds();
    from.numbersInto(recent.#cells);
    recent.#last = from.number();
    recent.#seenInARow = from.number();
    return recent;
  }
}
