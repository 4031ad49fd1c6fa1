import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * So many bytes are read between two collections: at a million events a second six a second, of a millisecond each. Left
 * to V8 125 MB of dead buffers lay about (and twice that, as malloc keeps what it once had): it sees a few hundred bytes
 * of heap for each 64 kB that a socket or a compressor has filled. Or it collects the whole heap for every 64 MB of
 * them, which at a million events a second took half a second of CPU time a second.
 */
const EVERY_BYTES = 32 * 1024 * 1024;

type Collect = (options?: { readonly type: 'minor' }) => void;

/** V8 shows `gc` to contexts that are made after the flag is set, and to nobody else. */
function exposedCollector(): Collect {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  return typeof collect === 'function' ? (options) => void collect(options) : () => undefined;
}

/** A full collection of this thread's heap, now. */
export const collectGarbage: Collect = exposedCollector();

/** Frees the short-lived buffers of a stream of bytes as it flows. */
export class BufferGarbage {
  readonly #collect: Collect;
  readonly #fullEvery: number;
  #bytes = 0;
  #collections = 0;

  /** @param fullEvery of so many collections one is of the whole heap: only for buffers that outlive the others */
  constructor({ fullEvery = Number.POSITIVE_INFINITY, collect = collectGarbage } = {}) {
    this.#fullEvery = fullEvery;
    this.#collect = collect;
  }

  /** So many bytes have gone through buffers that nobody uses any more. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < EVERY_BYTES) return;
    this.#bytes = 0;
    this.#collections++;
    if (this.#collections % this.#fullEvery === 0) this.#collect();
    else this.#collect({ type: 'minor' });
  }
}
