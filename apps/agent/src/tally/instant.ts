const ZERO = 0x30;

/** The last calendar day that was computed: events of one batch nearly always share it. */
let cachedDay = -1;
let cachedDayMs = 0;

/**
 * A timestamp as shippers write it, straight from the bytes (without quotes), in milliseconds since the epoch; NaN when it is none of these:
 * ISO 8601 with `T` or a blank, with or without fraction and zone (none means UTC); or a number (also as text)
 * of seconds, milliseconds, microseconds or nanoseconds, told apart by size as no log is older than 1973.
 */
export function instantMs(bytes: Uint8Array, start: number, end: number): number {
  return end - start >= 19 && bytes[start + 4] === 0x2d ? isoMs(bytes, start, end) : unixMs(bytes, start, end);
}

function isoMs(bytes: Uint8Array, start: number, end: number): number {
  const separator = bytes[start + 10];
  if (bytes[start + 7] !== 0x2d || (separator !== 0x54 && separator !== 0x74 && separator !== 0x20)) return Number.NaN;
  if (bytes[start + 13] !== 0x3a || bytes[start + 16] !== 0x3a) return Number.NaN;
  const year = twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2);
  const month = twoDigits(bytes, start + 5);
  const day = twoDigits(bytes, start + 8);
  const hour = twoDigits(bytes, start + 11);
  const minute = twoDigits(bytes, start + 14);
  const second = twoDigits(bytes, start + 17);
  // A pair that is no number is −1000 or less, so one comparison each finds it. 60 is a leap second.
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > 31) return Number.NaN;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return Number.NaN;

  let i = start + 19;
  let milliseconds = 0;
  if (i < end && (bytes[i] === 0x2e || bytes[i] === 0x2c)) {
    let unit = 100;
    for (i++; i < end; i++) {
      const digit = bytes[i] - ZERO;
      if (digit < 0 || digit > 9) break;
      milliseconds += digit * unit;
      unit = unit === 100 ? 10 : unit === 10 ? 1 : 0;
    }
  }
  const offsetMinutes = i === end ? 0 : zoneMinutes(bytes, i, end);
  return dayMs(year, month, day) + ((hour * 60 + minute - offsetMinutes) * 60 + second) * 1000 + milliseconds;
}

function dayMs(year: number, month: number, day: number): number {
  const key = (year << 9) | (month << 5) | day;
  if (key !== cachedDay) {
    const ms = Date.UTC(year, month - 1, day);
    // Date.UTC rolls 30 February over into March; such a date is not one.
    if (year < 100 || new Date(ms).getUTCDate() !== day) return Number.NaN;
    cachedDayMs = ms;
    cachedDay = key;
  }
  return cachedDayMs;
}

/** `Z`, `+02:00`, `+0200` or `+02`; NaN for anything else. */
function zoneMinutes(bytes: Uint8Array, at: number, end: number): number {
  const sign = bytes[at];
  if ((sign | 0x20) === 0x7a && at + 1 === end) return 0;
  if (sign !== 0x2b && sign !== 0x2d) return Number.NaN;
  const length = end - at;
  const colon = length === 6 && bytes[at + 3] === 0x3a ? 1 : 0;
  if (length !== 3 && length !== 5 + colon) return Number.NaN;
  const hours = twoDigits(bytes, at + 1);
  const minutes = length === 3 ? 0 : twoDigits(bytes, at + 3 + colon);
  if (hours < 0 || hours > 18 || minutes < 0 || minutes > 59) return Number.NaN;
  return sign === 0x2b ? hours * 60 + minutes : -(hours * 60 + minutes);
}

function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] - ZERO;
  const ones = bytes[at + 1] - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -100_000;
}

function unixMs(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = bytes[i] - ZERO;
    if (digit < 0 || digit > 9) return unixMsOfText(bytes, start, end);
    value = value * 10 + digit;
  }
  return end > start ? scaledToMs(value) : Number.NaN;
}

/** Fractions, signs and exponents: rare enough for a string. 32 is longer than any number of this kind. */
function unixMsOfText(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 32) return Number.NaN;
  const text = String.fromCharCode(...bytes.subarray(start, end));
  return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? scaledToMs(Number(text)) : Number.NaN;
}

function scaledToMs(value: number): number {
  if (value < 1e11) return value * 1000;
  if (value < 1e14) return value;
  if (value < 1e17) return value / 1e3;
  return value / 1e6;
}
