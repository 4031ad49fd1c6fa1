/** Whose clock the screen speaks: everybody's, or the one on the wall. */
export const CLOCKS = ['utc', 'local'] as const;
export type Clock = (typeof CLOCKS)[number];

const FORMATS = Object.fromEntries(
  CLOCKS.map((clock) => {
    const timeZone = clock === 'utc' ? { timeZone: 'UTC' } : {};
    // hourCycle h23: with `hour12: false` midnight is written 24:00 in some engines.
    const base = { hourCycle: 'h23', hour: '2-digit', minute: '2-digit', ...timeZone } as const;
    return [
      clock,
      {
        minute: new Intl.DateTimeFormat('en-GB', base),
        second: new Intl.DateTimeFormat('en-GB', { ...base, second: '2-digit' }),
        day: new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', ...timeZone }),
      },
    ];
  }),
) as Record<Clock, { minute: Intl.DateTimeFormat; second: Intl.DateTimeFormat; day: Intl.DateTimeFormat }>;

/** `14:05` */
export function minuteOf(ms: number, clock: Clock): string {
  return FORMATS[clock].minute.format(ms);
}

/** `14:05:10` */
export function secondOf(ms: number, clock: Clock): string {
  return FORMATS[clock].second.format(ms);
}

/** `Thu 1 Jan` */
export function dayOf(ms: number, clock: Clock): string {
  return FORMATS[clock].day.format(ms).replace(',', '');
}

/** `Thu 1 Jan 14:05:10`, or only the time when that is on the same day as `nowMs`. */
export function momentOf(ms: number, clock: Clock, nowMs: number): string {
  const day = dayOf(ms, clock);
  return day === dayOf(nowMs, clock) ? secondOf(ms, clock) : `${day} ${secondOf(ms, clock)}`;
}
