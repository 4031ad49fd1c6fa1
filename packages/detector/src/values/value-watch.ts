import { type Direction, SENSITIVITY_SIGMA } from '@sentinellog/shared';
import { type LeastChange, leastChangeOver } from '../horizon.ts';
import type { StateReader, StateWriter } from '../state-codec.ts';
import { AlertPacing } from './alert-pacing.ts';
import { ValueClock } from './value-clock.ts';
import { ValueModel } from './value-model.ts';

/** Buckets from whose median the unit of the series is read. */
const UNIT_BUCKETS = 20;
/** Buckets after those before anything is told. */
const LEAST_BUCKETS = 80;
/** Until every hour of the week was seen once, so many times as much is asked: the first Monday is news to nobody else. */
const WHILE_LEARNING = 1.3;
/** Counts must change by what a window of five minutes asks for, whatever the buckets: a change is no larger for having been waited for. */
const LEAST_COUNTS: LeastChange = leastChangeOver(300, 'volume');

export interface ValueKind {
  /** Length of a bucket, from seconds to a day. */
  readonly bucketSeconds: number;
  /** Whether values count something: then a change must also be large enough to matter (horizon.ts, five minutes). */
  readonly counts: boolean;
}

/** What one bucket came to. */
export interface ValueVerdict {
  /** In σ as a sensitivity has them: 3 is where medium makes it an anomaly. */
  readonly score: number;
  readonly direction: Direction;
  /** In the unit of the series. */
  readonly expected: number;
  /** Told to people: surprising enough, large enough, and not what was told already. */
  readonly alerts: boolean;
}

/**
 * A series of one value a bucket, of any kind: counts, percentages, milliseconds, also negative ones. It calibrates itself: what is
 * rare is read from the series' own tails, on a linear and on a logarithmic scale, and a season must be earned.
 */
export class ValueWatch {
  readonly #least: LeastChange | null;
  readonly #clock: ValueClock;
  readonly #linear: ValueModel;
  readonly #logarithmic: ValueModel;
  readonly #pacing = new AlertPacing();
  readonly #first = new Float64Array(UNIT_BUCKETS);
  #unit = 0;
  #seen = 0;

  constructor({ bucketSeconds, counts }: ValueKind) {
    this.#least = counts ? LEAST_COUNTS : null;
    this.#clock = new ValueClock(bucketSeconds);
    this.#linear = new ValueModel(this.#clock);
    this.#logarithmic = new ValueModel(this.#clock);
  }

  /**
   * @param wallSecond start of the bucket on the wall clock, read as if it were UTC; not before the last one, clock changes aside
   * @param value finite
   * @param sigma that the series is set to
   */
  observe(wallSecond: number, value: number, sigma: number): ValueVerdict {
    if (this.#seen < UNIT_BUCKETS) return this.#readUnit(value);
    const seen = ++this.#seen - UNIT_BUCKETS;
    const moment = this.#clock.moment(wallSecond, seen);
    const scaled = value / this.#unit;
    const settled = seen >= LEAST_BUCKETS;
    const linear = this.#linear.observe(moment, scaled, seen, settled);
    const logarithmic = this.#logarithmic.observe(moment, Math.asinh(scaled), seen, settled);
    const surprise = (linear.size + logarithmic.size) / 2 / (moment.weeks < 1 ? WHILE_LEARNING : 1);
    const score = SENSITIVITY_SIGMA.medium * this.#pacing.paced(surprise, wallSecond);
    // The scale that is more surprised says what it had expected.
    const expected = this.#unit * (linear.size > logarithmic.size ? linear.expected : Math.sinh(logarithmic.expected));
    const isNews = score >= sigma && this.#isLarge(value, expected);
    const alerts = isNews && this.#pacing.isTold(score, wallSecond, settled);
    return { score, direction: value < expected ? 'low' : 'high', expected, alerts };
  }

  /** The median size of the first values, so that constants need not know what is measured. */
  #readUnit(value: number): ValueVerdict {
    this.#first[this.#seen++] = Math.abs(value);
    if (this.#seen === UNIT_BUCKETS) {
      const sorted = this.#first.toSorted();
      this.#unit = sorted[UNIT_BUCKETS / 2] || sorted[UNIT_BUCKETS - 1] || 1;
    }
    return { score: 0, direction: 'high', expected: value, alerts: false };
  }

  #isLarge(value: number, expected: number): boolean {
    if (this.#least === null) return true;
    const { count, rise, drop } = this.#least;
    if (value > expected) return value - expected >= count && value >= rise * expected;
    return drop !== null && expected - value >= count && value <= drop * expected;
  }

  write(to: StateWriter): void {
    to.numbers(this.#first);
    to.number(this.#unit);
    to.number(this.#seen);
    for (const part of [this.#linear, this.#logarithmic, this.#pacing]) part.write(to);
  }

  read(from: StateReader): void {
    from.numbersInto(this.#first);
    this.#unit = from.number();
    this.#seen = from.number();
    for (const part of [this.#linear, this.#logarithmic, this.#pacing]) part.read(from);
  }
}
