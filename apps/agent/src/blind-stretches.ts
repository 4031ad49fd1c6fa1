export interface BlindStretch {
  readonly from: number;
  readonly to: number;
}

/**
 * The stretch before this start in which no agent looked: from the last checkpoint of the run before to this start.
 * A second in it without events is unknown, not silent. It is stored with the first checkpoint.
 */
export class BlindStretches {
  readonly #stretch: BlindStretch | null;
  #unsaved: readonly BlindStretch[];

  /** @param lastLookedMs when the run before committed last; null at the very first start */
  constructor(lastLookedMs: number | null, startedMs: number) {
    const from = lastLookedMs === null ? null : Math.ceil(lastLookedMs / 1000);
    const to = Math.floor(startedMs / 1000);
    this.#stretch = from !== null && from < to ? { from, to } : null;
    this.#unsaved = this.#stretch ? [this.#stretch] : [];
  }

  covers(second: number): boolean {
    return this.#stretch !== null && second >= this.#stretch.from && second < this.#stretch.to;
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
