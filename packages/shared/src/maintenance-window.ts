import { z } from 'zod';
import { CalendarDateSchema, ClockTimeSchema, DocumentIdSchema, TimeZoneSchema, WEEKDAYS } from './calendar.ts';

const interval = z.number().int().min(1).max(52).default(1);

/** On which days a window starts. Counting starts at the window's `from_date`. */
export const RecurrenceSchema = z.discriminatedUnion('every', [
  z.strictObject({ every: z.literal('once') }),
  z.strictObject({ every: z.literal('day'), interval }),
  z.strictObject({ every: z.literal('week'), interval, days: z.array(z.enum(WEEKDAYS)).min(1).max(7) }),
  /** A month that has no such day is left out; -1 is its last day. */
  z.strictObject({
    every: z.literal('month_day'),
    interval,
    day: z.union([z.literal(-1), z.number().int().min(1).max(31)]),
  }),
  /** The second Tuesday: nth 2, weekday tue; nth -1 is the last one of the month. */
  z.strictObject({
    every: z.literal('month_weekday'),
    interval,
    nth: z.union([z.literal(-1), z.number().int().min(1).max(4)]),
    weekday: z.enum(WEEKDAYS),
  }),
]);
export type Recurrence = z.infer<typeof RecurrenceSchema>;

const patterns = z.array(z.string().min(1).max(256)).max(200).default([]);

/**
 * Planned work: anomalies of what it covers are kept and marked, nobody is told, and at its end a summary says what was
 * hidden. `starts` and `ends` are wall-clock times in `time_zone`: over a DST night a window from 22:00 to 06:00 is 7 or 9
 * hours long, and an hour that occurs twice is covered both times.
 */
export const MaintenanceWindowSchema = z.strictObject({
  id: DocumentIdSchema,
  name: z.string().min(1).max(100),
  reason: z.string().min(1).max(500),
  enabled: z.boolean().default(true),
  /** null: of every tenant. */
  tenant: z.string().max(100).nullable().default(null),
  /** What it covers: a service pattern (`payment-*`), a source id or a tag that fits. All three empty: everything. */
  services: patterns,
  sources: patterns,
  tags: patterns,
  time_zone: TimeZoneSchema,
  from_date: CalendarDateSchema,
  /** The last day on which it may start; null: it goes on. */
  until_date: CalendarDateSchema.nullable().default(null),
  starts: ClockTimeSchema,
  /** At or before `starts`: on the day after. */
  ends: ClockTimeSchema,
  /** Full days more, for work that takes a weekend. */
  plus_days: z.number().int().min(0).max(31).default(0),
  repeats: RecurrenceSchema,
  /** Days on which it does not start although it would. */
  skip: z.array(CalendarDateSchema).max(1000).default([]),
});
export type MaintenanceWindow = z.infer<typeof MaintenanceWindowSchema>;

/** One time that a window is in effect: start inclusive, end exclusive. */
export const OccurrenceSchema = z.object({ starts_at_ms: z.number(), ends_at_ms: z.number() });
export type Occurrence = z.infer<typeof OccurrenceSchema>;
