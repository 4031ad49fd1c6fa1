/**
 * The three lexemes of JSON (RFC 8259 §3, §6, §7) over bytes. Each function gives the index just past the lexeme, or
 * for a string its closing quote; a lexeme that is broken at byte p gives −1 − p, and p never lies past a line's end.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Bytes that may stand in a string as they are: everything but controls, the quote and the backslash. */
const PLAIN = new Uint8Array(256).fill(1, 0x20);
PLAIN[QUOTE] = 0;
PLAIN[BACKSLASH] = 0;

const ESCAPED = new Uint8Array(256);
for (const letter of '"\\/bfnrt') ESCAPED[letter.charCodeAt(0)] = 1;

const HEX = new Uint8Array(256);
for (const digit of '0123456789abcdefABCDEF') HEX[digit.charCodeAt(0)] = 1;

/**
 * The first byte that is more than text: a quote, a backslash or a control; `end` when there is none. Four bytes a step,
 * as most of what is received lies within strings. Of such a byte the subtraction borrows into its topmost bit (Lamport,
 * "Multiple byte processing with full-word instructions", 1975); what it borrows from bytes above shows there too, so
 * only the lowest one is told. Quote and controls are one question: with 2 turned over they are the bytes below 0x21.
 * @param view of the same bytes
 */
export function plainEnd(view: DataView, at: number, end: number): number {
  let i = at;
  for (; i + 4 <= end; i += 4) {
    const four = view.getInt32(i, true);
    const ends = four ^ 0x0202_0202;
    const escapes = four ^ 0x5c5c_5c5c;
    const found = (((ends - 0x2121_2121) & ~ends) | ((escapes - 0x0101_0101) & ~escapes)) & 0x8080_8080;
    if (found !== 0) return i + ((31 - Math.clz32(found & -found)) >> 3);
  }
  while (i < end && PLAIN[view.getUint8(i)] === 1) i++;
  return i;
}

/** @param at first byte after the opening quote */
export function stringEnd(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  for (;;) {
    while (i < end && PLAIN[bytes[i]] === 1) i++;
    if (i >= end) return -1 - end;
    const byte = bytes[i];
    if (byte === QUOTE) return i;
    if (byte !== BACKSLASH) return -1 - i;
    i++;
    if (i >= end) return -1 - end;
    if (bytes[i] === 0x75) {
      for (let digit = i + 1; digit <= i + 4; digit++) {
        if (digit >= end || HEX[bytes[digit]] === 0) return -1 - Math.min(digit, end);
      }
      i += 5;
    } else if (ESCAPED[bytes[i]] === 1) i++;
    else return -1 - i;
  }
}

/** @param at the minus sign or the first digit */
export function numberEnd(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  if (bytes[i] === 0x2d) i++;
  if (i < end && bytes[i] === 0x30) i++;
  else {
    const digits = digitsEnd(bytes, i, end);
    if (digits === i) return -1 - i;
    i = digits;
  }
  if (i < end && bytes[i] === 0x2e) {
    const digits = digitsEnd(bytes, i + 1, end);
    if (digits === i + 1) return -1 - digits;
    i = digits;
  }
  if (i < end && (bytes[i] | 0x20) === 0x65) {
    i++;
    if (i < end && (bytes[i] === 0x2b || bytes[i] === 0x2d)) i++;
    const digits = digitsEnd(bytes, i, end);
    if (digits === i) return -1 - i;
    i = digits;
  }
  return i;
}

function digitsEnd(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && bytes[i] >= 0x30 && bytes[i] <= 0x39) i++;
  return i;
}

const LITERALS = ['true', 'false', 'null'].map((word) => new TextEncoder().encode(word));

/** @param at the first letter of `true`, `false` or `null` */
export function literalEnd(bytes: Uint8Array, at: number, end: number): number {
  for (const word of LITERALS) {
    if (bytes[at] !== word[0]) continue;
    for (let k = 1; k < word.length; k++)
      if (at + k >= end || bytes[at + k] !== word[k]) return -1 - Math.min(at + k, end);
    return at + word.length;
  }
  return -1 - at;
}
