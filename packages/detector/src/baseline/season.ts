import type { StateReader, StateWriter } from '../state-codec.ts';
import { type Bucket, type BucketUse, DayBook, type Remembered } from './day-book.ts';
import { hourOfWeek, hourOfWeekName } from './local-clock.ts';
import type { RuledSlots } from './ruling.ts';
import { SLOT_SECONDS, SLOTS_A_DAY, SLOTS_AN_HOUR, slotOfDay, wallDayOf } from './slots.ts';

/** A week of days and one to compare; eight weeks of hours: older ones say little about today. */
const DAYS_REMEMBERED = 8;
const WEEKS_REMEMBERED = 8;
const HOURS_A_DAY = 24;
/** Smaller surprises than 10 % (0.1 squared) are what `Noise` and `Level` are there for. */
const LEAST_SURPRISE = 0.01;

/** A past bucket that an expectation rests on. */
export interface PastBucket {
  /** `day`: the same time of day; `week`: the same hour of the week. */
  readonly layer: 'day' | 'week';
  /** Count of slots of wall time. */
  readonly wallSlot: number;
  /** ln of the factor by which the rate moved on entering it; in `week`, beyond what the time of day does. */
  readonly step: number;
  readonly use: BucketUse;
  /** Share in the mean step of its layer: 0 for what does not count. */
  readonly weight: number;
}

/** Why the rate is expected to move on entering a slot. */
export interface SeasonalStep {
  /** ln of the factor. */
  readonly step: number;
  /** How far each layer is believed, 0 to 1. */
  readonly trust: { readonly day: number; readonly week: number };
  readonly buckets: readonly PastBucket[];
}

/**
 * How the rate moves with the wall clock. Two layers, each believed as far as its evidence goes: steps of the time of day
 * (each slot shrunk to the hour around it, the hour to nothing), and on top what the hour of the week does differently.
 * With no evidence the season moves nothing, and the recent level is the forecast.
 */
export class Season {
  #day = new DayBook(SLOTS_A_DAY, DAYS_REMEMBERED);
  #week = new DayBook(HOURS_A_DAY, 7 * WEEKS_REMEMBERED);
  /** Chance part of a step's variance, as of the last outcome: what means are measured against. */
  #variance = 0.01;
  #ruled: RuledSlots | null = null;

  /** What people have said; not part of the state. */
  rule(ruled: RuledSlots | null): void {
    this.#ruled = ruled;
  }

  /** ln of the factor by which the rate moves on entering this slot (a count of slots of wall time). */
  stepInto(wallSlot: number): number {
    return this.#stepFrom(wallSlot, anyDay);
  }

  /** The step into a slot, with the past buckets that it is made from: "show me the Mondays". Never from the slot itself or later ones. */
  explain(wallSlot: number): SeasonalStep {
    const slot = slotOfDay(wallSlot);
    const hourSlot = slot - (slot % SLOTS_AN_HOUR);
    const isPast = (day: number) => day < wallDayOf(wallSlot);
    const day = this.#ofDay(slot, isPast);
    const week = this.#ofWeek(wallSlot, isPast);
    return {
      step: this.#stepFrom(wallSlot, isPast),
      trust: { day: trust(day.mean, this.#chanceOf(day), day.n), week: trust(week.mean, this.#chanceOf(week), week.n) },
      buckets: [
        ...this.#day.history(slot, this.#ruledOn(slot), isPast).map(bucketOf('day', slot, day.n)),
        ...this.#week
          .history(hourSlot / SLOTS_AN_HOUR, this.#ruledOn(hourSlot), sameWeekday(wallSlot, isPast))
          .map(bucketOf('week', hourSlot, week.n)),
      ],
    };
  }

  /** Variance of ln(rate) that this time of day, or the slots beside it, are known for: what comes some minutes early or late is no news. */
  volatility(wallSlot: number): number {
    const slot = slotOfDay(wallSlot);
    const before = this.#ofDay((slot + SLOTS_A_DAY - 1) % SLOTS_A_DAY);
    const after = this.#ofDay((slot + 1) % SLOTS_A_DAY);
    const surprise = Math.max(before.surprise, this.#ofDay(slot).surprise, after.surprise);
    return surprise > LEAST_SURPRISE ? surprise : 0;
  }

  learn(wallSlot: number, bucket: Bucket): void {
    const slot = slotOfDay(wallSlot);
    const day = wallDayOf(wallSlot);
    const usualStep = this.#ofDay(slot).mean;
    const ruledAt = (of: number, at: number) => this.#ruled?.at(of * SLOTS_A_DAY + at) ?? null;
    this.#day.record(day, slot, bucket, ruledAt);
    if (opensAnHour(wallSlot)) {
      this.#week.record(day, slot / SLOTS_AN_HOUR, { ...bucket, step: bucket.step - usualStep }, (of, hour) =>
        ruledAt(of, hour * SLOTS_AN_HOUR),
      );
    }
    if (!bucket.quarantined) this.#variance = bucket.variance;
  }

  /** In words, what the forecast for this slot rests on: `Mon 14h`, `02:05`, or `recent`. */
  describe(wallSlot: number): string {
    if (this.#ofWeek(wallSlot).n >= 2) return hourOfWeekName(hourOfWeek(wallSlot * SLOT_SECONDS));
    const slot = slotOfDay(wallSlot);
    return this.#ofDay(slot).n === 0 ? 'recent' : slotName(slot);
  }

  #stepFrom(wallSlot: number, isAsked: DayFilter): number {
    const slot = slotOfDay(wallSlot);
    const own = this.#ofDay(slot, isAsked);
    const hour = this.#around(slot, isAsked);
    return (
      earned(hour.mean, Math.max(this.#variance, hour.variance) / SLOTS_AN_HOUR, own.n) +
      earned(own.mean - hour.mean, this.#chanceOf(own), own.n) +
      this.#weekStep(wallSlot, isAsked)
    );
  }

  /** Chance part of one day's step: what counts allow, and never less than by how much the days themselves differ. */
  #chanceOf({ n, m2 }: Remembered): number {
    return Math.max(this.#variance, n > 1 ? m2 / (n - 1) : 0);
  }

  #weekStep(wallSlot: number, isAsked: DayFilter): number {
    if (!opensAnHour(wallSlot)) return 0;
    const week = this.#ofWeek(wallSlot, isAsked);
    // What one Monday did more than other days may have been anything.
    return week.n < 2 ? 0 : earned(week.mean, this.#chanceOf(week), week.n);
  }

  /** Mean step of the slots of an hour around this one, and how much their days differ. */
  #around(slot: number, isAsked: DayFilter): { readonly mean: number; readonly variance: number } {
    let mean = 0;
    let variance = 0;
    for (let i = -SLOTS_AN_HOUR / 2; i < SLOTS_AN_HOUR / 2; i++) {
      const { n, mean: step, m2 } = this.#ofDay((slot + i + SLOTS_A_DAY) % SLOTS_A_DAY, isAsked);
      mean += step / SLOTS_AN_HOUR;
      if (n > 1) variance += m2 / (n - 1) / SLOTS_AN_HOUR;
    }
    return { mean, variance };
  }

  #ofDay(slot: number, isAsked: DayFilter = anyDay): Remembered {
    return this.#day.recall(slot, this.#ruledOn(slot), isAsked);
  }

  #ofWeek(wallSlot: number, isAsked: DayFilter = anyDay): Remembered {
    const hour = Math.floor(slotOfDay(wallSlot) / SLOTS_AN_HOUR);
    return this.#week.recall(hour, this.#ruledOn(hour * SLOTS_AN_HOUR), sameWeekday(wallSlot, isAsked));
  }

  #ruledOn(slot: number): (day: number) => ReturnType<RuledSlots['at']> {
    const ruled = this.#ruled;
    return ruled === null ? unruled : (day) => ruled.at(day * SLOTS_A_DAY + slot);
  }

  write(to: StateWriter): void {
    this.#day.write(to);
    this.#week.write(to);
    to.number(this.#variance);
  }

  static read(from: StateReader): Season {
    const season = new Season();
    season.#day = DayBook.read(from, SLOTS_A_DAY, DAYS_REMEMBERED);
    season.#week = DayBook.read(from, HOURS_A_DAY, 7 * WEEKS_REMEMBERED);
    season.#variance = from.number();
    return season;
  }
}

function bucketOf(layer: PastBucket['layer'], slot: number, n: number) {
  return ({
    day,
    step,
    use,
  }: {
    readonly day: number;
    readonly step: number;
    readonly use: BucketUse;
  }): PastBucket => ({
    layer,
    wallSlot: day * SLOTS_A_DAY + slot,
    step,
    use,
    weight: use === 'learnt' ? 1 / n : 0,
  });
}

/** Every name that `describe` may give to the slot of an instant, beside `recent`. */
export function slotNames(wallSecond: number): readonly string[] {
  return [hourOfWeekName(hourOfWeek(wallSecond)), slotName(slotOfDay(Math.floor(wallSecond / SLOT_SECONDS)))];
}

/** `02:05`, for a slot of the day. */
function slotName(slot: number): string {
  const minute = (slot % SLOTS_AN_HOUR) * (SLOT_SECONDS / 60);
  return `${String(Math.floor(slot / SLOTS_AN_HOUR)).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

/**
 * A season must be earned: a mean over `visits` is believed as far as it stands out from its own standard error
 * (positive-part James-Stein, two standard errors), and a single visit only by half.
 */
export function earned(mean: number, varianceOfOne: number, visits: number): number {
  return mean * trust(mean, varianceOfOne, visits);
}

function trust(mean: number, varianceOfOne: number, visits: number): number {
  if (visits === 0 || mean === 0) return 0;
  const beyondChance = Math.max(0, 1 - (4 * varianceOfOne) / (visits * mean * mean));
  return beyondChance * (visits / (visits + 1));
}

function opensAnHour(wallSlot: number): boolean {
  return wallSlot % SLOTS_AN_HOUR === 0;
}

type DayFilter = (day: number) => boolean;

function anyDay(): boolean {
  return true;
}

function sameWeekday(wallSlot: number, isAsked: DayFilter): DayFilter {
  const weekday = wallDayOf(wallSlot) % 7;
  return (day) => day % 7 === weekday && isAsked(day);
}

function unruled(): null {
  return null;
}
