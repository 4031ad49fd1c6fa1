const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * UUID version 7 (RFC 9562 §5.7): 48 bits of milliseconds, then 74 bits taken from `entropy`.
 * Time and chance are arguments, so that a replayed journal gives the same ids again.
 *
 * @param unixMs milliseconds since the epoch, 0 … 2^48-1
 * @param entropy at least 10 bytes
 */
export function uuidv7(unixMs: number, entropy: Uint8Array): string {
  if (entropy.length < 10) throw new RangeError(`uuidv7 needs 10 bytes of entropy, got ${entropy.length}`);
  const time = Math.floor(unixMs).toString(16).padStart(12, '0');
  const hex = (i: number, mask = 0xff, bits = 0) => (((entropy[i] ?? 0) & mask) | bits).toString(16).padStart(2, '0');
  const a = hex(0, 0x0f, 0x70) + hex(1);
  const b = hex(2, 0x3f, 0x80) + hex(3);
  const node = hex(4) + hex(5) + hex(6) + hex(7) + hex(8) + hex(9);
  return `${time.slice(0, 8)}-${time.slice(8)}-${a}-${b}-${node}`;
}

/** True for a lower-case UUID of any version, as this product writes them. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
