const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Which instant a wall-clock time means that the clock shows twice. */
export type Pass = 'first' | 'last';

/** The clock on the wall of one IANA zone, both ways. */
export class ZoneClock {
  readonly #format: Intl.DateTimeFormat;

  /** @throws RangeError when the zone does not exist */
  constructor(timeZone: string) {
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

  /** What the wall shows at an instant (ms since the epoch), as if it were UTC. */
  wallMs(instantMs: number): number {
    const part: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(instantMs)) part[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) + (((instantMs % 1000) + 1000) % 1000);
  }

  /** Days from 1970-01-01 to the day that the wall shows. */
  dayAt(instantMs: number): number {
    return Math.floor(this.wallMs(instantMs) / DAY_MS);
  }

  /**
   * The instant at which the wall shows this minute of this day. A time that is skipped when the clocks go forward is the
   * instant of the jump, so that order is kept: a later time on the wall is never an earlier instant.
   * @param minute minutes after midnight, 0 … 1440
   */
  instantOf(day: number, minute: number, pass: Pass): number {
    const wall = day * DAY_MS + minute * MINUTE_MS;
    // A zone changes its offset at most once within two days.
    const before = this.#offsetAt(wall - DAY_MS);
    const after = this.#offsetAt(wall + DAY_MS);
    const fitting = [wall - before, wall - after].filter((instant) => this.wallMs(instant) === wall);
    if (fitting.length > 0) return pass === 'first' ? Math.min(...fitting) : Math.max(...fitting);
    return this.#jumpBetween(wall - Math.max(before, after), wall - Math.min(before, after));
  }

  #offsetAt(instantMs: number): number {
    return this.wallMs(instantMs) - instantMs;
  }

  #jumpBetween(fromMs: number, toMs: number): number {
    const old = this.#offsetAt(fromMs);
    let low = fromMs;
    let high = toMs;
    while (high - low > MINUTE_MS) {
      const middle = low + Math.floor((high - low) / (2 * MINUTE_MS)) * MINUTE_MS;
      if (this.#offsetAt(middle) === old) low = middle;
      else high = middle;
    }
    return high;
  }
}

const MOST_CLOCKS = 600;
const clocks = new Map<string, ZoneClock>();

/** Making the formatter costs more than all its answers; there are about 420 zones. */
export function zoneClock(timeZone: string): ZoneClock {
  let clock = clocks.get(timeZone);
  if (clock === undefined) {
    if (clocks.size >= MOST_CLOCKS) clocks.clear();
    clock = new ZoneClock(timeZone);
    clocks.set(timeZone, clock);
  }
  return clock;
}
