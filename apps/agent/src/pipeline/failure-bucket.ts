/** Wrong credentials one address may present at once, and how long one of them takes to be forgiven. */
export interface Leniency {
  readonly burst: number;
  readonly forgivenAfterMs: number;
}
/** People mistype a few times. */
export const LOGIN_LENIENCY: Leniency = { burst: 10, forgivenAfterMs: 6000 };
/** A wrong key in one shipper's configuration comes a few times a second; a guesser comes thousands of times. */
export const SENDER_LENIENCY: Leniency = { burst: 20, forgivenAfterMs: 1000 };
/** Addresses remembered; beyond it the one that failed longest ago is forgotten. */
const MAX_ADDRESSES = 10_000;

/**
 * One leaky bucket an address for failed log-ins and refused keys. It bounds the work and the log lines that guessing costs; a right one
 * is let in all the same, for its 256 bits cannot be guessed and a stranger behind the same proxy must not lock anyone out.
 */
export class FailureBucket {
  readonly #now: () => number;
  readonly #leniency: Leniency;
  readonly #levels = new Map<string, { level: number; atMs: number }>();

  /** @param now milliseconds */
  constructor(now: () => number, leniency: Leniency) {
    this.#now = now;
    this.#leniency = leniency;
  }

  /** Counts a failure; false when this address has failed too often of late and gets 429 instead of an answer. */
  admit(address: string): boolean {
    const level = this.#levelOf(address);
    this.#levels.delete(address);
    this.#levels.set(address, { level: Math.min(this.#leniency.burst, level + 1), atMs: this.#now() });
    if (this.#levels.size > MAX_ADDRESSES) this.#levels.delete(this.#levels.keys().next().value ?? '');
    return level + 1 <= this.#leniency.burst;
  }

  #levelOf(address: string): number {
    const bucket = this.#levels.get(address);
    return bucket ? Math.max(0, bucket.level - (this.#now() - bucket.atMs) / this.#leniency.forgivenAfterMs) : 0;
  }
}
