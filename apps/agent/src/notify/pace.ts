import { setTimeout as sleep } from 'node:timers/promises';

/** Ends after that time, or rejects when the signal comes first. */
type Pause = (ms: number, signal: AbortSignal) => Promise<void>;
const realPause: Pause = (ms, signal) => sleep(ms, undefined, { signal });

/** Lets one through each `gapMs`, in the order of asking. Slack takes a message a second in a channel. */
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

  /** Rejects with the signal's reason when that comes first. */
  async turn(signal: AbortSignal): Promise<void> {
    const nowMs = this.#now();
    const atMs = Math.max(nowMs, this.#nextMs);
    this.#nextMs = atMs + this.#gapMs;
    if (atMs > nowMs) await this.#pause(atMs - nowMs, signal);
  }
}
