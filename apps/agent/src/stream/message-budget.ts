const BURST = 50;
const PER_SECOND = 20;

/** How many messages one connection may send: bursts for the subscriptions at the start, then a steady few. */
export class MessageBudget {
  #left = BURST;
  #atMs: number;

  /** @param nowMs milliseconds; only differences matter */
  constructor(nowMs: number) {
    this.#atMs = nowMs;
  }

  /** False when the connection has sent too much. */
  spend(nowMs: number): boolean {
    this.#left = Math.min(BURST, this.#left + ((nowMs - this.#atMs) / 1000) * PER_SECOND);
    this.#atMs = nowMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
