/** Per slot: the two hashes, the value plus one (0 is an empty slot), and whether it was used; together, as memory is read by the line. */
const FIELDS = 4;
const HIGH = 1;
const VALUE = 2;
const USED = 3;

/** From a shape's two hashes to a small number, without allocating. Bounded: when full, what was not used lately goes. */
export class ShapeCache {
  readonly #mask: number;
  readonly #limit: number;
  #slots: Int32Array;
  #size = 0;

  /** `capacity` is a power of two; up to half of it is filled. */
  constructor(capacity: number) {
    this.#mask = capacity - 1;
    this.#limit = capacity >>> 1;
    this.#slots = new Int32Array(capacity * FIELDS);
  }

  /** The value kept for this shape, or -1. */
  find(low: number, high: number): number {
    const slots = this.#slots;
    let slot = this.#firstSlot(low, high);
    for (;;) {
      const value = slots[slot + VALUE];
      if (value === 0) return -1;
      if (slots[slot] === low && slots[slot + HIGH] === high) {
        slots[slot + USED] = 1;
        return value - 1;
      }
      slot = this.#next(slot);
    }
  }

  /** Keeps `value` (0 or more) for a shape. */
  set(low: number, high: number, value: number): void {
    // At most half of the limit survives, so that the next sweep is far off.
    if (this.#size >= this.#limit) this.#rebuild(this.#limit >>> 1, (kept, used) => (used ? kept : -1));
    this.#put(low, high, value + 1);
  }

  /** Exchanges all values; those that become -1 are forgotten. */
  renumber(valueOf: (value: number) => number): void {
    this.#rebuild(this.#limit, valueOf);
  }

  #rebuild(most: number, valueOf: (value: number, used: boolean) => number): void {
    const before = this.#slots;
    this.#slots = new Int32Array(before.length);
    this.#size = 0;
    for (let slot = 0; slot < before.length && this.#size < most; slot += FIELDS) {
      if (before[slot + VALUE] === 0) continue;
      const value = valueOf(before[slot + VALUE] - 1, before[slot + USED] === 1);
      if (value >= 0) this.#put(before[slot], before[slot + HIGH], value + 1);
    }
  }

  #put(low: number, high: number, value: number): void {
    const slots = this.#slots;
    let slot = this.#firstSlot(low, high);
    while (slots[slot + VALUE] !== 0 && (slots[slot] !== low || slots[slot + HIGH] !== high)) slot = this.#next(slot);
    if (slots[slot + VALUE] === 0) this.#size++;
    slots[slot] = low;
    slots[slot + HIGH] = high;
    slots[slot + VALUE] = value;
    slots[slot + USED] = 0;
  }

  #firstSlot(low: number, high: number): number {
    return ((low ^ (high >>> 7)) & this.#mask) * FIELDS;
  }

  #next(slot: number): number {
    return ((slot / FIELDS + 1) & this.#mask) * FIELDS;
  }
}
