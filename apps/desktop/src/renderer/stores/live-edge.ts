/** Beats come once a second; the edge waits that long and a little, so that it slides evenly into known data. */
const BEAT_INTERVAL_MS = 1000;
const JITTER_MS = 200;
/** Further behind than this the truth is better than a smooth edge: the chart shows a stall. */
const MAX_DELAY_MS = 4000;
/** How fast the delay may change, as a share of real time: slower than anybody notices as a change of speed. */
const SLEW = 0.1;

/** Where "now" is drawn: the agent's clock, minus what its beats need to arrive (ux §3.3). */
export class LiveEdge {
  #targetMs = BEAT_INTERVAL_MS + JITTER_MS;
  #delayMs: number | null = null;
  #lastMs = 0;

  /** A message whose newest bucket ended `lagMs` ago has just arrived. */
  note(lagMs: number): void {
    const wanted = Math.min(MAX_DELAY_MS, Math.max(0, lagMs) + BEAT_INTERVAL_MS + JITTER_MS);
    // Up at once, down slowly: one early message says little, one late message will come again.
    this.#targetMs = wanted > this.#targetMs ? wanted : this.#targetMs * 0.9 + wanted * 0.1;
  }

  /** The instant to draw at the right edge, in the agent's time. */
  at(serverNowMs: number): number {
    if (this.#delayMs === null) this.#delayMs = this.#targetMs;
    else {
      const reach = Math.max(0, serverNowMs - this.#lastMs) * SLEW;
      this.#delayMs += Math.max(-reach, Math.min(reach, this.#targetMs - this.#delayMs));
    }
    this.#lastMs = serverNowMs;
    return serverNowMs - this.#delayMs;
  }
}
