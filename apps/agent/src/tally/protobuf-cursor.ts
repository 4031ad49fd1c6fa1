/** How a field's value lies in the bytes. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/**
 * Walks over the fields of a protobuf message without making anything of them. To step into a field of `bytes`, set
 * `at` to `start` and walk up to `end`; then set `at` back behind it. Once the bytes are no protobuf, `isBroken` is set
 * and every walk ends.
 */
export class ProtobufCursor {
  at = 0;
  isBroken = false;
  field = 0;
  wire = 0;
  /** Of a varint; exact below 2^53. */
  value = 0;
  /** Of all other kinds. */
  start = 0;
  end = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  begin(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.at = 0;
    this.isBroken = false;
  }

  /** On to the next field of the message that ends at `limit`. */
  next(limit: number): boolean {
    if (this.isBroken || this.at >= limit) return false;
    const tag = this.#varint(limit);
    const field = Math.floor(tag / 8);
    const wire = tag & 7;
    this.field = field;
    this.wire = wire;
    if (field < 1 || field > 0x1fffffff) return this.#break();
    switch (wire) {
      case WIRE.varint:
        this.value = this.#varint(limit);
        return !this.isBroken;
      case WIRE.bytes:
        return this.#take(this.#varint(limit), limit);
      case WIRE.fixed64:
        return this.#take(8, limit);
      case WIRE.fixed32:
        return this.#take(4, limit);
      default:
        return this.#break();
    }
  }

  #take(bytes: number, limit: number): boolean {
    const end = this.at + bytes;
    if (this.isBroken || end > limit) return this.#break();
    this.start = this.at;
    this.end = end;
    this.at = end;
    return true;
  }

  #varint(limit: number): number {
    const bytes = this.#bytes;
    let at = this.at;
    let byte = at < limit ? bytes[at] : 0x80;
    at++;
    if (byte < 0x80) {
      this.at = at;
      return byte;
    }
    let value = byte & 0x7f;
    let unit = 128;
    // Ten groups of seven bits hold 64.
    for (let group = 1; group < 10 && at < limit; group++) {
      byte = bytes[at++];
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) {
        this.at = at;
        return value;
      }
      unit *= 128;
    }
    this.#break();
    return 0;
  }

  #break(): false {
    this.isBroken = true;
    return false;
  }
}
