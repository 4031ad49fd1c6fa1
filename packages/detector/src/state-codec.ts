/** Numbers to bytes and back, to the bit: what a detector has learnt must be the same after a restart as before it. */
export class StateWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  number(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** A short ASCII word: names of detectors and slots, never log text. */
  text(value: string): void {
    const codes = Uint8Array.from(value, (letter) => letter.charCodeAt(0));
    if (value.length > 255 || codes.some((code) => code > 126))
      throw new RangeError(`"${value}" is no short ASCII word`);
    this.bytes(Uint8Array.of(codes.length));
    this.bytes(codes);
  }

  floats(values: Float32Array): void {
    this.#reserve(values.length * 4);
    for (const value of values) {
      this.#view.setFloat32(this.#length, value, true);
      this.#length += 4;
    }
  }

  shorts(values: Int16Array): void {
    this.#reserve(values.length * 2);
    for (const value of values) {
      this.#view.setInt16(this.#length, value, true);
      this.#length += 2;
    }
  }

  numbers(values: Float64Array): void {
    for (const value of values) this.number(value);
  }

  bytes(values: Uint8Array): void {
    this.#reserve(values.length);
    this.#bytes.set(values, this.#length);
    this.#length += values.length;
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** Reads what a `StateWriter` wrote, in the same order; a state that ends early or goes on too long is damaged. */
export class StateReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  number(): number {
    return this.#view.getFloat64(this.#advance(8), true);
  }

  text(): string {
    const [length = 0] = this.bytes(1);
    return String.fromCharCode(...this.bytes(length));
  }

  floatsInto(values: Float32Array): void {
    for (let i = 0; i < values.length; i++) values[i] = this.#view.getFloat32(this.#advance(4), true);
  }

  shortsInto(values: Int16Array): void {
    for (let i = 0; i < values.length; i++) values[i] = this.#view.getInt16(this.#advance(2), true);
  }

  numbersInto(values: Float64Array): void {
    for (let i = 0; i < values.length; i++) values[i] = this.number();
  }

  bytes(length: number): Uint8Array {
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  end(): void {
    if (this.#at !== this.#bytes.length)
      throw new Error(`detector state is damaged: ${this.#bytes.length - this.#at} bytes too many`);
  }

  #advance(by: number): number {
    const at = this.#at;
    this.#at += by;
    if (this.#at > this.#bytes.length) throw new Error('detector state is damaged: it ends too early');
    return at;
  }
}
