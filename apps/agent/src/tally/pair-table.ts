/** A record of one event has one pair; a thousand such records wait for one flush, each with several of these tables. */
const FIRST_SLOTS = 8;

/** Numbers pairs of integers in the order in which they first come: an open-addressed table that allocates only to grow. */
export class PairTable {
  size = 0;
  /** The pairs by their number. */
  firsts = new Int32Array(FIRST_SLOTS / 2);
  seconds = new Int32Array(FIRST_SLOTS / 2);
  /** 1 + the number of the pair; 0 is an empty slot. */
  #slots = new Int32Array(FIRST_SLOTS);
  #slotOf = new Int32Array(FIRST_SLOTS / 2);

  /** The number of a pair; a new one is the `size` from before. */
  add(first: number, second: number): number {
    const mask = this.#slots.length - 1;
    let slot = mixed(first, second) & mask;
    for (;;) {
      const at = this.#slots[slot] - 1;
      if (at < 0) break;
      if (this.firsts[at] === first && this.seconds[at] === second) return at;
      slot = (slot + 1) & mask;
    }
    const at = this.size++;
    this.firsts[at] = first;
    this.seconds[at] = second;
    this.#slots[slot] = at + 1;
    this.#slotOf[at] = slot;
    if (this.size === this.firsts.length) this.#grow();
    return at;
  }

  clear(): void {
    for (let at = 0; at < this.size; at++) this.#slots[this.#slotOf[at]] = 0;
    this.size = 0;
  }

  #grow(): void {
    const pairs = this.size * 2;
    this.firsts = lengthened(this.firsts, pairs);
    this.seconds = lengthened(this.seconds, pairs);
    this.#slotOf = lengthened(this.#slotOf, pairs);
    this.#slots = new Int32Array(pairs * 2);
    const mask = this.#slots.length - 1;
    for (let at = 0; at < this.size; at++) {
      let slot = mixed(this.firsts[at], this.seconds[at]) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = at + 1;
      this.#slotOf[at] = slot;
    }
  }
}

function mixed(first: number, second: number): number {
  const hash = Math.imul(first ^ Math.imul(second, -1_640_531_535), -2_048_144_777);
  return hash ^ (hash >>> 15);
}

export function lengthened(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(length);
  longer.set(array);
  return longer;
}
