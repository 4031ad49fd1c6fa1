/** Longest service name that is kept, in bytes of UTF-8; the rest is cut (an indexed key in PostgreSQL must stay short). */
export const MAX_SERVICE_BYTES = 200;

const BACKSLASH = 0x5c;
const decoder = new TextDecoder();

/**
 * The service's name as it is stored, from the raw bytes of its JSON text: escapes decoded, invalid UTF-8, lone
 * surrogates and NUL (which PostgreSQL refuses) replaced by U+FFFD, cut to MAX_SERVICE_BYTES at a character.
 */
export function serviceName(bytes: Uint8Array, start: number, end: number): string {
  const raw = bytes.subarray(start, end);
  const text = decoder.decode(raw);
  return storable(raw.includes(BACKSLASH) ? decodeEscapes(text) : text);
}

/** The same for a name that lies in the bytes as itself, in which a backslash is only a backslash. */
export function plainServiceName(bytes: Uint8Array, start: number, end: number): string {
  return storable(decoder.decode(bytes.subarray(start, end)));
}

/** A name from elsewhere (a request's path), as it is stored. */
export function storable(text: string): string {
  return cutToBytes(text.toWellFormed().replaceAll('\0', '\u{fffd}'), MAX_SERVICE_BYTES);
}

/** The scan has checked the escapes, so JSON.parse of the text in quotes cannot fail and gives a string. */
function decodeEscapes(text: string): string {
  const value: unknown = JSON.parse(`"${text}"`);
  return String(value);
}

function cutToBytes(text: string, limit: number): string {
  // No character takes more than three bytes per UTF-16 unit, so short names need no measuring.
  if (text.length * 3 <= limit) return text;
  const target = new Uint8Array(limit);
  const { read } = new TextEncoder().encodeInto(text, target);
  return text.slice(0, read);
}
