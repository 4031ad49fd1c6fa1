import { LocalClock } from '../baseline/local-clock.ts';
import type { FrameCounts } from '../recent-seconds.ts';
import { SeededRandom } from './seeded-random.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
/** 1970-01-05, a Monday. */
const FIRST_MONDAY = 4 * DAY;

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

/** Multiplies the rate, or replaces the error share, in a second; for what a test is about. */
export interface Disturbance {
  readonly from: number;
  readonly to: number;
  readonly volume?: number;
  readonly errorShare?: number;
}

/** Writes the frames of one service, second after second. */
export class Traffic {
  readonly #rhythm: ServiceRhythm;
  readonly #clock: LocalClock;
  readonly #random: SeededRandom;
  readonly #reference: number;
  readonly #disturbances: readonly Disturbance[];
  /** Slow wandering around the rhythm: 2 %, over a quarter of an hour. */
  #wander = 0;

  constructor(
    rhythm: ServiceRhythm,
    options: { seed: number; reference: number; disturbances?: readonly Disturbance[] },
  ) {
    this.#rhythm = rhythm;
    this.#clock = LocalClock.of(rhythm.timeZone);
    this.#random = new SeededRandom(options.seed);
    this.#reference = options.reference;
    this.#disturbances = options.disturbances ?? [];
  }

  frame(second: number): FrameCounts {
    if (second % 60 === 0) this.#wander = this.#wander * 0.93 + this.#random.normal() * 0.0075;
    const disturbance = this.#disturbances.find(({ from, to }) => second >= from && second < to);
    const { dispersion, errorShare } = this.#rhythm;
    const rate = this.#rate(second) * Math.exp(this.#wander) * (disturbance?.volume ?? 1);
    const events = this.#random.counts(rate, dispersion);
    return frameOf(events, this.#random.binomial(events, disturbance?.errorShare ?? errorShare));
  }

  #rate(second: number): number {
    const { rate, daily, growthPerWeek, job, deploy } = this.#rhythm;
    const wall = this.#clock.wallSecond(second);
    const intoDay = ((wall % DAY) + DAY) % DAY;
    const day = 1 + daily * Math.cos((2 * Math.PI * (intoDay - 15 * HOUR)) / DAY);
    const working = job && intoDay >= job.hour * HOUR && intoDay < job.hour * HOUR + job.minutes * 60 ? job.rate : 0;
    const weekday = Math.floor(((((wall - FIRST_MONDAY) % WEEK) + WEEK) % WEEK) / DAY);
    const released =
      deploy && weekday === 2 && intoDay >= deploy.hour * HOUR && intoDay < deploy.hour * HOUR + deploy.seconds;
    const growth = (1 + growthPerWeek) ** ((second - this.#reference) / WEEK);
    return rate * day * this.#weekdayFactor(weekday, intoDay) * growth * (released ? 0.5 : 1) + working;
  }

  #weekdayFactor(weekday: number, intoDay: number): number {
    const { weekdays } = this.#rhythm;
    const share = Math.min(1, intoDay / (6 * HOUR));
    return weekdays[(weekday + 6) % 7] * (1 - share) + weekdays[weekday] * share;
  }
}

/** A second of this many lines, some of them errors. */
export function frameOf(events: number, errors = 0): FrameCounts {
  return { debug: 0, info: events - errors, warn: 0, error: errors, fatal: 0, other: 0, bytes: events * 190 };
}
