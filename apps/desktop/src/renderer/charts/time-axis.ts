import { dayOf, minuteOf, secondOf, type Clock } from '../words/clock.ts';

/** Distances between ticks that a person counts in, in seconds. */
export const TIME_INCREMENTS = [
  1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
];
const DAY = 86_400;

/**
 * Ticks from `fromSecond` to `toSecond`, on round times of the clock that is shown.
 *
 * @param offsetSeconds what that clock is ahead of UTC
 */
export function timeTicks(fromSecond: number, toSecond: number, increment: number, offsetSeconds: number): number[] {
  const ticks: number[] = [];
  const first = Math.ceil((fromSecond + offsetSeconds) / increment) * increment - offsetSeconds;
  for (let tick = first; tick <= toSecond; tick += increment) ticks.push(tick);
  return ticks;
}

/** The words under the ticks: seconds only where ticks are that close, the day only where it begins. */
export function tickLabels(ticks: readonly number[], increment: number, clock: Clock): string[] {
  return ticks.map((tick) => {
    const ms = tick * 1000;
    const minute = minuteOf(ms, clock);
    if (increment >= DAY || (increment >= 3600 && minute === '00:00')) return dayOf(ms, clock);
    return increment < 60 ? secondOf(ms, clock) : minute;
  });
}
