interface Bucket {
  tokens: number;
  atMs: number;
}

/**
 * Slows down whoever presents wrong keys, by address: `burst` failures at once, then `perSecond`.
 * Only failures are counted and only failures are slowed, so one wrong sender behind a NAT does not silence the others.
 */
export class FailureBucket {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #maxAddresses: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: { readonly burst: number; readonly perSecond: number; readonly maxAddresses: number }) {
    this.#burst = options.burst;
    this.#perSecond = options.perSecond;
    this.#maxAddresses = options.maxAddresses;
  }

  /** Counts one failure; false when the address has had too many of them. */
  take(address: string, nowMs: number): boolean {
    const bucket = this.#buckets.get(address) ?? { tokens: this.#burst, atMs: nowMs };
    const refill = Math.max(0, ((nowMs - bucket.atMs) / 1000) * this.#perSecond);
    bucket.tokens = Math.min(this.#burst, bucket.tokens + refill);
    bucket.atMs = nowMs;
    // Moved to the end, so that the first of the map is the one that has been quiet for longest.
    this.#buckets.delete(address);
    this.#buckets.set(address, bucket);
    if (this.#buckets.size > this.#maxAddresses) this.#forgetOldest();
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }

  #forgetOldest(): void {
    for (const address of this.#buckets.keys()) {
      this.#buckets.delete(address);
      return;
    }
  }
}
