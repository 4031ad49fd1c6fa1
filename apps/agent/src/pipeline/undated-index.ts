/** `2026.11` has six digits; a rollover number too. */
const DIGITS_OF_A_DATE = 6;

/**
 * Where the name of an index ends without its date or rollover number (`app-2026.11.21`, `app-000001`): shippers start
 * a new index every day, and it is still the same service.
 */
export function undatedEnd(bytes: Uint8Array, start: number, end: number): number {
  let digits = 0;
  let at = end;
  for (; at > start; at--) {
    const byte = bytes[at - 1];
    if (isDigit(byte)) digits++;
    else if (byte !== 0x2d && byte !== 0x2e && byte !== 0x5f) break;
  }
  // Digits that belong to a word (`v2-2026.11.21`) stay with it.
  for (; at < end && isDigit(bytes[at]); at++) digits--;
  return digits >= DIGITS_OF_A_DATE && at > start ? at : end;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
