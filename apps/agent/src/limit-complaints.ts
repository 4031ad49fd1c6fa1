/** Long enough for a person to read it, short enough to be about now. */
const SHOWN_MS = 60_000;

/** One limit and what it has cost so far. */
export interface WatchedLimit {
  /** What is said while it bites. */
  readonly words: string;
  /** Goes up with everything that the limit refuses or lumps together. */
  readonly count: () => number;
}

/** Which limits have bitten within the last minute: what the agent says of them is gone again once they no longer do. */
export class LimitComplaints {
  readonly #now: () => number;
  readonly #limits: readonly { readonly limit: WatchedLimit; count: number; bittenMs: number }[];

  /** @param now milliseconds, monotonic */
  constructor(limits: readonly WatchedLimit[], now: () => number) {
    this.#now = now;
    this.#limits = limits.map((limit) => ({ limit, count: limit.count(), bittenMs: Number.NEGATIVE_INFINITY }));
  }

  current(): readonly string[] {
    const nowMs = this.#now();
    for (const watched of this.#limits) {
      const count = watched.limit.count();
      if (count > watched.count) watched.bittenMs = nowMs;
      watched.count = count;
    }
    return this.#limits.filter(({ bittenMs }) => nowMs - bittenMs < SHOWN_MS).map(({ limit }) => limit.words);
  }
}
