/**
 * HOT: every message that is received passes through here once. A name for a message that is cheaper than its shape:
 * plain words and punctuation are hashed as they are, words with digits by their kind only. What `LineScan` asks of such
 * a word's bytes is in the name (a unit at its end, a port, a dotted leader), so that messages with one name have one
 * shape, and most lines need no look at their tokens. Held together by a property test (line-key.test.ts).
 */
import { ADDRESS, BYTE_CLASS, DIGIT, DOT, LETTER, SEPARATOR, SLASH } from './byte-classes.ts';
import { HeaderMemory } from './header-memory.ts';
import { isUnit } from './known-words.ts';
import { isHex, isKnownPort, isPort, leaderIn, messageLimit, queryEnd } from './line-scan.ts';
import { FNV_START, wordCode } from './word-code.ts';

const SPACE = 32;
const NEWLINE = 10;
const DOT_BYTE = 46;
const COLON = 58;
const EQUALS = 61;
const WORD_PRIME = -1_640_531_535;
const FNV_PRIME = 16_777_619;

/** Bits of the code of a word with digits; the lowest eight are its byte classes, and no separator has this one. */
const HAS_DIGITS = 1 << 21;
const STARTS_WITH_DIGIT = 1 << 8;
const STARTS_WITH_LETTER = 1 << 9;
const ENDS_IN_UNIT = 1 << 10;
const HAS_QUERY = 1 << 11;
const KINDS = DIGIT | LETTER | DOT | SLASH | ADDRESS;

/** What stands behind the colon after a word, mixed into the word's code. */
const PORT = 0x3c6e_f372;
const KNOWN_PORT = 0x1a2b_3c4d;
const HEX_PAIR = 0x510e_527f;
const LEADER = 0x0b5c_0fbc;

/** In the code of whatever stands behind a blank: the commonest separator costs no step of its own. */
const BLANK_BEFORE = 1 << 20;

/** Reads names of messages. One object for all: its fields are overwritten by each. */
export class LineKey {
  /** Two independent hashes: together the name. */
  low = 0;
  high = 0;
  /** The first byte of the message, behind the line's header, and the first byte that does not count any more. */
  start = 0;
  limit = 0;
  /** Whether a backslash may be among the bytes (or `@`, or `#`). */
  mayHaveBackslash = false;

  readonly #headers = new HeaderMemory();
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** Names the message of the line in bytes `lineStart` (inclusive) to `end` (exclusive). */
  read(bytes: Uint8Array, lineStart: number, end: number): void {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    const start = this.#headers.messageStart(bytes, this.#view, lineStart, end);
    const classOf = BYTE_CLASS;
    const limit = messageLimit(bytes, start, end);
    let low = -1_640_531_535;
    let high = 0x5bd1e995;
    let seen = 0;
    let at = start;
    let blank = 0;
    let hasText = false;
    while (at < limit) {
      let byte = bytes[at];
      let bits = classOf[byte];
      let code: number;
      if ((bits & SEPARATOR) === 0) {
        const from = at;
        let flags = 0;
        let hash = FNV_START;
        do {
          flags |= bits;
          hash = Math.imul(hash ^ byte, WORD_PRIME);
          if (++at >= limit) break;
          byte = bytes[at];
          bits = classOf[byte];
        } while ((bits & SEPARATOR) === 0);
        hasText = true;
        seen |= flags;
        if ((flags & DIGIT) === 0) {
          code = hash;
          if (byte === COLON) code ^= colonContext(bytes, from, at, limit);
        } else {
          code = (flags & KINDS) | HAS_DIGITS;
          if (code !== (DIGIT | HAS_DIGITS)) {
            const leader = (code & (DOT | LETTER)) === (DOT | LETTER) ? leaderIn(bytes, from, at) : from;
            if (leader > from) {
              at = leader;
              code = hashOf(bytes, from, leader) ^ LEADER;
              while (at < limit && bytes[at] === DOT_BYTE) at++;
              byte = DOT_BYTE;
            } else {
              code |= digitWordContext(bytes, from, at, limit, code);
            }
          } else code |= (classOf[bytes[from]] & DIGIT) === 0 ? 0 : STARTS_WITH_DIGIT;
        }
        code ^= blank;
        blank = 0;
        if (byte === SPACE) {
          blank = BLANK_BEFORE;
          at++;
        }
      } else {
        at++;
        if (byte === SPACE && blank === 0) {
          blank = BLANK_BEFORE;
          continue;
        }
        if (byte === NEWLINE && hasText) break;
        if (byte > SPACE) hasText = true;
        code = byte | blank;
        blank = 0;
      }
      low = Math.imul(low ^ code, -2_048_144_777);
      low ^= low >>> 15;
      high = Math.imul(high + code, -1_028_477_379);
      high ^= high >>> 13;
    }
    this.low = low;
    this.high = high;
    this.start = start;
    this.limit = limit;
    this.mayHaveBackslash = (seen & ADDRESS) !== 0;
  }
}

/** What `LineScan` asks of a word with digits and more than digits. */
function digitWordContext(bytes: Uint8Array, from: number, to: number, limit: number, kinds: number): number {
  const first = BYTE_CLASS[bytes[from]];
  let code = 0;
  if ((first & DIGIT) !== 0) code = STARTS_WITH_DIGIT;
  else if ((first & LETTER) !== 0) code = STARTS_WITH_LETTER;
  if ((kinds & LETTER) !== 0 && endsInUnit(bytes, from, to)) code |= ENDS_IN_UNIT;
  if ((kinds & SLASH) !== 0 && to < limit && bytes[to] === EQUALS && queryEnd(bytes, from, to, limit) > to) {
    code |= HAS_QUERY;
  }
  return code;
}

/** `12ms`: whether the letters from the first one on are a unit and nothing else. */
function endsInUnit(bytes: Uint8Array, from: number, to: number): boolean {
  let letters = from;
  while ((BYTE_CLASS[bytes[letters]] & LETTER) === 0) letters++;
  if (letters === from) return false;
  for (let at = letters + 1; at < to; at++) if ((BYTE_CLASS[bytes[at]] & LETTER) === 0) return false;
  return isUnit(hashOf(bytes, letters, to));
}

/** What `LineScan` asks of the bytes behind a plain word's colon. */
function colonContext(bytes: Uint8Array, from: number, colon: number, limit: number): number {
  const next = colon + 1;
  if (next >= limit) return 0;
  let code = 0;
  if ((BYTE_CLASS[bytes[next]] & DIGIT) !== 0 && isPort(bytes, next, limit)) {
    code = isKnownPort(bytes, next, limit) ? KNOWN_PORT : PORT;
  }
  if (colon - from === 2 && colon + 3 < limit && bytes[colon + 3] === COLON) {
    if (isHex(bytes[next]) && isHex(bytes[next + 1])) code ^= HEX_PAIR;
  }
  return code;
}

function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = FNV_START;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at], FNV_PRIME);
  return wordCode(hash);
}
