/** Counts up to a limit within a window, then says no: how much of something one agent may cost us. */
export class WindowBudget {
  readonly #limit: number;
  readonly #windowMs: number;
  #windowStartMs = Number.NEGATIVE_INFINITY;
  #spent = 0;

  constructor(limit: number, windowMs: number) {
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /** Spends one; false once more than the limit was asked for in the window that holds `nowMs`. */
  spend(nowMs: number): boolean {
    if (nowMs - this.#windowStartMs >= this.#windowMs) {
      this.#windowStartMs = nowMs;
      this.#spent = 0;
    }
    this.#spent++;
    return this.#spent <= this.#limit;
  }
}
