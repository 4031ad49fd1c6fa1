/** A line longer than this is never made: the longest stack trace is a quarter of it. */
const LONGEST_LINE_BYTES = 4096;

/** Lines on their way into one request: a buffer that is filled, sent and filled again. */
export class LineBatch {
  readonly #buffer: Buffer;
  #length = 0;
  #lines = 0;

  constructor(capacityBytes: number) {
    this.#buffer = Buffer.allocUnsafe(capacityBytes + LONGEST_LINE_BYTES);
  }

  get lines(): number {
    return this.#lines;
  }

  /** No room for one more line of any length. */
  get isFull(): boolean {
    return this.#buffer.length - this.#length < LONGEST_LINE_BYTES;
  }

  /** The NDJSON body; valid until the batch is cleared. */
  get body(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.#length) as Uint8Array<ArrayBuffer>;
  }

  add(line: string): void {
    this.#length += this.#buffer.write(line, this.#length);
    this.#lines++;
  }

  clear(): void {
    this.#length = 0;
    this.#lines = 0;
  }
}
