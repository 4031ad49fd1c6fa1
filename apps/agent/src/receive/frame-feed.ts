const FIRST_BYTES = 64 * 1024;
/** What one connection may hold while a batch is on its way to the disk: at 3 ms a flush, 300 MB/s. */
const MAX_BATCH_BYTES = 1024 * 1024;

export interface FrameFeedDeps {
  /** What every batch begins with. */
  readonly head: () => Buffer;
  /** Stores one batch; the bytes are the feed's again afterwards. */
  readonly store: (bytes: Uint8Array) => Promise<unknown>;
  /** There is room again after `isFull`. */
  readonly onRoom: () => void;
  readonly onFault: (error: unknown) => void;
}

/**
 * Collects frames of one connection into batches: one is on its way to the disk while the next fills. So a slow sender's event
 * waits for nobody, and a fast one fills whole batches.
 */
export class FrameFeed {
  readonly #deps: FrameFeedDeps;
  #filling = Buffer.alloc(0);
  #spare = Buffer.alloc(0);
  #bytes = 0;
  #isStoring = false;
  #wasFull = false;
  #underWay: Promise<void> = Promise.resolve();

  constructor(deps: FrameFeedDeps) {
    this.#deps = deps;
  }

  /** True when the sender should wait: what is added all the same is still taken. */
  get isFull(): boolean {
    return this.#bytes >= MAX_BATCH_BYTES;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0 && !this.#isStoring;
  }

  /** Frames as they came, one behind the other. */
  add(bytes: Uint8Array, start: number, end: number): void {
    this.#room(end - start);
    this.#filling.set(bytes.subarray(start, end), this.#bytes);
    this.#bytes += end - start;
    if (this.isFull) this.#wasFull = true;
  }

  /** One message, framed by its octet count. @param mark text that is put behind it */
  addCounted(bytes: Uint8Array, start: number, end: number, mark = ''): void {
    const count = end - start + mark.length;
    const prefix = `${count} `;
    this.#room(prefix.length + count);
    this.#bytes += this.#filling.write(prefix, this.#bytes, 'latin1');
    this.#filling.set(bytes.subarray(start, end), this.#bytes);
    this.#bytes += end - start;
    this.#bytes += this.#filling.write(mark, this.#bytes, 'latin1');
    if (this.isFull) this.#wasFull = true;
  }

  /** Sends off what there is, unless a batch is on its way: then that is followed by it. */
  flush(): void {
    if (this.#isStoring || this.#bytes === 0) return;
    this.#isStoring = true;
    this.#underWay = this.#storeAll().catch(this.#deps.onFault);
  }

  /** Resolves once everything that was added is stored, or has been given up. */
  async settled(): Promise<void> {
    while (!this.isEmpty) {
      this.flush();
      await this.#underWay;
    }
  }

  async #storeAll(): Promise<void> {
    try {
      while (this.#bytes > 0) {
        const full = this.#filling;
        const batch = full.subarray(0, this.#bytes);
        this.#filling = this.#spare;
        this.#bytes = 0;
        if (this.#wasFull) {
          this.#wasFull = false;
          this.#deps.onRoom();
        }
        await this.#deps.store(batch);
        this.#spare = full;
      }
    } finally {
      this.#isStoring = false;
    }
  }

  #room(more: number): void {
    if (this.#bytes === 0) {
      const head = this.#deps.head();
      this.#grow(head.length + more);
      this.#filling.set(head, 0);
      this.#bytes = head.length;
    } else this.#grow(this.#bytes + more);
  }

  #grow(bytes: number): void {
    if (bytes <= this.#filling.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, bytes, this.#filling.length * 2));
    larger.set(this.#filling.subarray(0, this.#bytes));
    this.#filling = larger;
  }
}
