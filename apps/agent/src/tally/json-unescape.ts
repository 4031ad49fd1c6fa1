const BACKSLASH = 0x5c;
const SHORT: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };
const SHORT_BYTES = new Uint8Array(128);
for (let byte = 0; byte < 128; byte++) SHORT_BYTES[byte] = byte;
for (const [letter, character] of Object.entries(SHORT)) {
  SHORT_BYTES[letter.charCodeAt(0)] = character.charCodeAt(0);
}
const REPLACEMENT = 0xfffd;

/**
 * The text of a JSON string in bytes `start` to `end` (well formed, without its quotes) as UTF-8 in `out`; a lone
 * surrogate becomes U+FFFD. Answers how many bytes it has; what does not fit into `out` is left off.
 */
export function unescapeJson(bytes: Uint8Array, start: number, end: number, out: Uint8Array): number {
  let at = start;
  let length = 0;
  // The longest character takes four bytes.
  const room = out.length - 4;
  while (at < end && length <= room) {
    const byte = bytes[at];
    if (byte !== BACKSLASH) {
      out[length++] = byte;
      at++;
      continue;
    }
    const letter = bytes[at + 1];
    if (letter !== 0x75) {
      out[length++] = SHORT_BYTES[letter];
      at += 2;
      continue;
    }
    let point = hexAt(bytes, at + 2);
    at += 6;
    if (point >= 0xd800 && point < 0xe000) {
      const isPair = point < 0xdc00 && bytes[at] === BACKSLASH && bytes[at + 1] === 0x75 && at + 6 <= end;
      const low = isPair ? hexAt(bytes, at + 2) : 0;
      if (low >= 0xdc00 && low < 0xe000) {
        point = 0x10000 + ((point - 0xd800) << 10) + low - 0xdc00;
        at += 6;
      } else point = REPLACEMENT;
    }
    length = putPoint(out, length, point);
  }
  return length;
}

function hexAt(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = at; i < at + 4; i++) value = value * 16 + ((bytes[i] & 0xf) + (bytes[i] > 0x39 ? 9 : 0));
  return value;
}

function putPoint(out: Uint8Array, at: number, point: number): number {
  if (point < 0x80) {
    out[at] = point;
    return at + 1;
  }
  if (point < 0x800) {
    out[at] = 0xc0 | (point >> 6);
    out[at + 1] = 0x80 | (point & 0x3f);
    return at + 2;
  }
  if (point < 0x10000) {
    out[at] = 0xe0 | (point >> 12);
    out[at + 1] = 0x80 | ((point >> 6) & 0x3f);
    out[at + 2] = 0x80 | (point & 0x3f);
    return at + 3;
  }
  out[at] = 0xf0 | (point >> 18);
  out[at + 1] = 0x80 | ((point >> 12) & 0x3f);
  out[at + 2] = 0x80 | ((point >> 6) & 0x3f);
  out[at + 3] = 0x80 | (point & 0x3f);
  return at + 4;
}
