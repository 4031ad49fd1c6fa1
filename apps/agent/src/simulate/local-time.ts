const SECONDS_AN_HOUR = 3600;
const HOURS_A_WEEK = 168;
/** 1970-01-01 was a Thursday: its midnight is hour 72 of a week that begins on Monday. */
const EPOCH_HOUR_OF_WEEK = 72;
/** Bound of the offset cache: a zone changes its offset on a full hour of UTC (or its half), so one entry a half hour would do. */
const MAX_CACHED_OFFSETS = 4096;

/** Local time in one IANA zone, through its daylight-saving nights. */
export class LocalTime {
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();
  #cachedHalfHour = Number.NaN;
  #cachedOffset = 0;

  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  }

  /** Hours since Monday's local midnight, in [0, 168), with the fraction. */
  hourOfWeek(unixSecond: number): number {
    const local = (unixSecond + this.#offsetSeconds(unixSecond)) / SECONDS_AN_HOUR + EPOCH_HOUR_OF_WEEK;
    return local - Math.floor(local / HOURS_A_WEEK) * HOURS_A_WEEK;
  }

  #offsetSeconds(unixSecond: number): number {
    const halfHour = Math.floor(unixSecond / 1800);
    if (halfHour === this.#cachedHalfHour) return this.#cachedOffset;
    let offset = this.#offsets.get(halfHour);
    if (offset === undefined) {
      offset = parseOffset(this.#format.formatToParts(halfHour * 1_800_000));
      if (this.#offsets.size >= MAX_CACHED_OFFSETS) this.#offsets.clear();
      this.#offsets.set(halfHour, offset);
    }
    this.#cachedHalfHour = halfHour;
    this.#cachedOffset = offset;
    return offset;
  }
}

/** `GMT+02:00` → 7200; plain `GMT` → 0. */
function parseOffset(parts: readonly Intl.DateTimeFormatPart[]): number {
  const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const match = /^GMT([+-])(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(name);
  if (!match) return 0;
  const seconds = Number(match[2]) * SECONDS_AN_HOUR + Number(match[3]) * 60 + Number(match[4] ?? 0);
  return match[1] === '-' ? -seconds : seconds;
}
