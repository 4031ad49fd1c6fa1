const DOT = 0x2e;
const ZERO = 0x30;
/** Digits that a number keeps exactly. */
const MOST_LENGTH = 24;

/** ms in one of each; `µ` is two bytes, and its first one tells it. */
const UNITS: Readonly<Record<string, number>> = { n: 1e-6, u: 1e-3, m: 1, s: 1000, h: 3_600_000 };
const MICRO = 0xc2;
const GREEK_MICRO = 0xce;

/**
 * A duration in ms: a bare number is ms; `250us`, `12ms`, `1.5s`, `2m` and `1h` say their unit. NaN for anything else. Nothing is
 * allocated, as it is asked for every event that has one.
 */
export function durationMs(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > MOST_LENGTH) return Number.NaN;
  let at = start;
  let value = 0;
  let scale = 0;
  let digits = 0;
  for (; at < end; at++) {
    const byte = bytes[at];
    if (byte === DOT && scale === 0) {
      scale = 1;
      continue;
    }
    const digit = byte - ZERO;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
    scale *= 10;
    digits++;
  }
  if (digits === 0) return Number.NaN;
  if (scale > 0) value /= scale;
  while (at < end && bytes[at] === 0x20) at++;
  return at === end ? value : value * unitOf(bytes, at, end);
}

function unitOf(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at];
  const length = end - at;
  if (first === MICRO || first === GREEK_MICRO)
    return length === 3 && bytes[end - 1] === 0x73 ? UNITS['u'] : Number.NaN;
  const unit = UNITS[String.fromCharCode(first | 0x20)];
  if (unit === undefined) return Number.NaN;
  if (length === 1) return first === 0x6d ? 60_000 : first === 0x73 || first === 0x68 ? unit : Number.NaN;
  // `ms`, `us`, `ns`; the second letter is an s.
  return length === 2 && bytes[at + 1] === 0x73 && first !== 0x73 && first !== 0x68 ? unit : Number.NaN;
}
