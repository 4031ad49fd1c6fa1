/** Frames later than this are seen as stutter at 60 Hz. */
const LATE_MS = 20;
const WINDOW_MS = 2000;
/** This long without stutter before the next step back up: a machine that breathes must not flicker between paces. */
const CALM_MS = 10_000;

/** How often the main chart and the small ones are drawn: every n-th frame. */
export interface Pace {
  readonly main: number;
  readonly mini: number;
}

/** From the best to what any machine can do (ux §3.3). 15 frames are 4 Hz. */
export const PACES: readonly Pace[] = [
  { main: 1, mini: 15 },
  { main: 1, mini: 60 },
  { main: 2, mini: 60 },
  { main: 15, mini: 60 },
];

/** Watches how late frames are and gives way step by step, the small charts first. */
export class FrameGovernor {
  #step = 0;
  #windowStartMs = 0;
  #calmSinceMs = 0;
  #deltas: number[] = [];

  get pace(): Pace {
    return PACES[this.#step] ?? PACES[0]!;
  }

  /** A frame came `deltaMs` after the one before. */
  note(deltaMs: number, nowMs: number): void {
    this.#deltas.push(deltaMs);
    if (nowMs - this.#windowStartMs < WINDOW_MS) return;
    const sorted = this.#deltas.toSorted((a, b) => a - b);
    const p95 = sorted[Math.floor(sorted.length * 0.95)] ?? 0;
    this.#deltas = [];
    this.#windowStartMs = nowMs;
    if (p95 > LATE_MS) {
      this.#step = Math.min(PACES.length - 1, this.#step + 1);
      this.#calmSinceMs = nowMs;
    } else if (this.#step > 0 && nowMs - this.#calmSinceMs >= CALM_MS) {
      this.#step--;
      this.#calmSinceMs = nowMs;
    }
  }
}
