/** Keys that arrive with the window are meant for the one that had the focus before (ux §2.5). */
const DEAF_MS = 300;
/** So many different changes so soon after the window got the focus are somebody typing. */
const BURST = 3;
const BURST_MS = 1000;

export type GuardVerdict = 'run' | 'too soon' | 'typing elsewhere';

/** Keeps what was typed for another window from acknowledging and silencing here. */
export class TypingGuard {
  #focusedMs = Number.NEGATIVE_INFINITY;
  #used = new Set<string>();
  #tripped = false;

  focused(nowMs: number): void {
    this.#focusedMs = nowMs;
    this.#used = new Set();
    this.#tripped = false;
  }

  /** Whether a command that changes something may run now. */
  judge(commandId: string, nowMs: number): GuardVerdict {
    const sinceMs = nowMs - this.#focusedMs;
    if (sinceMs < DEAF_MS) return 'too soon';
    if (sinceMs > DEAF_MS + BURST_MS) return 'run';
    this.#used.add(commandId);
    this.#tripped ||= this.#used.size >= BURST;
    return this.#tripped ? 'typing elsewhere' : 'run';
  }
}
