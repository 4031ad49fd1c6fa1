import { levelColumn, OTHER_COLUMN } from '../level-of.ts';
import type { TextClock } from '../text-clock.ts';
import type { LineFields, LineParser } from './line-fields.ts';

const SPACE = 0x20;
const OPEN = 0x5b;
const CLOSE = 0x5d;
/** A level stands among the first words: behind a thread's or a logger's name at most. */
const LEVEL_WITHIN_WORDS = 4;
const LONGEST_LEVEL_BYTES = 9;
const LONGEST_TIME_BYTES = 36;

/**
 * What Log4j, Logback, Python's logging, Serilog, klog's friends and most hand-written loggers print: an ISO time, then among the first
 * words a level: `2026-01-05 08:00:00,123 [main] ERROR com.shop.Orders - pool exhausted`.
 */
export class TimestampedLine implements LineParser {
  readonly #clock: TextClock;

  constructor(clock: TextClock) {
    this.#clock = clock;
  }

  read(bytes: Uint8Array, start: number, end: number, into: LineFields): boolean {
    let at = bytes[start] === OPEN ? start + 1 : start;
    const timeStart = at;
    if (at + 19 > end || bytes[at + 4] !== 0x2d || bytes[at + 7] !== 0x2d || bytes[at + 13] !== 0x3a) return false;
    at += 19;
    const last = Math.min(end, timeStart + LONGEST_TIME_BYTES);
    while (at < last && bytes[at] !== SPACE && bytes[at] !== CLOSE && bytes[at] !== 0x09 && bytes[at] !== 0x7c) at++;
    // `12:00:00Z: text`
    const timeEnd = bytes[at - 1] === 0x3a ? at - 1 : at;
    into.timeMs = this.#clock.instant(bytes, timeStart, timeEnd);
    if (Number.isNaN(into.timeMs)) return false;
    if (bytes[at] === CLOSE && at < end) at++;
    while (at < end && bytes[at] === SPACE) at++;
    into.messageStart = at;
    this.#level(bytes, at, end, into);
    return true;
  }

  #level(bytes: Uint8Array, from: number, end: number, into: LineFields): void {
    let at = from;
    for (let word = 0; word < LEVEL_WITHIN_WORDS && at < end; word++) {
      while (at < end && !isLetter(bytes[at])) at++;
      const start = at;
      while (at < end && isLetter(bytes[at])) at++;
      const isWord = at - start >= 3 && at - start <= LONGEST_LEVEL_BYTES && (at >= end || isBoundary(bytes[at]));
      // Levels are shouted, or bracketed: `error` in a sentence is no level.
      const isMarked = isUpper(bytes[start]) && isUpper(bytes[at - 1]);
      const isFramed =
        start > from && (bytes[start - 1] === OPEN || bytes[start - 1] === 0x7c || at === end || bytes[at] === CLOSE);
      if (isWord && (isMarked || isFramed) && levelColumn(bytes, start, at) !== OTHER_COLUMN) {
        into.levelStart = start;
        into.levelEnd = at;
        return;
      }
      while (at < end && bytes[at] !== SPACE) at++;
    }
  }
}

function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

function isUpper(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

/** Blank, tab, `]`, `:`, `|`, `)`, `,`. */
function isBoundary(byte: number): boolean {
  return (
    byte === SPACE ||
    byte === 0x09 ||
    byte === CLOSE ||
    byte === 0x3a ||
    byte === 0x7c ||
    byte === 0x29 ||
    byte === 0x2c
  );
}
