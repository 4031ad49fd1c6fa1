import type { StateReader, StateWriter } from '../state-codec.ts';
import type { Rule } from './ruling.ts';

/** Steps are kept to a two-thousandth (0.05 %) within ±16: e^16 is nine million times as much. */
const STEP_UNIT = 1 / 2048;
const MOST_STEP = 32_767;
/** Surprises are kept to a twentieth (5 %): what is below three σ is none at all. */
const SURPRISE_UNIT = 1 / 20;
const SURPRISING = 3;
/** A habit is believed at once and forgotten over a week of visits: a job that skips a day is still a job. */
const FORGOTTEN_OVER = 7;

const MARK = { absent: 0, learnt: 1, quarantined: 2 } as const;

/** What one bucket of one day came to, as natural logarithms. */
export interface Bucket {
  /** ln(seen / level just before). */
  readonly step: number;
  /** ln(seen / forecast). */
  readonly error: number;
  /** Of both, by mere chance. */
  readonly variance: number;
  /** An anomaly ran through it. */
  readonly quarantined: boolean;
}

interface Day {
  readonly day: number;
  readonly step: Int16Array;
  readonly surprise: Uint8Array;
  readonly mark: Uint8Array;
}

/** By slot: the surprise that is remembered, whether it was ever learnt, and whether its last visit is doubted. */
interface Older {
  readonly surprise: Uint8Array;
  readonly learnt: Uint8Array;
  readonly doubt: Uint8Array;
}

/** What the days say about one slot: n, mean and M2 of its steps over the days that count, and how far forecasts have been off. */
export interface Remembered {
  readonly n: number;
  readonly mean: number;
  readonly m2: number;
  /** Variance of ln(rate) that this slot is known for. */
  readonly surprise: number;
}

/** How a kept bucket is used. `doubted`: an anomaly ran through it and nobody has said what it was. */
export type BucketUse = 'learnt' | 'doubted' | 'excluded';

/**
 * The past, bucket by bucket and day by day, as many days as are worth remembering. Everything that is believed is added up from
 * it when it is asked for, so what people say about a stretch (ruling.ts) takes effect at once, exactly on its buckets, and can be
 * taken back without a trace. Subtracting from running sums could not do that: floating point does not give back what it was given.
 */
export class DayBook {
  readonly #slots: number;
  readonly #most: number;
  /** Ascending. */
  #days: Day[] = [];
  /** What days that are no longer kept leave behind: habits only, with what people had said by then. */
  readonly #older: Older;

  /**
   * @param slots buckets of a day
   * @param mostDays kept; the oldest goes
   */
  constructor(slots: number, mostDays: number) {
    this.#slots = slots;
    this.#most = mostDays;
    this.#older = {
      surprise: new Uint8Array(slots),
      learnt: new Uint8Array(slots),
      doubt: new Uint8Array(slots),
    };
  }

  /** The newest word about a bucket counts: an autumn night has one hour twice. */
  record(
    day: number,
    slot: number,
    { step, error, variance, quarantined }: Bucket,
    ruledAt: (day: number, slot: number) => Rule | null,
  ): void {
    const page = this.#pageOf(day, ruledAt);
    if (page === null) return;
    page.step[slot] = Math.max(-MOST_STEP, Math.min(MOST_STEP, Math.round(step / STEP_UNIT)));
    const beyondChance = error * error > SURPRISING ** 2 * variance;
    page.surprise[slot] = beyondChance ? Math.min(255, Math.max(1, Math.round(Math.abs(error) / SURPRISE_UNIT))) : 0;
    page.mark[slot] = quarantined ? MARK.quarantined : MARK.learnt;
  }

  /**
   * Adds up the days that count. A bucket that an anomaly ran through teaches nothing, unless it happens every time: a slot that was
   * never seen without one has no other habit to believe in. So a nightly job is news once, and a new one in an old series twice.
   *
   * @param ruledOn what people have said about the slot on a day
   * @param isAsked the days to look at
   */
  recall(
    slot: number,
    ruledOn: (day: number) => Rule | null,
    isAsked: (day: number) => boolean = everyDay,
  ): Remembered {
    let n = 0;
    let mean = 0;
    let m2 = 0;
    const hasOlder = this.#older.learnt[slot] === 1;
    let surprise = (this.#older.surprise[slot] * SURPRISE_UNIT) ** 2;
    let doubt = this.#older.doubt[slot] === 1;
    for (const page of this.#days) {
      const use = isAsked(page.day) ? useOf(page.mark[slot], ruledOn(page.day)) : null;
      if (use === null || use === 'excluded') continue;
      const error = page.surprise[slot] * SURPRISE_UNIT;
      if (use === 'learnt') {
        const step = page.step[slot] * STEP_UNIT;
        const off = step - mean;
        mean += off / ++n;
        m2 += off * (step - mean);
      }
      if (use === 'learnt' || (n === 0 && !hasOlder) || doubt) surprise = remembered(surprise, error * error);
      doubt = use === 'doubted';
    }
    return { n, mean, m2, surprise };
  }

  /** Every kept bucket of a slot, oldest first, with how it is used. */
  history(
    slot: number,
    ruledOn: (day: number) => Rule | null,
    isAsked: (day: number) => boolean = everyDay,
  ): readonly { readonly day: number; readonly step: number; readonly use: BucketUse }[] {
    return this.#days.flatMap((page) => {
      const use = isAsked(page.day) ? useOf(page.mark[slot], ruledOn(page.day)) : null;
      return use === null ? [] : [{ day: page.day, step: page.step[slot] * STEP_UNIT, use }];
    });
  }

  #pageOf(day: number, ruledAt: (day: number, slot: number) => Rule | null): Day | null {
    const newest = this.#days.at(-1);
    if (newest?.day === day) return newest;
    const known = this.#days.find((page) => page.day === day);
    if (known) return known;
    if (this.#days.length === this.#most) {
      if (day < this.#days[0].day) return null;
      this.#settle(this.#days[0], ruledAt);
      this.#days.shift();
    }
    const page = blank(day, this.#slots);
    this.#days = [...this.#days, page].toSorted((a, b) => a.day - b.day);
    return page;
  }

  /** The oldest day goes; a habit that it knew fades from here on with every visit, as it would have. */
  #settle({ day, surprise, mark }: Day, ruledAt: (day: number, slot: number) => Rule | null): void {
    const { surprise: carried, learnt, doubt } = this.#older;
    for (let slot = 0; slot < this.#slots; slot++) {
      const use = useOf(mark[slot], ruledAt(day, slot));
      if (use === null || use === 'excluded') continue;
      if (use === 'learnt' || learnt[slot] === 0 || doubt[slot] === 1) {
        const known = (carried[slot] * SURPRISE_UNIT) ** 2;
        const seen = (surprise[slot] * SURPRISE_UNIT) ** 2;
        // Rounded down: what fades must come to nothing in the end.
        carried[slot] = Math.floor(Math.sqrt(remembered(known, seen)) / SURPRISE_UNIT + 1e-9);
      }
      if (use === 'learnt') learnt[slot] = 1;
      doubt[slot] = use === 'doubted' ? 1 : 0;
    }
  }

  write(to: StateWriter): void {
    for (const part of [this.#older.surprise, this.#older.learnt, this.#older.doubt]) to.bytes(part);
    to.number(this.#days.length);
    for (const { day, step, surprise, mark } of this.#days) {
      to.number(day);
      to.shorts(step);
      to.bytes(surprise);
      to.bytes(mark);
    }
  }

  static read(from: StateReader, slots: number, mostDays: number): DayBook {
    const book = new DayBook(slots, mostDays);
    for (const part of [book.#older.surprise, book.#older.learnt, book.#older.doubt]) part.set(from.bytes(slots));
    const days = from.number();
    if (!(days >= 0 && days <= mostDays))
      throw new Error(`detector state is damaged: ${days} days of at most ${mostDays}`);
    for (let i = 0; i < days; i++) {
      const page = blank(from.number(), slots);
      from.shortsInto(page.step);
      page.surprise.set(from.bytes(slots));
      page.mark.set(from.bytes(slots));
      book.#days.push(page);
    }
    return book;
  }
}

function blank(day: number, slots: number): Day {
  return { day, step: new Int16Array(slots), surprise: new Uint8Array(slots), mark: new Uint8Array(slots) };
}

/** null: nothing is known of the bucket. */
function useOf(mark: number, rule: Rule | null): BucketUse | null {
  if (mark === MARK.absent) return null;
  if (rule === 'exclude') return 'excluded';
  return rule === 'learn' || mark === MARK.learnt ? 'learnt' : 'doubted';
}

function remembered(known: number, seen: number): number {
  return seen > known ? seen : known + (seen - known) / FORGOTTEN_OVER;
}

function everyDay(): boolean {
  return true;
}
