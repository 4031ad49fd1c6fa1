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

/** Bytes that one bucket of one day takes: its step (two), its surprise and its mark. */
const BUCKET_BYTES = 4;
const SURPRISE_AT = 2;
const MARK_AT = 3;

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
  #days: number[] = [];
  /**
   * The buckets of all days, day by day, in one piece: 10,000 sources remember more than a million days, and three small arrays for
   * each of those would weigh twice what they hold.
   */
  #cells = NO_CELLS;
  /** What days that are no longer kept leave behind: habits only, with what people had said by then. null: no day has gone yet. */
  #older: Older | null = null;

  /**
   * @param slots buckets of a day
   * @param mostDays kept; the oldest goes
   */
  constructor(slots: number, mostDays: number) {
    this.#slots = slots;
    this.#most = mostDays;
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
    const at = this.#at(page, slot);
    const units = Math.max(-MOST_STEP, Math.min(MOST_STEP, Math.round(step / STEP_UNIT)));
    this.#cells[at] = units & 0xff;
    this.#cells[at + 1] = (units >> 8) & 0xff;
    const beyondChance = error * error > SURPRISING ** 2 * variance;
    this.#cells[at + SURPRISE_AT] = beyondChance
      ? Math.min(255, Math.max(1, Math.round(Math.abs(error) / SURPRISE_UNIT)))
      : 0;
    this.#cells[at + MARK_AT] = quarantined ? MARK.quarantined : MARK.learnt;
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
    const hasOlder = this.#older?.learnt[slot] === 1;
    let surprise = ((this.#older?.surprise[slot] ?? 0) * SURPRISE_UNIT) ** 2;
    let doubt = this.#older?.doubt[slot] === 1;
    for (let page = 0; page < this.#days.length; page++) {
      const day = this.#days[page];
      const at = this.#at(page, slot);
      const use = isAsked(day) ? useOf(this.#cells[at + MARK_AT], ruledOn(day)) : null;
      if (use === null || use === 'excluded') continue;
      const error = this.#cells[at + SURPRISE_AT] * SURPRISE_UNIT;
      if (use === 'learnt') {
        const step = this.#stepAt(at);
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
    return this.#days.flatMap((day, page) => {
      const at = this.#at(page, slot);
      const use = isAsked(day) ? useOf(this.#cells[at + MARK_AT], ruledOn(day)) : null;
      return use === null ? [] : [{ day, step: this.#stepAt(at), use }];
    });
  }

  #at(page: number, slot: number): number {
    return (page * this.#slots + slot) * BUCKET_BYTES;
  }

  #stepAt(at: number): number {
    return (((this.#cells[at + 1] << 24) >> 16) | this.#cells[at]) * STEP_UNIT;
  }

  /** Place of a day among the kept ones, made if it is not there; null for one that is too old to be kept. */
  #pageOf(day: number, ruledAt: (day: number, slot: number) => Rule | null): number | null {
    const known = this.#days.lastIndexOf(day);
    if (known >= 0) return known;
    const bytesADay = this.#slots * BUCKET_BYTES;
    let kept = this.#cells;
    if (this.#days.length === this.#most) {
      if (day < this.#days[0]) return null;
      this.#settle(this.#days[0], ruledAt);
      this.#days.shift();
      kept = kept.subarray(bytesADay);
    }
    const place = this.#days.findIndex((other) => other > day);
    const page = place < 0 ? this.#days.length : place;
    this.#days.splice(page, 0, day);
    this.#cells = new Uint8Array(kept.length + bytesADay);
    this.#cells.set(kept.subarray(0, page * bytesADay));
    this.#cells.set(kept.subarray(page * bytesADay), (page + 1) * bytesADay);
    return page;
  }

  /** The oldest day goes; a habit that it knew fades from here on with every visit, as it would have. */
  #settle(day: number, ruledAt: (day: number, slot: number) => Rule | null): void {
    const { surprise: carried, learnt, doubt } = (this.#older ??= noneOlder(this.#slots));
    for (let slot = 0; slot < this.#slots; slot++) {
      const at = this.#at(0, slot);
      const use = useOf(this.#cells[at + MARK_AT], ruledAt(day, slot));
      if (use === null || use === 'excluded') continue;
      if (use === 'learnt' || learnt[slot] === 0 || doubt[slot] === 1) {
        const known = (carried[slot] * SURPRISE_UNIT) ** 2;
        const seen = (this.#cells[at + SURPRISE_AT] * SURPRISE_UNIT) ** 2;
        // Rounded down: what fades must come to nothing in the end.
        carried[slot] = Math.floor(Math.sqrt(remembered(known, seen)) / SURPRISE_UNIT + 1e-9);
      }
      if (use === 'learnt') learnt[slot] = 1;
      doubt[slot] = use === 'doubted' ? 1 : 0;
    }
  }

  write(to: StateWriter): void {
    to.bytes(Uint8Array.of(this.#older ? 1 : 0));
    if (this.#older) for (const part of [this.#older.surprise, this.#older.learnt, this.#older.doubt]) to.bytes(part);
    to.number(this.#days.length);
    for (const day of this.#days) to.number(day);
    to.bytes(this.#cells);
  }

  static read(from: StateReader, slots: number, mostDays: number): DayBook {
    const book = new DayBook(slots, mostDays);
    if (from.bytes(1)[0] === 1) {
      book.#older = noneOlder(slots);
      for (const part of [book.#older.surprise, book.#older.learnt, book.#older.doubt]) part.set(from.bytes(slots));
    }
    const days = from.number();
    if (!(days >= 0 && days <= mostDays))
      throw new Error(`detector state is damaged: ${days} days of at most ${mostDays}`);
    for (let i = 0; i < days; i++) book.#days.push(from.number());
    book.#cells = Uint8Array.from(from.bytes(days * slots * BUCKET_BYTES));
    return book;
  }
}

function noneOlder(slots: number): Older {
  return { surprise: new Uint8Array(slots), learnt: new Uint8Array(slots), doubt: new Uint8Array(slots) };
}

const NO_CELLS = new Uint8Array(0);

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
