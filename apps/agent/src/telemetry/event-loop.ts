/** How often the probe's timer is due. */
const PERIOD_MS = 20;

/**
 * Watches how late the main thread's timers fire: the first sign that something blocks it.
 * A timer of our own, not `monitorEventLoopDelay`: that one forgets the delay that follows each `reset`, which is exactly
 * where a caller that samples once a second does the rest of its once-a-second work (seen on Node 24).
 */
export class EventLoopProbe {
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #dueMs = 0;
  #worstMs = 0;
  #lagMs = 0;

  /** @param now monotonic milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  start(): void {
    this.#dueMs = this.#now() + PERIOD_MS;
    this.#timer ??= setInterval(() => this.#fired(), PERIOD_MS).unref();
  }

  /** The worst lateness between the last two calls of `sample`, in ms. */
  get lagMs(): number {
    return this.#lagMs;
  }

  /** Ends a measuring interval; call it once a second. */
  sample(): void {
    this.#lagMs = this.#worstMs;
    this.#worstMs = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #fired(): void {
    const now = this.#now();
    this.#worstMs = Math.max(this.#worstMs, now - this.#dueMs);
    this.#dueMs = now + PERIOD_MS;
  }
}
