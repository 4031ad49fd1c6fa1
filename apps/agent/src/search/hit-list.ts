import type { HitOrder, HitPlace } from './search-task.ts';

/**
 * The first `limit` hits in the order of event time, out of hits that come as they lie in the journal. What is surely
 * ahead of everything that is still to come can be taken at once; never more than `limit` are held.
 */
export class HitList<T> {
  readonly #sign: 1 | -1;
  readonly #limit: number;
  readonly #after: HitPlace | null;
  readonly #waiting: { readonly place: HitPlace; readonly hit: T }[] = [];
  #taken = 0;

  constructor(order: HitOrder, limit: number, after: HitPlace | null) {
    this.#sign = order === 'newest' ? -1 : 1;
    this.#limit = limit;
    this.#after = after;
  }

  /** Whether a hit at this place can be one of the first. */
  wants(place: HitPlace): boolean {
    if (this.#after !== null && this.#compare(place, this.#after) <= 0) return false;
    if (this.#taken + this.#waiting.length < this.#limit) return true;
    const last = this.#waiting.at(-1);
    return last !== undefined && this.#compare(place, last.place) < 0;
  }

  /** Only for a place that it `wants`. */
  add(place: HitPlace, hit: T): void {
    let low = 0;
    let high = this.#waiting.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(place, this.#waiting[middle].place) < 0) high = middle;
      else low = middle + 1;
    }
    this.#waiting.splice(low, 0, { place, hit });
    if (this.#taken + this.#waiting.length > this.#limit) this.#waiting.pop();
  }

  /**
   * In order, and then no longer held.
   * @param restMs the event time nearest to the beginning that may still come; undefined: nothing comes any more
   */
  take(restMs?: number): readonly T[] {
    let count = this.#waiting.length;
    if (restMs !== undefined) {
      // Of equal times the place in the journal decides, which is not known yet.
      const firstBehind = this.#waiting.findIndex(({ place }) => (place.atMs - restMs) * this.#sign >= 0);
      if (firstBehind >= 0) count = firstBehind;
    }
    this.#taken += count;
    return this.#waiting.splice(0, count).map(({ hit }) => hit);
  }

  /** Whether nothing that may still come can be one of the first. */
  isSettled(restMs: number): boolean {
    if (this.#taken >= this.#limit) return true;
    const last = this.#waiting.at(-1);
    return (
      this.#taken + this.#waiting.length >= this.#limit &&
      last !== undefined &&
      (last.place.atMs - restMs) * this.#sign < 0
    );
  }

  /** Whether there may be more than were given. */
  get isFull(): boolean {
    return this.#taken + this.#waiting.length >= this.#limit;
  }

  #compare(a: HitPlace, b: HitPlace): number {
    return this.#sign * (a.atMs - b.atMs || a.lsn - b.lsn || a.record - b.record || a.event - b.event);
  }
}

/** As text, to go on behind a hit with another search. */
export function cursorOf({ atMs, lsn, record, event }: HitPlace): string {
  return `${atMs}-${lsn}-${record}-${event}`;
}

/** Undefined for a text that `cursorOf` has not made. */
export function placeOfCursor(cursor: string): HitPlace | undefined {
  const match = /^(-?\d+(?:\.\d+)?)-(\d+)-(\d+)-(\d+)$/.exec(cursor);
  if (match === null) return undefined;
  const [atMs, lsn, record, event] = match.slice(1).map(Number);
  return { atMs, lsn, record, event };
}
