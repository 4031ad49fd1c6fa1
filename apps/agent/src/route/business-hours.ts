import { type Calendar, dateOfDay, minuteOfDay, weekdayOf } from '@sentinellog/shared';
import { type ZoneClock, zoneClock } from './zone-clock.ts';

/** A calendar that is closed for longer than this counts as closed for good. */
const MOST_DAYS_CLOSED = 400;

/** What "business hours" are until a calendar says otherwise (requirement S3-06 names none). */
export const DEFAULT_CALENDAR: Calendar = {
  id: 'business-hours',
  name: 'business hours',
  time_zone: 'UTC',
  hours: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '17:00' }],
  holidays: [],
};

export function isOpen(calendar: Calendar, atMs: number): boolean {
  const clock = zoneClock(calendar.time_zone);
  const today = clock.dayAt(atMs);
  // A night shift of yesterday may still be on.
  return [today - 1, today].some((day) =>
    shiftsOn(calendar, day, clock).some(({ startMs, endMs }) => startMs <= atMs && atMs < endMs),
  );
}

/** `atMs` itself while it is open, else when it opens next; undefined: not within 400 days. */
export function nextOpening(calendar: Calendar, atMs: number): number | undefined {
  if (isOpen(calendar, atMs)) return atMs;
  const clock = zoneClock(calendar.time_zone);
  const today = clock.dayAt(atMs);
  for (let day = today; day <= today + MOST_DAYS_CLOSED; day++) {
    const ahead = shiftsOn(calendar, day, clock).filter(({ startMs, endMs }) => startMs > atMs && endMs > startMs);
    if (ahead.length > 0) return Math.min(...ahead.map(({ startMs }) => startMs));
  }
  return undefined;
}

function shiftsOn(calendar: Calendar, day: number, clock: ZoneClock) {
  const date = dateOfDay(day);
  if (calendar.holidays.some((holiday) => holiday.date === date)) return [];
  const weekday = weekdayOf(day);
  return calendar.hours
    .filter(({ days }) => days.includes(weekday))
    .map(({ from, to }) => {
      const start = minuteOfDay(from);
      const end = minuteOfDay(to);
      return {
        startMs: clock.instantOf(day, start, 'first'),
        endMs: clock.instantOf(end <= start ? day + 1 : day, end, 'last'),
      };
    });
}
