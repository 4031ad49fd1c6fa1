/** What the process holds, in bytes (`process.memoryUsage`). */
export interface MemoryReading {
  readonly heapUsed: number;
  /** Buffers included. */
  readonly external: number;
}

export type MemoryPressure = 'none' | 'soft' | 'hard';

/** Reliability F19: refuse while there is still room for what is under way. */
const SOFT_SHARE = 0.7;
const HARD_SHARE = 0.85;
/** Code, stacks, zlib and the allocator's own: what an idle agent's RSS has beyond heap and buffers (measured 95 MB). */
const FIXED_BYTES = 100 * 1024 * 1024;
/** `memoryUsage` walks the heap's spaces: 20 µs, so not for every request. */
const LOOK_EVERY_MS = 100;
/** A collection of a full heap takes a tenth of a second. */
const COLLECT_EVERY_MS = 5000;
/** Small senders go on where large ones have to wait. */
const SMALL_BODY_BYTES = 256 * 1024;

/**
 * Refuses bodies before they are read when memory runs out. It counts what the heap and buffers hold and not RSS, which
 * stays high after a burst although all of it can be used again: the agent would refuse for ever.
 */
export class MemoryGuard {
  readonly #limitBytes: number;
  readonly #read: () => MemoryReading;
  readonly #collect: () => void;
  readonly #now: () => number;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #collectedAtMs = Number.NEGATIVE_INFINITY;
  #pressure: MemoryPressure = 'none';
  /** Requests that were refused, since the start. */
  refused = 0;

  constructor(options: {
    readonly limitBytes: number;
    readonly read: () => MemoryReading;
    /** Frees what nobody uses any more: unlike the engine itself it does not wait until it must. */
    readonly collect: () => void;
    /** Milliseconds, monotonic. */
    readonly now: () => number;
  }) {
    this.#limitBytes = options.limitBytes;
    this.#read = options.read;
    this.#collect = options.collect;
    this.#now = options.now;
  }

  /** @param bodyBytes by Content-Length; undefined where that is not known */
  admits(bodyBytes: number | undefined): boolean {
    const pressure = this.#look();
    const isAdmitted =
      pressure === 'none' || (pressure === 'soft' && bodyBytes !== undefined && bodyBytes <= SMALL_BODY_BYTES);
    if (!isAdmitted) this.refused++;
    return isAdmitted;
  }

  get pressure(): MemoryPressure {
    return this.#look();
  }

  #look(): MemoryPressure {
    const nowMs = this.#now();
    if (nowMs - this.#lookedAtMs < LOOK_EVERY_MS) return this.#pressure;
    this.#lookedAtMs = nowMs;
    this.#pressure = this.#measure();
    if (this.#pressure === 'hard' && nowMs - this.#collectedAtMs >= COLLECT_EVERY_MS) {
      this.#collectedAtMs = nowMs;
      this.#collect();
      this.#pressure = this.#measure();
    }
    return this.#pressure;
  }

  #measure(): MemoryPressure {
    const { heapUsed, external } = this.#read();
    const share = (heapUsed + external + FIXED_BYTES) / this.#limitBytes;
    if (share >= HARD_SHARE) return 'hard';
    return share >= SOFT_SHARE ? 'soft' : 'none';
  }
}
