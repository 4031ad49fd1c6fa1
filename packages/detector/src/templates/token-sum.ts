/** Names tokens at their places by a sum, so that one can be exchanged without going over the others. */
export function sumOf(codes: Int32Array): number {
  let sum = codes.length;
  for (let i = 0; i < codes.length; i++) sum += termOf(codes[i], i);
  return sum;
}

/** What the token `code` at `place` adds: 45 bits, so that sums of a hundred stay exact. */
export function termOf(code: number, place: number): number {
  let low = Math.imul(code ^ Math.imul(place, 0x9e3779b1), 0x85ebca6b);
  low ^= low >>> 13;
  low = Math.imul(low, 0xc2b2ae35);
  low ^= low >>> 16;
  const high = Math.imul(code + place * 7, 0x27d4eb2f) >>> 19;
  return high * 4_294_967_296 + (low >>> 0);
}
