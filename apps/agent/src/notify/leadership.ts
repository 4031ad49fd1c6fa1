/** The lease as the store keeps it, by the database's clock. */
export interface Lease {
  take(ttlMs: number): Promise<number | null>;
  renew(fence: number, ttlMs: number): Promise<boolean>;
  release(fence: number): Promise<void>;
}

/** Late enough to be cheap, early enough that a try or two may fail. */
const RENEW_SHARE = 1 / 4;
/** How soon the next in line sees that the lease is free. */
const TRY_SHARE = 1 / 10;

/**
 * Whether this agent empties the outbox, and for how long it may be sure of that. The time left is counted on this
 * machine's monotonic clock from before the lease was asked for, so that it never ends later than the database thinks;
 * a process that was frozen finds that none is left.
 */
export class Leadership {
  readonly #lease: Lease;
  readonly #ttlMs: number;
  readonly #monotonic: () => number;
  #fence: number | null = null;
  #validUntilMs = 0;
  #nextTryMs = Number.NEGATIVE_INFINITY;

  constructor(lease: Lease, ttlMs: number, monotonic: () => number) {
    this.#lease = lease;
    this.#ttlMs = ttlMs;
    this.#monotonic = monotonic;
  }

  get isLeader(): boolean {
    return this.#fence !== null && this.remainingMs > 0;
  }

  get remainingMs(): number {
    return this.#fence === null ? 0 : this.#validUntilMs - this.#monotonic();
  }

  /** Takes, renews or loses the lease. @returns the fence to work under now; null: another agent leads */
  async tend(): Promise<number | null> {
    const askedMs = this.#monotonic();
    if (askedMs < this.#nextTryMs) return this.#fence;
    if (this.#fence !== null && !(await this.#lease.renew(this.#fence, this.#ttlMs))) this.#fence = null;
    this.#fence ??= await this.#lease.take(this.#ttlMs);
    this.#validUntilMs = askedMs + this.#ttlMs;
    this.#nextTryMs = askedMs + this.#ttlMs * (this.#fence === null ? TRY_SHARE : RENEW_SHARE);
    return this.#fence;
  }

  async release(): Promise<void> {
    const fence = this.#fence;
    this.#fence = null;
    if (fence !== null) await this.#lease.release(fence);
  }
}
