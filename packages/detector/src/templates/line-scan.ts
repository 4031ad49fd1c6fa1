import { ADDRESS, BYTE_CLASS, DIGIT, DOT, HEX_LETTER, LETTER, SEPARATOR, SLASH } from './byte-classes.ts';
import { FNV_START, codeOf } from './word-code.ts';

/** A line's message is looked at for so many tokens and bytes; what comes later does not tell templates apart. */
export const MAX_TOKENS = 96;
const MAX_BYTES = 1024;

/** The code of a variable; words have hashes, punctuation its byte. */
export const VARIABLE = 0;

/** Words that are values wherever they stand. */
const VALUE_WORDS: ReadonlySet<number> = new Set(
  ['true', 'false', 'null', 'nil', 'True', 'False', 'None', 'NULL', 'TRUE', 'FALSE', 'undefined', 'NaN'].map(codeOf),
);

const SPACE = 32;
const NEWLINE = 10;
const QUOTE = 34;
const APOSTROPHE = 39;
const COMMA = 44;
const COLON = 58;
const EQUALS = 61;
const GREATER = 62;
const PIPE = 124;
/** A word of hex letters alone is an id from this length on ("deadbeef"); shorter ones are English ("added", "facade"). */
const HEX_WORD_LENGTH = 8;
const FNV_PRIME = 16_777_619;

/** Cuts a message into words, punctuation and variables. One object for all lines: the arrays are overwritten by each. */
export class LineScan {
  /** Per token: its word's hash, its punctuation byte, or `VARIABLE`. */
  readonly codes = new Int32Array(MAX_TOKENS + 1);
  /** Where each token lies in the buffer that was scanned. */
  readonly starts = new Int32Array(MAX_TOKENS + 1);
  readonly ends = new Int32Array(MAX_TOKENS + 1);
  length = 0;
  /** Two independent hashes of the tokens: together the shape's name. */
  low = 0;
  high = 0;

  /** Scans bytes `start` (inclusive) to `end` (exclusive); a newline ends the message, so a stack trace goes by its first line. */
  scan(bytes: Uint8Array, start: number, end: number): void {
    const codes = this.codes;
    const starts = this.starts;
    const ends = this.ends;
    const limit = end - start > MAX_BYTES ? start + MAX_BYTES : end;
    let n = 0;
    let at = start;
    let valueFollows = false;
    while (at < limit && n < MAX_TOKENS) {
      let byte = bytes[at]!;
      let bits = BYTE_CLASS[byte]!;
      if ((bits & SEPARATOR) === 0) {
        const from = at;
        let flags = 0;
        let hash = FNV_START;
        do {
          flags |= bits;
          hash = Math.imul(hash ^ byte, FNV_PRIME);
          at++;
          if (at >= limit) break;
          byte = bytes[at]!;
          bits = BYTE_CLASS[byte]!;
        } while ((bits & SEPARATOR) === 0);
        const code = hash >>> 8 === 0 ? hash + 256 : hash;
        if (
          (flags & DIGIT) !== 0 ||
          (valueFollows && (flags & LETTER) !== 0) ||
          isVariableWord(bytes, from, at, limit, flags, code)
        ) {
          valueFollows = false;
          // Variables with nothing but `:`, `,` or `|` between them are one: addresses with ports, clock times, lists.
          if (n >= 1 && codes[n - 1] === VARIABLE) {
            ends[n - 1] = at;
            continue;
          }
          if (n >= 2 && codes[n - 2] === VARIABLE && isJoint(codes[n - 1]!)) {
            n--;
            ends[n - 1] = at;
            continue;
          }
          codes[n] = VARIABLE;
        } else {
          codes[n] = code;
        }
        starts[n] = from;
        ends[n++] = at;
        continue;
      }
      if (byte <= SPACE) {
        if (byte === NEWLINE && n > 0) break;
        at++;
        continue;
      }
      if (valueFollows) {
        valueFollows = false;
        if ((byte === QUOTE || byte === APOSTROPHE) && codes[n - 1] !== byte) {
          const closing = bytes.indexOf(byte, at + 1);
          if (closing > at && closing < limit) {
            codes[n] = VARIABLE;
            starts[n] = at;
            ends[n++] = at = closing + 1;
            continue;
          }
        }
      }
      codes[n] = byte;
      starts[n] = at;
      ends[n++] = ++at;
      const next = at < limit ? bytes[at]! : NEWLINE;
      if (byte === EQUALS) {
        if (next === EQUALS || next === GREATER) continue;
        const spaceBefore = at >= start + 2 && bytes[at - 2] === SPACE;
        if (!spaceBefore && (next <= SPACE || next === COMMA || next === 59 || next === 41 || next === 93)) {
          // `key= next=…`: a value that is empty today.
          codes[n] = VARIABLE;
          starts[n] = at;
          ends[n++] = at;
        } else valueFollows = true;
      } else if (byte === COLON && at >= start + 2 && bytes[at - 2] === QUOTE) {
        valueFollows = true; // "key": in JSON
      }
    }
    this.length = n;
    this.#hash(n);
  }

  #hash(n: number): void {
    const codes = this.codes;
    let low = n;
    let high = 0;
    for (let i = 0; i < n; i++) {
      const code = codes[i]!;
      low = Math.imul(low ^ code, -1_640_531_535);
      low ^= low >>> 15;
      high = Math.imul(high + code, -2_048_144_777);
      high ^= high >>> 13;
    }
    this.low = low | 0;
    this.high = high | 0;
  }
}

function isJoint(code: number): boolean {
  return code === COLON || code === COMMA || code === PIPE;
}

/** Whether a word without digits is a value all the same: a path, an address, a yes or no, an id in hex. */
function isVariableWord(
  bytes: Uint8Array,
  from: number,
  to: number,
  limit: number,
  flags: number,
  code: number,
): boolean {
  if ((flags & (SLASH | ADDRESS | DOT)) !== 0) {
    const first = bytes[from]!;
    if ((flags & SLASH) !== 0 && (flags & LETTER) !== 0 && (first === 47 || slashes(bytes, from, to) > 1)) return true;
    if ((flags & ADDRESS) !== 0 && (flags & LETTER) !== 0 && isInside(bytes, from, to)) return true;
    // host:port, where the host has no digit
    if ((flags & DOT) !== 0 && to + 1 < limit && bytes[to] === COLON && (BYTE_CLASS[bytes[to + 1]!]! & DIGIT) !== 0) {
      return true;
    }
  }
  if (flags === (LETTER | HEX_LETTER) && to - from >= HEX_WORD_LENGTH) {
    let at = from;
    while (at < to && (BYTE_CLASS[bytes[at]!]! & HEX_LETTER) !== 0) at++;
    return at === to;
  }
  return VALUE_WORDS.has(code);
}

function slashes(bytes: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) if (bytes[at] === 47) count++;
  return count;
}

/** Whether `@`, `\` or `#` stands inside the word and not at its edge only. */
function isInside(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from + 1; at < to - 1; at++) if ((BYTE_CLASS[bytes[at]!]! & ADDRESS) !== 0) return true;
  return false;
}

