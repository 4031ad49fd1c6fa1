import { setTimeout as sleep } from 'node:timers/promises';

/** Lets one through each `gapMs`, in the order of asking. Slack takes a message a second in a channel. */
export class Pace {
  readonly #gapMs: number;
  readonly #now: () => number;
  #nextMs = Number.NEGATIVE_INFINITY;

  /** @param now monotonic milliseconds */
  constructor(gapMs: number, now: () => number) {
    this.#gapMs = gapMs;
    this.#now = now;
  }

  /** Rejects with the signal's reason when that comes first. */
  async turn(signal: AbortSignal): Promise<void> {
    const nowMs = this.#now();
    const atMs = Math.max(nowMs, this.#nextMs);
    this.#nextMs = atMs + this.#gapMs;
    if (atMs > nowMs) await sleep(atMs - nowMs, undefined, { signal });
  }
}
