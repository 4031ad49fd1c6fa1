/** The simulated shop: what each service's traffic is like when nothing is wrong. */
import type { DailyRhythm, WeeklyRhythm } from './rhythm.ts';
import { CONSTANT_DAY, EVENING_DAY, OFFICE_DAY, SHOP_DAY } from './rhythm.ts';
import { BUSINESS_WEEK, EVEN_WEEK, SHOP_WEEK } from './rhythm.ts';

export const SERVICE_NAMES = [
  'gateway',
  'auth-service',
  'payment-service',
  'order-service',
  'inventory-service',
  'notification-service',
  'search-service',
  'user-service',
  'batch-reports',
] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** Which names a service gives its fields: each is something that real loggers write (line-writer.ts). */
export type FieldStyle = 'plain' | 'ecs' | 'severity' | 'pino';

/** Work that starts at a local time every day and multiplies what the service says until it is done. */
interface NightlyJob {
  readonly startHour: number;
  readonly minutes: number;
  /** Lines per second while it runs. */
  readonly linesPerSecond: number;
}

export interface ServiceProfile {
  /** Lines per second, averaged over a week. All together: 22 a second, 1.9 million a day. */
  readonly linesPerSecond: number;
  readonly timeZone: string;
  readonly day: DailyRhythm;
  readonly week: WeeklyRhythm;
  /** Growth a week, as a share. */
  readonly growthPerWeek: number;
  /** Variance of the lines of a second over their mean: requests come in bursts. */
  readonly dispersion: number;
  readonly errorShare: number;
  /** Log-normal `duration_ms`: the median, and the standard deviation of its logarithm. */
  readonly medianMs: number;
  readonly latencySpread: number;
  readonly fields: FieldStyle;
  readonly job?: NightlyJob;
}

const BERLIN = 'Europe/Berlin';

export const SERVICES: Readonly<Record<ServiceName, ServiceProfile>> = {
  gateway: {
    linesPerSecond: 7.5,
    timeZone: BERLIN,
    day: SHOP_DAY,
    week: SHOP_WEEK,
    growthPerWeek: 0.004,
    dispersion: 1.6,
    errorShare: 0.004,
    medianMs: 38,
    latencySpread: 0.7,
    fields: 'plain',
  },
  'auth-service': {
    linesPerSecond: 1.8,
    timeZone: BERLIN,
    day: OFFICE_DAY,
    week: BUSINESS_WEEK,
    growthPerWeek: 0.003,
    dispersion: 1.4,
    errorShare: 0.006,
    medianMs: 24,
    latencySpread: 0.5,
    fields: 'ecs',
  },
  'payment-service': {
    linesPerSecond: 4,
    timeZone: BERLIN,
    day: SHOP_DAY,
    week: SHOP_WEEK,
    growthPerWeek: 0.004,
    dispersion: 1.5,
    errorShare: 0.005,
    medianMs: 140,
    latencySpread: 0.55,
    fields: 'plain',
  },
  'order-service': {
    linesPerSecond: 4.2,
    timeZone: BERLIN,
    day: SHOP_DAY,
    week: SHOP_WEEK,
    growthPerWeek: 0.004,
    dispersion: 1.5,
    errorShare: 0.004,
    medianMs: 85,
    latencySpread: 0.6,
    fields: 'ecs',
  },
  'inventory-service': {
    linesPerSecond: 1.2,
    timeZone: BERLIN,
    day: OFFICE_DAY,
    week: BUSINESS_WEEK,
    growthPerWeek: 0.002,
    dispersion: 1.3,
    errorShare: 0.003,
    medianMs: 18,
    latencySpread: 0.5,
    fields: 'severity',
  },
  'notification-service': {
    linesPerSecond: 0.9,
    timeZone: 'UTC',
    day: EVENING_DAY,
    week: SHOP_WEEK,
    growthPerWeek: 0.003,
    dispersion: 1.8,
    errorShare: 0.01,
    medianMs: 210,
    latencySpread: 0.8,
    fields: 'plain',
  },
  'search-service': {
    linesPerSecond: 1.4,
    timeZone: 'America/New_York',
    day: EVENING_DAY,
    week: SHOP_WEEK,
    growthPerWeek: 0.005,
    dispersion: 1.4,
    errorShare: 0.003,
    medianMs: 46,
    latencySpread: 0.75,
    fields: 'pino',
  },
  'user-service': {
    linesPerSecond: 1.1,
    timeZone: BERLIN,
    day: OFFICE_DAY,
    week: BUSINESS_WEEK,
    growthPerWeek: 0.003,
    dispersion: 1.4,
    errorShare: 0.004,
    medianMs: 29,
    latencySpread: 0.6,
    fields: 'severity',
  },
  'batch-reports': {
    linesPerSecond: 0.08,
    timeZone: 'UTC',
    day: CONSTANT_DAY,
    week: EVEN_WEEK,
    growthPerWeek: 0,
    dispersion: 1,
    errorShare: 0.004,
    medianMs: 900,
    latencySpread: 0.9,
    fields: 'plain',
    job: { startHour: 2, minutes: 20, linesPerSecond: 6 },
  },
};
