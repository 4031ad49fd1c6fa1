/** The shape of days and weeks: factors around 1 that multiply a service's base rate. */

/** Factor at each full local hour, 0 to 23; between them it is interpolated. Its mean is 1. */
export type DailyRhythm = readonly number[];
/** Factor of each local weekday, Monday first. Its mean is 1. */
export type WeeklyRhythm = readonly number[];

const HOURS_A_DAY = 24;
/** A weekday takes over from the one before while people sleep, never in a step at midnight. */
const HANDOVER_HOURS = 6;

/** A shop: slow nights, a rise through the day, a peak after work. */
export const SHOP_DAY: DailyRhythm = unitMean([
  68, 62, 58, 56, 58, 64, 74, 86, 98, 106, 112, 116, 120, 118, 116, 116, 118, 124, 130, 132, 126, 112, 94, 80,
]);
/** Working hours with a dip at noon. */
export const OFFICE_DAY: DailyRhythm = unitMean([
  62, 58, 56, 56, 60, 70, 88, 110, 128, 136, 138, 134, 122, 126, 134, 134, 126, 114, 100, 92, 86, 80, 74, 68,
]);
/** People at home: the evening is the day. */
export const EVENING_DAY: DailyRhythm = unitMean([
  84, 72, 64, 60, 60, 64, 72, 82, 90, 94, 98, 100, 104, 102, 102, 102, 108, 118, 128, 134, 136, 130, 116, 100,
]);
export const CONSTANT_DAY: DailyRhythm = unitMean(Array<number>(HOURS_A_DAY).fill(1));

/** Mondays are busy (S0-10), weekends quiet. */
export const BUSINESS_WEEK: WeeklyRhythm = unitMean([142, 112, 108, 106, 104, 66, 62]);
export const SHOP_WEEK: WeeklyRhythm = unitMean([128, 98, 96, 98, 104, 92, 84]);
export const EVEN_WEEK: WeeklyRhythm = unitMean(Array<number>(7).fill(1));

function unitMean(factors: readonly number[]): readonly number[] {
  const mean = factors.reduce((sum, factor) => sum + factor, 0) / factors.length;
  return factors.map((factor) => factor / mean);
}

/** The factor of the day's rhythm at a local hour in [0, 24). */
export function dailyFactor(day: DailyRhythm, localHour: number): number {
  const hour = Math.floor(localHour);
  return blend(day[hour % HOURS_A_DAY], day[(hour + 1) % HOURS_A_DAY], localHour - hour);
}

/** The factor of the week's rhythm at an hour of the local week in [0, 168), Monday midnight = 0. */
export function weeklyFactor(week: WeeklyRhythm, localHourOfWeek: number): number {
  const weekday = Math.floor(localHourOfWeek / HOURS_A_DAY);
  const before = week[(weekday + 6) % 7];
  return blend(before, week[weekday], smooth((localHourOfWeek - weekday * HOURS_A_DAY) / HANDOVER_HOURS));
}

/** 0 to 1 without a kink at either end; clamped outside. */
export function smooth(progress: number): number {
  const x = Math.min(1, Math.max(0, progress));
  return x * x * (3 - 2 * x);
}

export function blend(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
