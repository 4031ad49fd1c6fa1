const SMALLEST_BYTES = 16 * 1024;

/**
 * Buffers for bodies, in sizes of powers of two: allocating 200 kB a request costs more than copying them.
 * Also the bound on what all the bodies in flight may hold together.
 */
export class BodyPool {
  readonly #maxInUseBytes: number;
  readonly #maxFreeBytes: number;
  readonly #free = new Map<number, Buffer[]>();
  #freeBytes = 0;
  #inUseBytes = 0;

  constructor(options: { readonly maxInUseBytes: number; readonly maxFreeBytes: number }) {
    this.#maxInUseBytes = options.maxInUseBytes;
    this.#maxFreeBytes = options.maxFreeBytes;
  }

  get inUseBytes(): number {
    return this.#inUseBytes;
  }

  /** A buffer of at least so many bytes, with old content; undefined when too much is in use. Must be given back. */
  take(bytes: number): Buffer | undefined {
    const size = Math.max(SMALLEST_BYTES, 2 ** Math.ceil(Math.log2(bytes)));
    if (this.#inUseBytes + size > this.#maxInUseBytes) return undefined;
    this.#inUseBytes += size;
    const free = this.#free.get(size)?.pop();
    if (free === undefined) return Buffer.allocUnsafeSlow(size);
    this.#freeBytes -= size;
    return free;
  }

  give(buffer: Buffer): void {
    const size = buffer.length;
    this.#inUseBytes -= size;
    if (this.#freeBytes + size > this.#maxFreeBytes) return;
    this.#freeBytes += size;
    const free = this.#free.get(size);
    if (free === undefined) this.#free.set(size, [buffer]);
    else free.push(buffer);
  }
}
