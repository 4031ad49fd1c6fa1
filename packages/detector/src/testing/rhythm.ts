import { LocalClock } from '../baseline/local-clock.ts';
import type { FrameCounts } from '../recent-seconds.ts';
import type { SecondDetails } from '../second-details.ts';
import { CountSampler } from './count-sampler.ts';
import { SeededRandom } from './seeded-random.ts';
import { type ServiceSpeech, Speech } from './speech.ts';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
/** 1970-01-05, a Monday. */
const FIRST_MONDAY = 4 * DAY;
/** A Wednesday. */
const RELEASE_DAY = 2;

/** A service as its traffic is when nothing is wrong. */
export interface ServiceRhythm {
  readonly service: string;
  readonly timeZone: string;
  /** Lines per second, on average. */
  readonly rate: number;
  /** 0 is flat, 0.8 goes from 0.2 to 1.8 times the rate; the peak is at 15 h. */
  readonly daily: number;
  /** Factor of each weekday, Monday first; days blend over six hours. */
  readonly weekdays: readonly number[];
  readonly growthPerWeek: number;
  /** Variance of a second's lines over their mean. */
  readonly dispersion: number;
  readonly errorShare: number;
  /** A nightly job at a local hour. */
  readonly job?: { readonly hour: number; readonly minutes: number; readonly rate: number };
  /** A release at this local time each Wednesday: half the lines for some seconds. */
  readonly deploy?: { readonly hour: number; readonly seconds: number };
  /** Absent: only counts are known. */
  readonly speech?: ServiceSpeech;
}

const BUSY_MONDAY = [1.45, 1.1, 1.05, 1.05, 1, 0.65, 0.7];
const EVEN = [1, 1, 1, 1, 1, 1, 1];
const plain = {
  weekdays: BUSY_MONDAY,
  growthPerWeek: 0.01,
  dispersion: 1.5,
  errorShare: 0.005,
  timeZone: 'Europe/Berlin',
};

/** Eight services with busy Mondays, a nightly job, deploys, growth, and two zones that change their clocks in March. */
export const EIGHT_SERVICES: readonly ServiceRhythm[] = [
  { ...plain, service: 'gateway', rate: 30, daily: 0.6 },
  { ...plain, service: 'auth-service', rate: 12, daily: 0.7, dispersion: 1.3 },
  { ...plain, service: 'payment-service', rate: 8, daily: 0.6, deploy: { hour: 10, seconds: 8 } },
  { ...plain, service: 'order-service', rate: 6, daily: 0.65, deploy: { hour: 11, seconds: 5 } },
  { ...plain, service: 'inventory-service', rate: 3, daily: 0.4, growthPerWeek: 0.05 },
  { ...plain, service: 'notification-service', rate: 1.2, daily: 0.5, dispersion: 2, errorShare: 0.01 },
  { ...plain, service: 'search-service', rate: 5, daily: 0.7, timeZone: 'America/New_York', errorShare: 0.002 },
  {
    ...plain,
    service: 'batch-reports',
    timeZone: 'UTC',
    rate: 0.2,
    daily: 0,
    weekdays: EVEN,
    dispersion: 1,
    job: { hour: 2, minutes: 25, rate: 6 },
  },
];

/** Multiplies rate or durations, or replaces the error share, in a second; for what a test is about. */
export interface Disturbance {
  readonly from: number;
  readonly to: number;
  readonly volume?: number;
  readonly errorShare?: number;
  readonly slowdown?: number;
}

/** Writes the seconds of one service, one after the other. The rhythm goes minute by minute, chance second by second. */
export class Traffic {
  readonly #rhythm: ServiceRhythm;
  readonly #clock: LocalClock;
  readonly #random: SeededRandom;
  readonly #counts: CountSampler;
  readonly #speech: Speech | null;
  readonly #reference: number;
  readonly #disturbances: readonly Disturbance[];
  /** Slow wandering around the rhythm: 2 %, over a quarter of an hour. */
  #wander = 0;
  /** Of the minute under way. */
  #minute = Number.NaN;
  #rate = 0;
  #place = Number.NEGATIVE_INFINITY;
  #intoDay = 0;
  #weekday = 0;
  #events = 0;
  #errors = 0;
  /** Lines until the next one that is an error, and the share that this was drawn for. */
  #untilError = 0;
  #errorShare = -1;
  #disturbance: Disturbance | undefined;

  constructor(
    rhythm: ServiceRhythm,
    options: { seed: number; reference: number; disturbances?: readonly Disturbance[] },
  ) {
    this.#rhythm = rhythm;
    this.#clock = LocalClock.of(rhythm.timeZone);
    this.#random = new SeededRandom(options.seed);
    this.#counts = new CountSampler(this.#random, Math.max(1, rhythm.dispersion));
    this.#speech = rhythm.speech ? new Speech(rhythm.speech, this.#random) : null;
    this.#reference = options.reference;
    this.#disturbances = options.disturbances ?? [];
  }

  frame(second: number): FrameCounts {
    const minute = Math.floor(second / MINUTE);
    if (minute !== this.#minute) this.#beginMinute(minute);
    let place = this.#place;
    if (this.#disturbances.length > 0)
      this.#disturbance = this.#disturbances.find(({ from, to }) => second >= from && second < to);
    const volume = (this.#disturbance?.volume ?? 1) * this.#releasing(second % MINUTE);
    if (volume !== 1) place = this.#counts.placeOf(this.#rate * volume);
    const events = this.#counts.draw(place);
    const errors = this.#errorsAmong(events, this.#disturbance?.errorShare ?? this.#rhythm.errorShare);
    this.#events += events;
    this.#errors += errors;
    return frameOf(events, errors);
  }

  /** Of the second that `frame` was asked for last; null where only counts are known. */
  details(second: number): SecondDetails | null {
    if (this.#speech === null) return null;
    if (second % MINUTE < MINUTE - 1) return this.#speech.nothing;
    const { daily } = this.#rhythm;
    return this.#speech.minute(
      this.#events,
      this.#errors,
      dayFactor(daily, this.#intoDay),
      this.#disturbance?.slowdown ?? 1,
    );
  }

  #beginMinute(minute: number): void {
    const { rate, daily, growthPerWeek, job, deploy } = this.#rhythm;
    this.#wander = this.#wander * 0.93 + this.#random.normal() * 0.0075;
    const second = minute * MINUTE;
    const wall = this.#clock.wallSecond(second);
    const intoDay = ((wall % DAY) + DAY) % DAY;
    const working =
      job && intoDay >= job.hour * HOUR && intoDay < job.hour * HOUR + job.minutes * MINUTE ? job.rate : 0;
    this.#weekday = Math.floor(((((wall - FIRST_MONDAY) % WEEK) + WEEK) % WEEK) / DAY);
    const growth = (1 + growthPerWeek) ** ((second - this.#reference) / WEEK);
    const usual = rate * dayFactor(daily, intoDay) * this.#weekdayFactor(this.#weekday, intoDay) * growth;
    this.#rate = (usual + working) * Math.exp(this.#wander);
    this.#place = this.#counts.placeOf(this.#rate);
    this.#intoDay = intoDay;
    this.#minute = minute;
    this.#events = this.#errors = 0;
    if (deploy && this.#weekday === RELEASE_DAY && intoDay === deploy.hour * HOUR) this.#speech?.release();
  }

  /** Half the lines while a release is rolled out. */
  #releasing(secondOfMinute: number): number {
    const { deploy } = this.#rhythm;
    if (!deploy || this.#weekday !== RELEASE_DAY) return 1;
    const after = this.#intoDay + secondOfMinute - deploy.hour * HOUR;
    return after >= 0 && after < deploy.seconds ? 0.5 : 1;
  }

  /** Each line is an error with this probability: the lines between two errors are drawn, not every line. */
  #errorsAmong(events: number, share: number): number {
    if (share !== this.#errorShare) {
      this.#errorShare = share;
      this.#untilError = this.#random.failuresBeforeSuccess(share);
    }
    let errors = 0;
    let left = events;
    while (left > this.#untilError) {
      left -= this.#untilError + 1;
      errors++;
      this.#untilError = this.#random.failuresBeforeSuccess(share);
    }
    this.#untilError -= left;
    return errors;
  }

  #weekdayFactor(weekday: number, intoDay: number): number {
    const { weekdays } = this.#rhythm;
    const share = Math.min(1, intoDay / (6 * HOUR));
    return weekdays[(weekday + 6) % 7] * (1 - share) + weekdays[weekday] * share;
  }
}

function dayFactor(daily: number, intoDay: number): number {
  return 1 + daily * Math.cos((2 * Math.PI * (intoDay - 15 * HOUR)) / DAY);
}

/** A second of this many lines, some of them errors. */
export function frameOf(events: number, errors = 0): FrameCounts {
  return { debug: 0, info: events - errors, warn: 0, error: errors, fatal: 0, other: 0, bytes: events * 190 };
}
