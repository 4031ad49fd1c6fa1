import { giveBack } from '../pipeline/give-back.ts';
import type { BodyPool } from './body-pool.ts';

const FIRST_GUESS_BYTES = 64 * 1024;

/** A whole body. Its bytes may come from a pool: `release` it, once, when nobody reads them any more. */
export class ReceivedBody {
  readonly bytes: Uint8Array;
  readonly #give: (() => void) | undefined;

  constructor(bytes: Uint8Array, give?: () => void) {
    this.bytes = bytes;
    this.#give = give;
  }

  release(): void {
    this.#give?.();
  }
}

export type SinkStep = 'taken' | 'too_large' | 'overloaded';

/**
 * Collects chunks into one piece, with no more copies than needed: a body that comes as one chunk is not copied. Chunks
 * whose memory is nobody else's are given back as soon as they are not needed.
 */
export class BodySink {
  readonly #pool: BodyPool;
  readonly #maxBytes: number;
  readonly #expectedBytes: number;
  readonly #isSole: boolean;
  #first: Buffer | undefined;
  #buffer: Buffer | undefined;
  #bytes = 0;

  /**
   * @param expectedBytes how much will come, where that is known; else 0
   * @param isSole whether nobody else has a view of the chunks' memory
   */
  constructor(pool: BodyPool, maxBytes: number, expectedBytes: number, isSole: boolean) {
    this.#isSole = isSole;
    this.#pool = pool;
    this.#maxBytes = maxBytes;
    this.#expectedBytes = expectedBytes;
  }

  add(chunk: Buffer): SinkStep {
    const bytes = this.#bytes + chunk.length;
    if (bytes > this.#maxBytes) return 'too_large';
    if (this.#bytes === 0 && this.#buffer === undefined && chunk.length >= this.#expectedBytes) this.#first = chunk;
    else {
      const buffer = this.#bufferFor(bytes);
      if (buffer === undefined) return 'overloaded';
      chunk.copy(buffer, this.#bytes);
      this.#drop(chunk);
    }
    this.#bytes = bytes;
    return 'taken';
  }

  /** The sink is empty afterwards. */
  finish(): ReceivedBody {
    const buffer = this.#buffer;
    this.#buffer = undefined;
    if (buffer === undefined) {
      const chunk = this.#first ?? Buffer.alloc(0);
      return new ReceivedBody(chunk, () => this.#drop(chunk));
    }
    return new ReceivedBody(buffer.subarray(0, this.#bytes), () => this.#pool.give(buffer));
  }

  /** Gives up what has been collected. */
  abandon(): void {
    if (this.#buffer !== undefined) this.#pool.give(this.#buffer);
    this.#buffer = undefined;
  }

  #bufferFor(bytes: number): Buffer | undefined {
    const old = this.#buffer ?? this.#first;
    if (this.#buffer !== undefined && this.#buffer.length >= bytes) return this.#buffer;
    const larger = this.#pool.take(Math.max(bytes, this.#expectedBytes, FIRST_GUESS_BYTES));
    if (larger === undefined) return undefined;
    old?.copy(larger, 0, 0, this.#bytes);
    if (this.#buffer !== undefined) this.#pool.give(this.#buffer);
    else if (old !== undefined) this.#drop(old);
    this.#first = undefined;
    this.#buffer = larger;
    return larger;
  }

  #drop(chunk: Buffer): void {
    if (this.#isSole) giveBack(chunk);
  }
}
