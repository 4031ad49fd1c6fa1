import type { Signal } from '@sentinellog/shared';
import type { Expectation } from '../expectation.ts';
import type { StateReader, StateWriter } from '../state-codec.ts';
import { Level } from './level.ts';
import { MinuteTally } from './minute-tally.ts';
import { Noise } from './noise.ts';
import type { RuledSlots } from './ruling.ts';
import { Season, type SeasonalStep } from './season.ts';
import { SLOT_SECONDS, SLOTS_A_DAY } from './slots.ts';

/** Fewer minutes than this are no baseline: one would be comparing a start with itself. */
const LEAST_MINUTES = 5;
/** What one minute may teach is cut at this many σ from what was expected: a burst bends the level, it does not take it over. */
const MOST_SIGMAS_LEARNT = 3;
/** Before any error is seen: one in a hundred events, as certain as fifty events make it. */
const PRIOR_EXPOSURE: Readonly<Record<Signal, number>> = { volume: 0, error_rate: 50 };
/** Errors are some of the events; lines know no limit. */
const MOST_RATE: Readonly<Record<Signal, number>> = { volume: Number.MAX_VALUE, error_rate: 1 };
/** How well a level is known that was taken over from what an anomaly left behind. */
const ADOPTED_UNCERTAINTY = 0.05;

/** The forecast of one minute, fixed before the minute begins: every window of the minute is scored against it. */
export interface MinuteForecast extends Expectation {
  /** Seconds of history that it rests on. */
  readonly n: number;
  readonly slot: string;
  /**
   * ln of the factor that this time of day has been known to be off by (0 for most): a rise or drop within it is no news,
   * whatever its z.
   */
  readonly habit: number;
}

/** Where the current five-minute slot stands. */
interface SlotProgress {
  wallSlot: number;
  /** Rate before and after the season's step into the slot, and how well it was known. */
  rateBefore: number;
  forecast: number;
  uncertainty: number;
  /** What this time of day is known for, as it was known before the slot began. */
  volatility: number;
  count: number;
  exposure: number;
  quarantined: boolean;
  /** Entered with a baseline to step from. */
  comparable: boolean;
}

/**
 * What a series has learnt (`BaselineProfile`): a level that follows the recent rate, a season that knows how the level moves with the
 * wall clock, and the noise around both. Moves once a minute: `begin` forecasts, `add` counts, `finish` learns.
 */
export class Baseline {
  readonly signal: Signal;
  #level = new Level();
  #season = new Season();
  #noise = new Noise();
  #minute = new MinuteTally();
  #slot: SlotProgress | null = null;
  #learntSeconds = 0;
  #learntMinutes = 0;
  #lastMinute = Number.NaN;

  constructor(signal: Signal) {
    this.signal = signal;
  }

  /** Seconds of history that were learnt from. */
  get learntSeconds(): number {
    return this.#learntSeconds;
  }

  get isUsable(): boolean {
    return this.#learntMinutes >= LEAST_MINUTES;
  }

  /** Counts of the minute so far, from the seconds that were seen. */
  get minute(): Pick<MinuteTally, 'count' | 'exposure' | 'secondsSeen'> {
    return this.#minute;
  }

  /**
   * Moves time to the start of a minute and forecasts it; null while nothing is learnt.
   *
   * @param minute unix minute
   * @param wallSecond the minute's start on the wall clock of the source
   */
  begin(minute: number, wallSecond: number): MinuteForecast | null {
    const wallSlot = Math.floor(wallSecond / SLOT_SECONDS);
    if (this.#slot?.wallSlot !== wallSlot) this.#slot = this.#enterSlot(wallSlot);
    const { volatility } = this.#slot;
    const elapsed = Number.isNaN(this.#lastMinute) ? 1 : Math.max(1, minute - this.#lastMinute);
    this.#level.age(elapsed, volatility);
    this.#lastMinute = minute;
    if (this.#learntMinutes === 0) return null;
    return {
      rate: this.#level.rate,
      dispersion: this.#noise.dispersion,
      relative: Math.sqrt(this.#noise.relative ** 2 + this.#level.uncertainty),
      n: this.#learntSeconds,
      slot: this.#season.describe(wallSlot),
      habit: 1.5 * Math.sqrt(volatility),
    };
  }

  add(count: number, exposure: number): void {
    this.#minute.add(count, exposure);
  }

  /** Ends the minute that `begin` began. A quarantined one teaches nothing about level and noise. */
  finish(quarantined: boolean): void {
    const { count, exposure, secondsSeen } = this.#minute;
    if (this.#slot) {
      this.#slot.count += count;
      this.#slot.exposure += exposure;
      this.#slot.quarantined ||= quarantined;
    }
    if (!quarantined && exposure > 0) this.#learnMinute(count, exposure, secondsSeen);
    this.#minute.reset();
  }

  /** A new normal: the level becomes what was seen; the season stays, as it knows only steps. */
  adopt(rate: number): void {
    this.#level.restart(rate, ADOPTED_UNCERTAINTY);
  }

  /** What people have said about stretches of the past, from the next slot on. */
  rule(ruled: RuledSlots | null): void {
    this.#season.rule(ruled);
  }

  /** Why the rate moves on entering a slot of wall time. */
  explain(wallSlot: number): SeasonalStep {
    return this.#season.explain(wallSlot);
  }

  /** Time starts over from an earlier minute: the one under way, and its slot, are given up. */
  setBack(): void {
    this.#slot = null;
    this.#lastMinute = Number.NaN;
    this.#minute.reset();
  }

  /** The wall clock was set differently: the slot under way is given up, nothing else is lost. */
  forgetSlot(): void {
    this.#slot = null;
  }

  #learnMinute(count: number, exposure: number, secondsSeen: number): void {
    this.#learntSeconds += secondsSeen;
    this.#learntMinutes++;
    if (this.#learntMinutes === 1) {
      this.#level.restart((count + 0.5) / (exposure + PRIOR_EXPOSURE[this.signal]), 1 / (count + 0.5));
      return;
    }
    const expected = this.#level.rate * exposure;
    const { dispersion, relative } = this.#noise;
    const sigma = Math.sqrt(dispersion * expected + (relative ** 2 + this.#level.uncertainty) * expected ** 2);
    this.#noise.learn(this.#minute, expected, this.#level.uncertainty);
    const most = expected + MOST_SIGMAS_LEARNT * sigma;
    const least = expected - MOST_SIGMAS_LEARNT * sigma;
    this.#level.learn(Math.min(most, Math.max(least, count)), exposure, dispersion + relative ** 2 * expected);
  }

  #enterSlot(wallSlot: number): SlotProgress {
    const left = this.#slot;
    const rateBefore = this.#level.rate;
    // Steps and habits are read before the slot just left is learnt: both ends of a step then know the same days.
    const volatility = this.#season.volatility(wallSlot);
    if (left) {
      this.#level.move(this.#stepsBetween(left.wallSlot, wallSlot), MOST_RATE[this.signal]);
      this.#learnSlot(left);
    }
    return {
      wallSlot,
      rateBefore,
      forecast: this.#level.rate,
      uncertainty: this.#level.uncertainty,
      volatility,
      count: 0,
      exposure: 0,
      quarantined: false,
      comparable: this.isUsable,
    };
  }

  /** Forward over skipped slots (a blind stretch, a spring night), backward in autumn; whole days cancel out. */
  #stepsBetween(from: number, to: number): number {
    let sum = 0;
    if (to > from) {
      for (let slot = to - ((to - from - 1) % SLOTS_A_DAY); slot <= to; slot++) sum += this.#season.stepInto(slot);
    } else {
      for (let slot = from; slot > Math.max(to, from - SLOTS_A_DAY); slot--) sum -= this.#season.stepInto(slot);
    }
    return sum;
  }

  #learnSlot(slot: SlotProgress): void {
    const { wallSlot, rateBefore, forecast, uncertainty, count, exposure, quarantined, comparable } = slot;
    if (exposure === 0 || !comparable) return;
    const expected = forecast * exposure;
    const seen = Math.log(count + 0.5);
    const error = seen - Math.log(expected + 0.5);
    this.#season.learn(wallSlot, {
      step: seen - Math.log(rateBefore * exposure + 0.5),
      // Five minutes without an error are nobody's habit: they must not excuse a burst of errors the day after.
      error: this.signal === 'error_rate' ? Math.max(0, error) : error,
      // By the smaller of the two: a forecast that was far too high must not pass for certainty.
      variance:
        this.#noise.dispersion / (Math.min(count, expected) + 0.5) +
        this.#noise.relative ** 2 +
        Math.min(1, uncertainty),
      quarantined,
    });
  }

  write(to: StateWriter): void {
    this.#level.write(to);
    this.#season.write(to);
    this.#noise.write(to);
    this.#minute.write(to);
    const slot = this.#slot ?? ABSENT_SLOT;
    const { wallSlot, rateBefore, forecast, uncertainty, volatility, count, exposure, quarantined, comparable } = slot;
    for (const value of [wallSlot, rateBefore, forecast, uncertainty, volatility, count, exposure]) to.number(value);
    to.bytes(Uint8Array.of(quarantined ? 1 : 0, comparable ? 1 : 0));
    for (const value of [this.#learntSeconds, this.#learntMinutes, this.#lastMinute]) to.number(value);
  }

  static read(from: StateReader, signal: Signal): Baseline {
    const baseline = new Baseline(signal);
    baseline.#level = Level.read(from);
    baseline.#season = Season.read(from);
    baseline.#noise = Noise.read(from);
    baseline.#minute = MinuteTally.read(from);
    const wallSlot = from.number();
    const rateBefore = from.number();
    const forecast = from.number();
    const uncertainty = from.number();
    const volatility = from.number();
    const count = from.number();
    const exposure = from.number();
    const [quarantined, comparable] = Array.from(from.bytes(2), (byte) => byte === 1);
    const slot = { wallSlot, rateBefore, forecast, uncertainty, volatility, count, exposure };
    baseline.#slot = Number.isNaN(wallSlot) ? null : { ...slot, quarantined: quarantined, comparable: comparable };
    baseline.#learntSeconds = from.number();
    baseline.#learntMinutes = from.number();
    baseline.#lastMinute = from.number();
    return baseline;
  }
}

const ABSENT_SLOT: SlotProgress = {
  wallSlot: Number.NaN,
  rateBefore: 0,
  forecast: 0,
  uncertainty: 0,
  volatility: 0,
  count: 0,
  exposure: 0,
  quarantined: false,
  comparable: false,
};
