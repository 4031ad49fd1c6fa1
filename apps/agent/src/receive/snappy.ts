/**
 * Snappy's block format (google/snappy, format_description.txt): a varint of the unpacked length, then literals and
 * copies of what was unpacked before. Ours because it is this small, and because the length must be known and the
 * output bounded before a byte is written.
 */

/** Unpacked length; −1 when the bytes do not begin as snappy does. */
export function snappyLength(packed: Uint8Array): number {
  let length = 0;
  for (let at = 0; at < Math.min(5, packed.length); at++) {
    length += (packed[at] & 0x7f) * 2 ** (7 * at);
    if (packed[at] < 0x80) return length < 2 ** 32 ? length : -1;
  }
  return -1;
}

/** Unpacks into the first `snappyLength` bytes of `target`; false when the bytes are not what they say. */
export function unpackSnappy(packed: Uint8Array, target: Uint8Array): boolean {
  const end = packed.length;
  const length = snappyLength(packed);
  if (length < 0 || length > target.length) return false;
  let from = 0;
  while (packed[from] >= 0x80) from++;
  from++;
  let to = 0;
  while (from < end) {
    const tag = packed[from++];
    const kind = tag & 3;
    if (kind === 0) {
      let size = tag >> 2;
      if (size >= 60) {
        const extra = size - 59;
        if (from + extra > end) return false;
        size = littleEndian(packed, from, extra);
        from += extra;
      }
      size++;
      if (from + size > end || to + size > length) return false;
      target.set(packed.subarray(from, from + size), to);
      from += size;
      to += size;
      continue;
    }
    const offsetBytes = kind === 3 ? 4 : kind;
    if (from + offsetBytes > end) return false;
    const size = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const offset = (kind === 1 ? (tag >> 5) << 8 : 0) + littleEndian(packed, from, offsetBytes);
    from += offsetBytes;
    if (offset === 0 || offset > to || to + size > length) return false;
    // Byte by byte: a copy may read what it writes.
    for (let i = 0; i < size; i++) target[to + i] = target[to + i - offset];
    to += size;
  }
  return to === length;
}

function littleEndian(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = count - 1; i >= 0; i--) value = value * 256 + bytes[at + i];
  return value;
}
