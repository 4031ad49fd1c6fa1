/** Numbers to bytes and back, to the bit: what a detector has learnt must be the same after a restart as before it. */
export class StateWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;

  /** @param expectedBytes room to start with */
  constructor(expectedBytes = 1024) {
    this.#bytes = new Uint8Array(expectedBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

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
    this.#all(values);
  }

  numbers(values: Float64Array): void {
    this.#all(values);
  }

  #all(values: Float32Array | Float64Array): void {
    const from = this.#length;
    this.bytes(bytesOf(values));
    inOrder(this.#bytes.subarray(from, this.#length), values.BYTES_PER_ELEMENT);
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
    this.#into(values);
  }

  numbersInto(values: Float64Array): void {
    this.#into(values);
  }

  bytes(length: number): Uint8Array {
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  end(): void {
    if (this.#at !== this.#bytes.length)
      throw new Error(`detector state is damaged: ${this.#bytes.length - this.#at} bytes too many`);
  }

  #into(values: Float32Array | Float64Array): void {
    const bytes = bytesOf(values);
    bytes.set(this.bytes(bytes.length));
    inOrder(bytes, values.BYTES_PER_ELEMENT);
  }

  #advance(by: number): number {
    const at = this.#at;
    this.#at += by;
    if (this.#at > this.#bytes.length) throw new Error('detector state is damaged: it ends too early');
    return at;
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** States are little-endian, and so is nearly every machine: whole arrays are then copied, four times as fast as number by number. */
function inOrder(bytes: Uint8Array, width: number): void {
  if (IS_LITTLE_ENDIAN) return;
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}
