import { instantMs } from './instant.ts';

const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;
/** A date without a year that would lie further ahead than this was written last year. */
const AHEAD_MS = 7 * DAY_MS;

/** `Jan` … `Dec` by their three letters in lower case, packed. */
const MONTHS = new Map(
  ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'].map((name, month) => [
    (name.charCodeAt(0) << 16) | (name.charCodeAt(1) << 8) | name.charCodeAt(2),
    month,
  ]),
);

/** Times of texts, which may name no zone and no year. Milliseconds since the epoch; NaN for what is no time. */
export class TextClock {
  /** When the text was received: it gives the year. */
  receivedAtMs = 0;
  readonly #format: Intl.DateTimeFormat | undefined;
  #cachedQuarter = Number.NaN;
  #cachedOffsetMs = 0;

  /** @param zone IANA name of the zone of times that name none. Throws RangeError for a zone that does not exist. */
  constructor(zone: string) {
    this.#format =
      zone === 'UTC' ? undefined : new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  }

  /** ISO 8601, a number as `instantMs` takes it, or `10/Oct/2000:13:55:36 -0700`. */
  instant(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length >= 20 && bytes[start + 2] === 0x2f && bytes[start + 6] === 0x2f)
      return this.#accessMs(bytes, start, end);
    const ms = instantMs(bytes, start, end);
    return length >= 19 && bytes[start + 4] === 0x2d && !namesZone(bytes, start + 19, end) ? this.fromLocal(ms) : ms;
  }

  /** @param wallMs what the clock on the wall showed, as if it had been UTC */
  fromLocal(wallMs: number): number {
    if (this.#format === undefined || Number.isNaN(wallMs)) return wallMs;
    const quarter = Math.floor(wallMs / QUARTER_MS);
    if (quarter !== this.#cachedQuarter) {
      // Once more with the first answer: the offset is that of the moment itself, not of its neighbour in UTC.
      const near = wallMs - this.#offsetMs(this.#format, wallMs);
      this.#cachedOffsetMs = this.#offsetMs(this.#format, near);
      this.#cachedQuarter = quarter;
    }
    return wallMs - this.#cachedOffsetMs;
  }

  /** A local date whose year, where it is −1, is the one that brings it nearest to the receipt. */
  fromParts(year: number, month: number, day: number, secondOfDay: number, ms: number): number {
    if (year >= 0) return this.fromLocal(localMs(year, month, day, secondOfDay, ms));
    const thisYear = new Date(this.receivedAtMs).getUTCFullYear();
    const time = this.fromLocal(localMs(thisYear, month, day, secondOfDay, ms));
    if (time > this.receivedAtMs + AHEAD_MS) return this.fromLocal(localMs(thisYear - 1, month, day, secondOfDay, ms));
    // Written on New Year's Eve by a clock that is ahead.
    if (time < this.receivedAtMs - 358 * DAY_MS) {
      return this.fromLocal(localMs(thisYear + 1, month, day, secondOfDay, ms));
    }
    return time;
  }

  #accessMs(bytes: Uint8Array, start: number, end: number): number {
    const month = monthAt(bytes, start + 3);
    const year = digits(bytes, start + 7, 4);
    const day = digits(bytes, start, 2);
    const second = secondOfDayAt(bytes, start + 12);
    if (month < 0 || year < 0 || day < 1 || second < 0) return Number.NaN;
    const local = localMs(year, month, day, second, 0);
    const sign = bytes[start + 21];
    if (end - start !== 26 || (sign !== 0x2b && sign !== 0x2d)) return this.fromLocal(local);
    const minutes = digits(bytes, start + 22, 2) * 60 + digits(bytes, start + 24, 2);
    return local - (sign === 0x2b ? minutes : -minutes) * 60_000;
  }

  #offsetMs(format: Intl.DateTimeFormat, atMs: number): number {
    const name = format.formatToParts(atMs).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
    const [, sign, hours, minutes = '0'] = /^GMT([+-])(\d{2}):?(\d{2})?/.exec(name) ?? [];
    const offset = (Number(hours ?? 0) * 60 + Number(minutes)) * 60_000;
    return sign === '-' ? -offset : offset;
  }
}

/** 0 to 11, −1 for three bytes that are no month. */
export function monthAt(bytes: Uint8Array, at: number): number {
  const key = ((bytes[at] | 0x20) << 16) | ((bytes[at + 1] | 0x20) << 8) | bytes[at + 2] | 0x20;
  return MONTHS.get(key) ?? -1;
}

/** `hh:mm:ss` as a second of the day; −1 when it is not that. */
export function secondOfDayAt(bytes: Uint8Array, at: number): number {
  if (bytes[at + 2] !== 0x3a || bytes[at + 5] !== 0x3a) return -1;
  const hour = digits(bytes, at, 2);
  const minute = digits(bytes, at + 3, 2);
  const second = digits(bytes, at + 6, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return -1;
  return (hour * 60 + minute) * 60 + second;
}

/** So many decimal digits as a number; −1 when one of them is none. */
export function digits(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const digit = bytes[i] - 0x30;
    // Behind the last byte there is undefined, and so NaN.
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function localMs(year: number, month: number, day: number, secondOfDay: number, ms: number): number {
  const midnight = Date.UTC(year, month, day);
  return new Date(midnight).getUTCDate() === day ? midnight + secondOfDay * 1000 + ms : Number.NaN;
}

/** Behind the seconds of an ISO time: a fraction, then perhaps a zone. */
function namesZone(bytes: Uint8Array, from: number, end: number): boolean {
  for (let i = from; i < end; i++) {
    const byte = bytes[i];
    if (byte === 0x2b || byte === 0x2d || (byte | 0x20) === 0x7a) return true;
  }
  return false;
}
