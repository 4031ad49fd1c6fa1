const encoder = new TextEncoder();

/** Load factor ½ at most, so that probes stay short. */
const FIRST_SLOTS = 64;

/**
 * Bytes of a service's name → a number, for one tenant. HOT: asked for every event.
 * Open addressing over FNV-1a; a hit is always verified byte by byte, so equal hashes never mix two services.
 */
export class SourceNames {
  #slots = new Int32Array(FIRST_SLOTS).fill(-1);
  readonly #names: Uint8Array[] = [];
  readonly #hashes: number[] = [];
  readonly #values: number[] = [];
  /** Services come in runs and pairs: the last hit per cheap hash is tried before the real one is computed. */
  readonly #recent = new Int32Array(256).fill(-1);

  get size(): number {
    return this.#names.length;
  }

  /** The number that was added for these bytes, or −1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    const cheap = (length * 31 + bytes[start] * 7 + bytes[end - 1] * 3 + bytes[start + (length >> 1)]) & 0xff;
    const recent = this.#recent[cheap];
    if (recent >= 0 && isEqual(this.#names[recent], bytes, start, length)) return this.#values[recent];
    const at = this.#slots[this.#slotOf(hashOf(bytes, start, end), bytes, start, length)];
    if (at < 0) return -1;
    this.#recent[cheap] = at;
    return this.#values[at];
  }

  /** @param name not there yet, not empty */
  add(name: string, value: number): void {
    const bytes = encoder.encode(name);
    const hash = hashOf(bytes, 0, bytes.length);
    this.#names.push(bytes);
    this.#hashes.push(hash);
    this.#values.push(value);
    if (this.#names.length * 2 > this.#slots.length) this.#grow();
    else this.#slots[this.#slotOf(hash, bytes, 0, bytes.length)] = this.#names.length - 1;
  }

  /** The slot that holds these bytes, or the free one where they belong. */
  #slotOf(hash: number, bytes: Uint8Array, start: number, length: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = this.#slots[slot];
      if (at < 0 || (this.#hashes[at] === hash && isEqual(this.#names[at], bytes, start, length))) return slot;
    }
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    for (const [at, name] of this.#names.entries()) {
      this.#slots[this.#slotOf(this.#hashes[at], name, 0, name.length)] = at;
    }
  }
}

function isEqual(name: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean {
  if (name.length !== length) return false;
  for (let i = 0; i < length; i++) if (name[i] !== bytes[start + i]) return false;
  return true;
}

/** FNV-1a, 32 bit (draft-eastlake-fnv). */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return hash;
}
