/** Times as people write them: by the clock on the wall of an IANA zone. */
import { z } from 'zod';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

const DAY_MS = 86_400_000;

/** `09:30`; `24:00` is the end of the day. */
export const ClockTimeSchema = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'expected HH:MM');
/** `2026-11-21`, a day that exists. */
export const CalendarDateSchema = z.iso.date();
export const TimeZoneSchema = z
  .string()
  .min(1)
  .max(64)
  .refine(isTimeZone, 'expected an IANA name such as Europe/Berlin, or UTC');

/** What other documents and addresses call a document by. */
export const DocumentIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'expected lower-case letters, digits, dots, dashes, at most 64');

/** Hours in which people work. Outside them, and on holidays, the calendar is closed. */
export const CalendarSchema = z.strictObject({
  id: DocumentIdSchema,
  name: z.string().min(1).max(100),
  time_zone: TimeZoneSchema,
  /** `to` at or before `from` is on the day after: a night shift belongs to the day it starts on. */
  hours: z
    .array(
      z.strictObject({
        days: z.array(z.enum(WEEKDAYS)).min(1).max(7),
        from: ClockTimeSchema,
        to: ClockTimeSchema,
      }),
    )
    .max(50),
  holidays: z
    .array(z.strictObject({ date: CalendarDateSchema, name: z.string().max(100).default('') }))
    .max(1000)
    .default([]),
});
export type Calendar = z.infer<typeof CalendarSchema>;

/** Whole days from 1970-01-01 to the day that `date` (YYYY-MM-DD) names. */
export function dayOfDate(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

/** The inverse of `dayOfDate`. */
export function dateOfDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** 1970-01-01 was a Thursday. */
export function weekdayOf(day: number): Weekday {
  return WEEKDAYS[(((day + 3) % 7) + 7) % 7]!;
}

/** Minutes after midnight of a `ClockTimeSchema` text. */
export function minuteOfDay(clockTime: string): number {
  const [hours = '', minutes = ''] = clockTime.split(':');
  return Number(hours) * 60 + Number(minutes);
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: name }).resolvedOptions().timeZone.length > 0;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
