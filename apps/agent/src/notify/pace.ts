import { setTimeout as sleep } from 'node:timers/promises';

/** Ends after that time, or rejects when the signal comes first. */
type Pause = (ms: number, signal: AbortSignal) => Promise<void>;
const realPause: Pause = (ms, signal) => sleep(ms, undefined, { signal });

/**
 * Lets calls through a gap apart, in the order of asking. Slack takes a message a second in a channel. The gap counts
 * from the end of a call: a slow way there must not bring two of them together at its end.
 */
export class Pace {
  readonly #gapMs: number;
  readonly #now: () => number;
  readonly #pause: Pause;
  #nextMs = Number.NEGATIVE_INFINITY;

  /** @param now monotonic milliseconds */
  constructor(gapMs: number, now: () => number, pause: Pause = realPause) {
    this.#gapMs = gapMs;
    this.#now = now;
    this.#pause = pause;
  }

  /** Rejects with the signal's reason when that comes before the turn. */
  async run<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    const nowMs = this.#now();
    const atMs = Math.max(nowMs, this.#nextMs);
    this.#nextMs = atMs + this.#gapMs;
    if (atMs > nowMs) await this.#pause(atMs - nowMs, signal);
    try {
      return await call();
    } finally {
      this.#nextMs = Math.max(this.#nextMs, this.#now() + this.#gapMs);
    }
  }
}
