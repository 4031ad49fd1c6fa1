/** Wall-clock slots of an IANA zone: people live by the clock on the wall, so seasons are kept by it, also across DST nights. */
const HOUR = 3600;
const QUARTER = 900;
const DAY = 86_400;
const WEEK = 7 * DAY;
/** 1970-01-05 was the first Monday. */
const FIRST_MONDAY = 4 * DAY;
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

export class LocalClock {
  readonly timeZone: string;
  readonly #format: Intl.DateTimeFormat;
  /** Offsets change only at quarters of an hour of UTC, so one answer serves 15 minutes. */
  #quarter = Number.NaN;
  #offset = 0;

  /** @throws RangeError when the zone is not one the language knows. */
  constructor(timeZone: string) {
    this.timeZone = timeZone;
    this.#format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  }

  /** The unix second shifted so that the wall clock can be read from it as if it were UTC. */
  wallSecond(second: number): number {
    const quarter = Math.floor(second / QUARTER);
    if (quarter !== this.#quarter) {
      this.#quarter = quarter;
      this.#offset = this.#offsetAt(quarter * QUARTER);
    }
    return second + this.#offset;
  }

  /** The unix second at which the wall clock shows this; of an hour that comes twice the later one, of a skipped one the hour after. */
  unixSecond(wallSecond: number): number {
    const guess = wallSecond - this.#offsetAt(Math.floor(wallSecond / QUARTER) * QUARTER);
    return wallSecond - this.#offsetAt(Math.floor(guess / QUARTER) * QUARTER);
  }

  #offsetAt(second: number): number {
    const part: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(second * 1000)) part[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second: s = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, s) / 1000 - second;
  }
}

/** True for an IANA zone that `LocalClock` can keep. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: name }).resolvedOptions().timeZone.length > 0;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Monday 00h is 0, Sunday 23h is 167. */
export function hourOfWeek(wallSecond: number): number {
  return Math.floor(((((wallSecond - FIRST_MONDAY) % WEEK) + WEEK) % WEEK) / HOUR);
}

/** `Mon 14h`, for an hour of the week. */
export function hourOfWeekName(hour: number): string {
  return `${WEEKDAYS[Math.floor(hour / 24)]} ${String(hour % 24).padStart(2, '0')}h`;
}
