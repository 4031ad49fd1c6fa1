/**
 * PostgreSQL takes neither U+0000 nor half of a surrogate pair, in text or in jsonb, and one of them in one row sinks
 * the whole statement (SQLSTATE 22021, 22P05, 22P02). Both occur in real logs. They are written as U+F8FE and four
 * hexadecimal digits, U+F8FE itself likewise, and come back exactly as they were.
 */
const ESCAPE = '\uF8FE';
const hex4 = (unit: number) => unit.toString(16).padStart(4, '0');

// A surrogate that is not one half of a pair, as the `u` flag sees whole pairs as one character.
const UNSTORABLE = /[\0\uF8FE]|\p{Surrogate}/gu;
const ESCAPED = /\uF8FE([0-9a-f]{4})/g;

export function toStorableText(text: string): string {
  return text.replaceAll(UNSTORABLE, (character) => ESCAPE + hex4(character.charCodeAt(0)));
}

export function fromStorableText(text: string): string {
  return text.replaceAll(ESCAPED, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

// JSON.stringify writes the first two kinds as \uXXXX; a pair of backslashes is matched so that what follows it is text.
const UNSTORABLE_JSON = /\\\\|\\u(0000|d[89a-f][0-9a-f]{2})|\uF8FE/g;

/** JSON text for a jsonb column. Throws where a number is not finite: JSON would turn it into null in silence. */
export function toStorableJson(value: unknown): string {
  const text = JSON.stringify(value, (key, inner: unknown) => {
    if (typeof inner === 'number' && !Number.isFinite(inner))
      throw new RangeError(`${key} is ${inner}, which JSON cannot hold`);
    return inner;
  });
  return text.replaceAll(UNSTORABLE_JSON, (match, hex?: string) => {
    if (hex !== undefined) return ESCAPE + hex;
    return match === ESCAPE ? ESCAPE + hex4(ESCAPE.charCodeAt(0)) : match;
  });
}

/** The value of a jsonb column that was read as text. */
export function fromStorableJson(text: string): unknown {
  return JSON.parse(text.replaceAll(ESCAPED, String.raw`\u$1`));
}
