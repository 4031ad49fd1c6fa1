import type { TextClock } from '../text-clock.ts';
import type { LineFields, LineParser } from './line-fields.ts';

const SPACE = 0x20;
const QUOTE = 0x22;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/** OpenTelemetry's numbers: a server's fault is an error, a caller's a warning. */
const ERROR = 17;
const WARN = 13;
const INFO = 9;

/**
 * The common and the combined access log of Apache, nginx and most proxies:
 * `192.0.2.7 - ann [10/Oct/2025:13:55:36 -0700] "GET /a HTTP/1.1" 200 2326 "referrer" "agent"`.
 * The status code is the level.
 */
export class AccessLine implements LineParser {
  readonly #clock: TextClock;

  constructor(clock: TextClock) {
    this.#clock = clock;
  }

  read(bytes: Uint8Array, start: number, end: number, into: LineFields): boolean {
    const open = spaceAfter(bytes, start, end, OPEN);
    if (open < 0 || open === start) return false;
    const timeStart = open + 1;
    const timeEnd = timeStart + 26;
    if (timeEnd + 2 >= end || bytes[timeEnd] !== CLOSE || bytes[timeEnd + 2] !== QUOTE) return false;
    const ms = this.#clock.instant(bytes, timeStart, timeEnd);
    if (Number.isNaN(ms)) return false;
    let at = timeEnd + 3;
    while (at < end && bytes[at] !== QUOTE) at += bytes[at] === 0x5c ? 2 : 1;
    at += 2;
    if (at + 3 > end) return false;
    const hundreds = bytes[at] - 0x30;
    if (!(hundreds >= 1 && hundreds <= 5) || (at + 3 < end && bytes[at + 3] !== SPACE)) return false;
    into.timeMs = ms;
    into.severity = hundreds === 5 ? ERROR : hundreds === 4 ? WARN : INFO;
    into.messageStart = timeEnd + 2;
    return true;
  }
}

/** The first `wanted` that stands behind a blank, within what host, identity and user can take; −1 when there is none. */
function spaceAfter(bytes: Uint8Array, start: number, end: number, wanted: number): number {
  const last = Math.min(end, start + 512);
  for (let at = start + 1; at < last; at++) if (bytes[at] === wanted && bytes[at - 1] === SPACE) return at;
  return -1;
}
