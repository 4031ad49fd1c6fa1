/** Events per second over the last few seconds, from a counter that only grows. */
export class RateMeter {
  readonly #samples: { readonly atMs: number; readonly total: number }[] = [];
  readonly #windowMs: number;

  constructor(windowMs = 5000) {
    this.#windowMs = windowMs;
  }

  /** @param atMs monotonic enough: milliseconds, not going back */
  sample(atMs: number, total: number): void {
    this.#samples.push({ atMs, total });
    while (this.#samples.length > 2 && (this.#samples[0]?.atMs ?? 0) < atMs - this.#windowMs) this.#samples.shift();
  }

  get perSecond(): number {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last || last.atMs <= first.atMs) return 0;
    return ((last.total - first.total) * 1000) / (last.atMs - first.atMs);
  }
}
