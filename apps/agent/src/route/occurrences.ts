import {
  dateOfDay,
  dayOfDate,
  type MaintenanceWindow,
  minuteOfDay,
  type Occurrence,
  type Recurrence,
  weekdayOf,
} from '@sentinellog/shared';
import { zoneClock } from './zone-clock.ts';

/** The rarest rule that can be written, 29 February every twelve months, comes back within eight years. */
const MOST_DAYS_AHEAD = 8 * 366;
const DAY_MS = 86_400_000;

/** When the window is in effect: what goes on at `fromMs` first, then what follows, at most `limit`. Ignores `enabled`. */
export function occurrences(window: MaintenanceWindow, fromMs: number, limit: number): readonly Occurrence[] {
  const clock = zoneClock(window.time_zone);
  const anchor = dayOfDate(window.from_date);
  const starts = minuteOfDay(window.starts);
  const ends = minuteOfDay(window.ends);
  const daysLong = window.plus_days + (ends <= starts ? 1 : 0);
  const first = Math.max(anchor, clock.dayAt(fromMs) - daysLong - 1);
  const last = window.until_date === null ? first + MOST_DAYS_AHEAD : dayOfDate(window.until_date);
  const found: Occurrence[] = [];
  for (let day = first; day <= Math.min(last, first + MOST_DAYS_AHEAD) && found.length < limit; day++) {
    if (!fallsOn(window.repeats, anchor, day) || window.skip.includes(dateOfDay(day))) continue;
    const starts_at_ms = clock.instantOf(day, starts, 'first');
    const ends_at_ms = clock.instantOf(day + daysLong, ends, 'last');
    // One that lies wholly in an hour that the clocks skip does not take place.
    if (ends_at_ms > Math.max(fromMs, starts_at_ms)) found.push({ starts_at_ms, ends_at_ms });
  }
  return found;
}

/** Whether a window that counts from `anchor` starts on this day (both in days from 1970-01-01). */
function fallsOn(rule: Recurrence, anchor: number, day: number): boolean {
  if (rule.every === 'once') return day === anchor;
  if (rule.every === 'day') return (day - anchor) % rule.interval === 0;
  if (rule.every === 'week')
    return ((mondayOf(day) - mondayOf(anchor)) / 7) % rule.interval === 0 && rule.days.includes(weekdayOf(day));
  if (monthsBetween(anchor, day) % rule.interval !== 0) return false;
  if (rule.every === 'month_day') return isDayOfMonth(day, rule.day);
  if (weekdayOf(day) !== rule.weekday) return false;
  return rule.nth === -1 ? isInLastWeek(day) : Math.ceil(dateOf(day).date / 7) === rule.nth;
}

/** 1970-01-05 was the first Monday. */
function mondayOf(day: number): number {
  return day - ((((day - 4) % 7) + 7) % 7);
}

function monthsBetween(anchor: number, day: number): number {
  return dateOf(day).months - dateOf(anchor).months;
}

function isDayOfMonth(day: number, wanted: number): boolean {
  return wanted === -1 ? dateOf(day + 1).date === 1 : dateOf(day).date === wanted;
}

function isInLastWeek(day: number): boolean {
  return dateOf(day + 7).months !== dateOf(day).months;
}

/** Months since year 0, and the day of the month from 1. */
function dateOf(day: number): { readonly months: number; readonly date: number } {
  const at = new Date(day * DAY_MS);
  return { months: at.getUTCFullYear() * 12 + at.getUTCMonth(), date: at.getUTCDate() };
}
