import { ADDRESS, BYTE_CLASS, DIGIT, DOT, LETTER, NOT_HEX, SEPARATOR, SLASH, UPPER } from './byte-classes.ts';
import { isMessageKey, isPreposition, isUnit, isValueWord } from './known-words.ts';
import { FNV_START } from './word-code.ts';

/** A line's message is looked at for so many tokens and bytes; what comes later does not tell templates apart. */
const MAX_TOKENS = 96;
const MAX_BYTES = 1024;

/** The code of a variable; words have hashes, punctuation its byte. */
export const VARIABLE = 0;

const SPACE = 32;
const NEWLINE = 10;
const QUOTE = 34;
const AMPERSAND = 38;
const APOSTROPHE = 39;
const OPEN_PAREN = 40;
const CLOSE_PAREN = 41;
const COMMA = 44;
const DOT_BYTE = 46;
const SLASH_BYTE = 47;
const COLON = 58;
const SEMICOLON = 59;
const LESS = 60;
const EQUALS = 61;
const GREATER = 62;
const QUESTION = 63;
const OPEN_SQUARE = 91;
const CLOSE_SQUARE = 93;
const OPEN_BRACE = 123;
const PIPE = 124;
const CLOSE_BRACE = 125;

/** A word of hex letters alone is an id from this length on ("deadbeef"); shorter ones are English ("added", "facade"). */
const HEX_WORD_LENGTH = 8;
/** The groups of an address written in hex (fe80::1, FF:F2:9F) have at most so many letters. */
const HEX_GROUP_LENGTH = 4;
const FNV_PRIME = 16_777_619;

/** Cuts a message into words, punctuation and variables. One object for all lines: the arrays are overwritten by each. */
export class LineScan {
  /** Per token: its word's hash, its punctuation byte, or `VARIABLE`. */
  readonly codes = new Int32Array(MAX_TOKENS + 2);
  /** Where each token lies in the buffer that was scanned. */
  readonly starts = new Int32Array(MAX_TOKENS + 2);
  readonly ends = new Int32Array(MAX_TOKENS + 2);
  length = 0;
  /** Two independent hashes of the tokens: together the shape's name. */
  low = 0;
  high = 0;

  /** Scans bytes `start` (inclusive) to `end` (exclusive); a newline ends the message, so a stack trace goes by its first line. */
  scan(bytes: Uint8Array, start: number, end: number): void {
    // Held in locals: this loop sees every byte that is logged.
    const classOf = BYTE_CLASS;
    const codes = this.codes;
    const starts = this.starts;
    const ends = this.ends;
    const limit = messageLimit(bytes, start, end);
    let n = 0;
    let at = start;
    let valueFollows = false;
    while (at < limit && n < MAX_TOKENS) {
      let byte = bytes[at];
      let bits = classOf[byte];
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
          bits = classOf[byte]!;
        } while ((bits & SEPARATOR) === 0);
        let code = hash >>> 8 === 0 ? hash + 256 : hash;
        let isVariable = (flags & DIGIT) !== 0;
        if (isVariable) {
          if ((flags & (DOT | LETTER)) === (DOT | LETTER)) {
            // "instruction......0": dots that lead the eye to a value are no part of the word.
            const leader = leaderIn(bytes, from, at);
            if (leader > from) {
              at = leader;
              code = hashOf(bytes, from, at);
              isVariable = false;
              while (at < limit && bytes[at] === DOT_BYTE) at++;
            }
          }
        } else if (valueFollows) isVariable = (flags & LETTER) !== 0;
        else {
          // Most words are plain letters before a blank: nothing more to ask.
          isVariable =
            ((flags & (SLASH | ADDRESS | DOT)) !== 0 ||
              (flags & NOT_HEX) === 0 ||
              byte === COLON ||
              isValueWord(code)) &&
            (isVariableWord(bytes, from, at, limit, flags, code) ||
              (n > 0 && (flags & DOT) !== 0 && isQualifiedName(bytes, from, at, limit)));
        }
        if (
          isVariable ||
          (n > 0 &&
            (codes[n - 1] === VARIABLE || (n > 1 && codes[n - 2] === VARIABLE)) &&
            this.#continues(bytes, n, from, at, flags, code))
        ) {
          if (valueFollows) {
            valueFollows = false;
            at = bracketsEnd(bytes, at, limit);
          } else if ((flags & SLASH) !== 0) at = queryEnd(bytes, from, at, limit);
          // Variables with nothing but `:`, `,` or `|` between them are one: addresses with ports, clock times, lists.
          if (n >= 1 && codes[n - 1] === VARIABLE) {
            ends[n - 1] = at;
            continue;
          }
          if (n >= 2 && isJoint(codes[n - 1])) {
            if (codes[n - 2] === VARIABLE) {
              n--;
              ends[n - 1] = at;
              continue;
            }
            if (n >= 3 && codes[n - 2] === COLON && codes[n - 3] === VARIABLE) {
              n -= 2;
              ends[n - 1] = at;
              continue;
            }
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
        if (byte === QUOTE || byte === APOSTROPHE) {
          const closing = bytes.indexOf(byte, at + 1);
          if (closing > at && closing < limit && !hasNewline(bytes, at, closing)) {
            codes[n] = VARIABLE;
            starts[n] = at;
            ends[n++] = at = closing + 1;
            continue;
          }
        }
      }
      const next = at + 1 < limit ? bytes[at + 1] : NEWLINE;
      if (byte === LESS && (classOf[next] & DIGIT) !== 0 && isOpenComparison(bytes, at, limit)) {
        at++; // "<1 sec" is a value like "1 sec"
        continue;
      }
      if (byte === CLOSE_PAREN && n >= 3 && codes[n - 1] === VARIABLE && codes[n - 2] === OPEN_PAREN) {
        // "1396 bytes (1.36 KB)": the same quantity once more.
        if (codes[n - 3] === VARIABLE && isQuantity(bytes, starts[n - 3], ends[n - 3])) {
          n -= 2;
          ends[n - 1] = ++at;
          continue;
        }
        // "synchronized to LOCAL(0)": behind a preposition, a name with its number is a value.
        if (n >= 4 && isPreposition(codes[n - 4]) && codes[n - 3] >>> 8 !== 0 && ends[n - 3] === starts[n - 2]) {
          n -= 2;
          codes[n - 1] = VARIABLE;
          ends[n - 1] = ++at;
          continue;
        }
      }
      codes[n] = byte;
      starts[n] = at;
      ends[n++] = ++at;
      if (byte === EQUALS) {
        if (next === EQUALS || next === GREATER) continue;
        const isSpaced = at >= start + 2 && bytes[at - 2] <= SPACE;
        if (!isSpaced && endsValue(next)) {
          // `key= next=…`: a value that is empty today.
          codes[n] = VARIABLE;
          starts[n] = at;
          ends[n++] = at;
        } else valueFollows = n < 2 || !isMessageKey(codes[n - 2]);
      } else if (byte === COLON && at >= start + 2 && bytes[at - 2] === QUOTE) {
        valueFollows = n < 3 || !isMessageKey(codes[n - 3]); // "key": in JSON
      }
    }
    this.length = n;
    this.#hash(n);
  }

  /** Whether a word goes on with the variable before it: its unit, a group of an address, a part between bars. */
  #continues(bytes: Uint8Array, n: number, from: number, to: number, flags: number, code: number): boolean {
    const before = this.codes[n - 1];
    if (before === VARIABLE) {
      return to - from <= 12 && isUnit(code) && isQuantity(bytes, this.starts[n - 1], this.ends[n - 1]);
    }
    if (n < 2 || this.codes[n - 2] !== VARIABLE || this.ends[n - 1] !== from) return false;
    if (before === PIPE) return true;
    return before === COLON && to - from <= HEX_GROUP_LENGTH && isHexWord(bytes, from, to, flags);
  }

  #hash(n: number): void {
    const codes = this.codes;
    let low = n;
    let high = 0;
    for (let i = 0; i < n; i++) {
      const code = codes[i];
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

function endsValue(byte: number): boolean {
  return (
    byte <= SPACE ||
    byte === COMMA ||
    byte === SEMICOLON ||
    byte === CLOSE_PAREN ||
    byte === CLOSE_SQUARE ||
    byte === CLOSE_BRACE
  );
}

/** Where the look at a message ends: long ones are cut behind a whole word. */
export function messageLimit(bytes: Uint8Array, start: number, end: number): number {
  return end - start > MAX_BYTES ? wordEndBefore(bytes, start + MAX_BYTES, start) : end;
}

/** The end of the last whole word before `limit`. */
function wordEndBefore(bytes: Uint8Array, limit: number, start: number): number {
  let at = limit;
  while (at > start && bytes[at] > SPACE) at--;
  return at > start ? at : limit;
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
    if ((flags & (SLASH | LETTER)) === (SLASH | LETTER)) {
      if (bytes[from] === SLASH_BYTE || (flags & DOT) !== 0 || slashes(bytes, from, to) > 1) return true;
    }
    if ((flags & (ADDRESS | LETTER)) === (ADDRESS | LETTER) && isInside(bytes, from, to)) return true;
    if ((flags & DOT) !== 0 && to < limit && bytes[to] === COLON && isPort(bytes, to + 1, limit)) {
      // host.name:443, and path.to.Class.method:81 of a stack
      return (flags & UPPER) === 0 || dots(bytes, from, to) > 1;
    }
  }
  if (to < limit && bytes[to] === COLON && isKnownPort(bytes, to + 1, limit)) return true;
  if (isHexWord(bytes, from, to, flags)) {
    if (to - from >= HEX_WORD_LENGTH) return true;
    // The first group of FF:F2:9F:16
    if (to - from === 2 && to + 3 < limit && bytes[to] === COLON && bytes[to + 3] === COLON) {
      return isHex(bytes[to + 1]) && isHex(bytes[to + 2]);
    }
  }
  return isValueWord(code);
}

/**
 * `com.shop.payments`, `mail.example.org` inside a message: a name of three parts or more that the message speaks of.
 * Not before a colon and not an exception's class: those say what happened.
 */
function isQualifiedName(bytes: Uint8Array, from: number, to: number, limit: number): boolean {
  if (to < limit && bytes[to] === COLON) return false;
  let parts = 1;
  for (let at = from; at < to; at++) {
    if (bytes[at] !== DOT_BYTE) continue;
    if (at === from || (BYTE_CLASS[bytes[at - 1]] & LETTER) === 0) return false;
    if (at + 1 < to) parts++;
  }
  return parts >= 3 && !endsWith(bytes, to, 'Exception') && !endsWith(bytes, to, 'Error');
}

function endsWith(bytes: Uint8Array, to: number, suffix: string): boolean {
  for (let i = 1; i <= suffix.length; i++) {
    if (bytes[to - i] !== suffix.charCodeAt(suffix.length - i)) return false;
  }
  return true;
}

function isHexWord(bytes: Uint8Array, from: number, to: number, flags: number): boolean {
  if ((flags & (NOT_HEX | SLASH | DOT | ADDRESS)) !== 0) return false;
  let at = from;
  while (at < to && isHex(bytes[at])) at++;
  return at === to;
}

export function isHex(byte: number): boolean {
  const bits = BYTE_CLASS[byte];
  return (bits & (LETTER | DIGIT)) !== 0 && (bits & NOT_HEX) === 0;
}

/** Two to five digits and no more: `host:443`, not `top:33.0`. */
export function isPort(bytes: Uint8Array, from: number, limit: number): boolean {
  let at = from;
  while (at < limit && (BYTE_CLASS[bytes[at]] & DIGIT) !== 0) at++;
  return at - from >= 2 && at - from <= 5 && (at === limit || (BYTE_CLASS[bytes[at]] & SEPARATOR) !== 0);
}

/** Ports that say that the word before the colon is a host: `gateway:443`; other numbers may be anything (`index:7`). */
const KNOWN_PORTS: ReadonlySet<number> = new Set([80, 443, 3306, 5432, 6379, 8080, 8443, 9092, 9200, 27_017]);

export function isKnownPort(bytes: Uint8Array, from: number, limit: number): boolean {
  if (!isPort(bytes, from, limit)) return false;
  let port = 0;
  for (let at = from; at < limit && (BYTE_CLASS[bytes[at]] & DIGIT) !== 0; at++) port = port * 10 + bytes[at] - 48;
  return KNOWN_PORTS.has(port);
}

/** A number as people write quantities: starts with a digit or sign, and no letters but a unit. */
function isQuantity(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const bits = BYTE_CLASS[bytes[at]];
    if ((bits & LETTER) !== 0) return at > from && (bytes[at - 1] === SPACE || isUnit(hashOf(bytes, at, to)));
  }
  return true;
}

/** Where two dots or more end a word that began with letters; `from` if there are none. */
export function leaderIn(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from + 1; at + 1 < to; at++) {
    if (bytes[at] === DOT_BYTE && bytes[at + 1] === DOT_BYTE) return at;
    if ((BYTE_CLASS[bytes[at]] & DIGIT) !== 0) return from;
  }
  return from;
}

/** `Source{10113 *job*}`: a value's brackets belong to it. */
function bracketsEnd(bytes: Uint8Array, at: number, limit: number): number {
  const open = at < limit ? bytes[at] : 0;
  const close =
    open === OPEN_PAREN ? CLOSE_PAREN : open === OPEN_SQUARE ? CLOSE_SQUARE : open === OPEN_BRACE ? CLOSE_BRACE : 0;
  if (close === 0) return at;
  let depth = 0;
  for (let i = at; i < limit; i++) {
    if (bytes[i] === open) depth++;
    else if (bytes[i] === close && --depth === 0) return i + 1;
    else if (bytes[i] === NEWLINE) return at;
  }
  return at;
}

function hasNewline(bytes: Uint8Array, from: number, to: number): boolean {
  const at = bytes.indexOf(NEWLINE, from);
  return at >= 0 && at < to;
}

/** Behind the query of a path: `/v1/items?from=3&to=9`. */
export function queryEnd(bytes: Uint8Array, from: number, at: number, limit: number): number {
  if (at >= limit || bytes[at] !== EQUALS) return at;
  let i = at - 1;
  while (i > from && bytes[i] !== QUESTION && bytes[i] !== AMPERSAND) i--;
  if (i === from) return at;
  i = at;
  while (i < limit && bytes[i] > SPACE && bytes[i] !== QUOTE && bytes[i] !== APOSTROPHE) i++;
  return i;
}

/** Whether the `<` at `at` is "less than", not a bracket. */
function isOpenComparison(bytes: Uint8Array, at: number, limit: number): boolean {
  let i = at + 1;
  while (i < limit && (BYTE_CLASS[bytes[i]] & SEPARATOR) === 0) i++;
  return i >= limit || bytes[i] !== GREATER;
}

function dots(bytes: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) if (bytes[at] === DOT_BYTE) count++;
  return count;
}

function slashes(bytes: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) if (bytes[at] === SLASH_BYTE) count++;
  return count;
}

/** Whether `@`, `\` or `#` stands inside the word and not at its edge only. */
function isInside(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from + 1; at < to - 1; at++) if ((BYTE_CLASS[bytes[at]] & ADDRESS) !== 0) return true;
  return false;
}

function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = FNV_START;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at], FNV_PRIME);
  return hash >>> 8 === 0 ? hash + 256 : hash;
}
