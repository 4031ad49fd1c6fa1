/** From a shape's two hashes to a small number, without allocating. Bounded: when full, what was not used lately goes. */
export class ShapeCache {
  readonly #mask: number;
  readonly #limit: number;
  #low: Int32Array;
  #high: Int32Array;
  /** The value plus one; 0 is an empty slot. */
  #values: Int32Array;
  #used: Uint8Array;
  #size = 0;

  /** `capacity` is a power of two; up to half of it is filled. */
  constructor(capacity: number) {
    this.#mask = capacity - 1;
    this.#limit = capacity >>> 1;
    this.#low = new Int32Array(capacity);
    this.#high = new Int32Array(capacity);
    this.#values = new Int32Array(capacity);
    this.#used = new Uint8Array(capacity);
  }

  /** The value kept for this shape, or -1. */
  find(low: number, high: number): number {
    const mask = this.#mask;
    let slot = (low ^ (high >>> 7)) & mask;
    for (;;) {
      const value = this.#values[slot];
      if (value === 0) return -1;
      if (this.#low[slot] === low && this.#high[slot] === high) {
        this.#used[slot] = 1;
        return value - 1;
      }
      slot = (slot + 1) & mask;
    }
  }

  /** Keeps `value` (0 or more) for a shape that `find` did not know. */
  add(low: number, high: number, value: number): void {
    // At most half of the limit survives, so that the next sweep is far off.
    if (this.#size >= this.#limit) this.#rebuild(this.#limit >>> 1, (kept, used) => (used ? kept : -1));
    this.#put(low, high, value + 1, 0);
  }

  /** Exchanges all values; those that become -1 are forgotten. */
  renumber(valueOf: (value: number) => number): void {
    this.#rebuild(this.#limit, valueOf);
  }

  #rebuild(most: number, valueOf: (value: number, used: boolean) => number): void {
    const [low, high, values, used] = [this.#low, this.#high, this.#values, this.#used];
    const capacity = this.#mask + 1;
    this.#low = new Int32Array(capacity);
    this.#high = new Int32Array(capacity);
    this.#values = new Int32Array(capacity);
    this.#used = new Uint8Array(capacity);
    this.#size = 0;
    for (let slot = 0; slot < capacity && this.#size < most; slot++) {
      if (values[slot] === 0) continue;
      const value = valueOf(values[slot] - 1, used[slot] === 1);
      if (value >= 0) this.#put(low[slot], high[slot], value + 1, 0);
    }
  }

  #put(low: number, high: number, value: number, used: number): void {
    let slot = (low ^ (high >>> 7)) & this.#mask;
    while (this.#values[slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#low[slot] = low;
    this.#high[slot] = high;
    this.#values[slot] = value;
    this.#used[slot] = used;
    this.#size++;
  }
}
