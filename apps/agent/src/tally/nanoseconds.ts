/**
 * Unix milliseconds of nanoseconds since the epoch. Nanoseconds of today do not fit into a double (2^53): taken as one
 * number, the last ones of a second would be counted in the next.
 */

/** Written as digits; NaN for anything else. */
export function nanosTextMs(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start) return Number.NaN;
  let ms = 0;
  for (let i = start; i < end; i++) {
    const digit = bytes[i] - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    if (i < end - 6) ms = ms * 10 + digit;
  }
  return ms;
}

/** As a little-endian 64-bit integer. */
export function nanosFixedMs(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
  const high = (bytes[at + 4] | (bytes[at + 5] << 8) | (bytes[at + 6] << 16) | (bytes[at + 7] << 24)) >>> 0;
  // 2^32 = 4294 · 10^6 + 967296; every product here stays below 2^53.
  return high * 4294 + Math.floor((high * 967_296 + low) / 1e6);
}
