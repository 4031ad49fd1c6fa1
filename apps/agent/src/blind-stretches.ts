export interface BlindStretch {
  readonly from: number;
  readonly to: number;
}

/** The agent looks at its sources twenty times a second: after a minute without, it was suspended, or its clock was set. */
const LONGEST_BLINK_MS = 60_000;
/** More are a machine that sleeps all the time; the oldest are over by then, as far as detectors are concerned. */
const MOST_KEPT = 16;

/**
 * The stretch before this start in which no agent looked: from the last checkpoint of the run before to this start.
 * A second in it without events is unknown, not silent. So are seconds that the agent slept
 * through. Stored with the next checkpoint.
 */
export class BlindStretches {
  #stretches: readonly BlindStretch[];
  #unsaved: readonly BlindStretch[];
  #lookedMs: number;

  /** @param lastLookedMs when the run before committed last; null at the very first start */
  constructor(lastLookedMs: number | null, startedMs: number) {
    const from = lastLookedMs === null ? null : Math.ceil(lastLookedMs / 1000);
    const to = Math.floor(startedMs / 1000);
    this.#stretches = from !== null && from < to ? [{ from, to }] : [];
    this.#unsaved = this.#stretches;
    this.#lookedMs = startedMs;
  }

  /** The agent looks now. Whatever lies between, if it is more than a minute, it has not seen. */
  look(nowMs: number): void {
    if (nowMs - this.#lookedMs > LONGEST_BLINK_MS) {
      const slept = { from: Math.ceil(this.#lookedMs / 1000), to: Math.floor(nowMs / 1000) };
      this.#stretches = [...this.#stretches, slept].slice(-MOST_KEPT);
      this.#unsaved = [...this.#unsaved, slept];
    }
    this.#lookedMs = nowMs;
  }

  covers(second: number): boolean {
    return this.#stretches.some(({ from, to }) => second >= from && second < to);
  }

  takeUnsaved(): readonly BlindStretch[] {
    const unsaved = this.#unsaved;
    this.#unsaved = [];
    return unsaved;
  }

  giveBack(stretches: readonly BlindStretch[]): void {
    this.#unsaved = [...stretches, ...this.#unsaved];
  }
}
