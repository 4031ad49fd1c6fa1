/** Wrong credentials one address may present at once, and how long one of them takes to be forgiven. */
const BURST = 10;
const FORGIVEN_AFTER_MS = 6000;
/** Addresses remembered; beyond it the one that failed longest ago is forgotten. */
const MAX_ADDRESSES = 10_000;

/**
 * One leaky bucket an address for failed log-ins. It bounds the work and the log lines that guessing costs; a right token
 * is let in all the same, for its 256 bits cannot be guessed and a stranger behind the same proxy must not lock anyone out.
 */
export class FailureBucket {
  readonly #now: () => number;
  readonly #levels = new Map<string, { level: number; atMs: number }>();

  /** @param now milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts a failure; false when this address has failed too often of late and gets 429 instead of an answer. */
  admit(address: string): boolean {
    const level = this.#levelOf(address);
    this.#levels.delete(address);
    this.#levels.set(address, { level: Math.min(BURST, level + 1), atMs: this.#now() });
    if (this.#levels.size > MAX_ADDRESSES) this.#levels.delete(this.#levels.keys().next().value ?? '');
    return level + 1 <= BURST;
  }

  #levelOf(address: string): number {
    const bucket = this.#levels.get(address);
    return bucket ? Math.max(0, bucket.level - (this.#now() - bucket.atMs) / FORGIVEN_AFTER_MS) : 0;
  }
}
