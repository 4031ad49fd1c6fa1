import { errorsOf, eventsOf, type FrameColumn } from '@sentinellog/shared';
import type { StateReader, StateWriter } from './state-codec.ts';

export type FrameCounts = Readonly<Record<FrameColumn, number>>;

/** What a window holds. */
export interface WindowSums {
  readonly events: number;
  readonly errors: number;
}

const KEPT = 60;
/** The next power of two: a place in the ring is then a mask away. */
const PLACES = 64;
const MASK = PLACES - 1;

/**
 * The last minute of a source, as sums through each of its seconds: what any window holds is one subtraction. A second that
 * nobody looked at is not zero: a window that holds one cannot be judged.
 */
export class RecentSeconds {
  /** Events through a second since the beginning, then errors. Whole numbers far below 2^53: subtracting them is exact. */
  readonly #through = new Float64Array(2 * PLACES);
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
    const through = this.#through;
    const at = second & MASK;
    // Of a first second, and of one after a jump, the one before was not seen: sums start over from it.
    const before = (second - 1) & MASK;
    if (second !== this.#last + 1) {
      through[before] = through[PLACES + before] = 0;
      this.#seenInARow = 0;
    }
    if (counts === null) {
      through[at] = through[PLACES + at] = 0;
      this.#seenInARow = 0;
    } else {
      through[at] = through[before] + eventsOf(counts);
      through[PLACES + at] = through[PLACES + before] + errorsOf(counts);
      if (this.#seenInARow < KEPT) this.#seenInARow++;
    }
    this.#last = second;
  }

  /** Events of the newest `seconds`, which must have been seen in a row. */
  events(seconds: number): number {
    return this.#within(0, this.#last, seconds);
  }

  /** Errors of the newest `seconds`, which must have been seen in a row. */
  errors(seconds: number): number {
    return this.#within(PLACES, this.#last, seconds);
  }

  /** Sums of the seen seconds from `first` on, which is at most 60 seconds back. */
  sumsFrom(first: number): WindowSums {
    const seconds = Math.min(this.#seenInARow, this.#last - first + 1);
    return seconds > 0 ? { events: this.events(seconds), errors: this.errors(seconds) } : NOTHING_SEEN;
  }

  /** The seen seconds up to the newest, oldest first. */
  *seen(): Generator<WindowSums & { readonly second: number }> {
    for (let second = this.#last - this.#seenInARow + 1; second <= this.#last; second++)
      yield { second, events: this.#within(0, second, 1), errors: this.#within(PLACES, second, 1) };
  }

  /** @param from 0 for events, PLACES for errors */
  #within(from: number, last: number, seconds: number): number {
    return this.#through[from + (last & MASK)] - this.#through[from + ((last - seconds) & MASK)];
  }

  write(to: StateWriter): void {
    to.numbers(this.#through);
    to.number(this.#last);
    to.number(this.#seenInARow);
  }

  static read(from: StateReader): RecentSeconds {
    const recent = new RecentSeconds();
    from.numbersInto(recent.#through);
    recent.#last = from.number();
    recent.#seenInARow = from.number();
    return recent;
  }
}

const NOTHING_SEEN: WindowSums = { events: 0, errors: 0 };
