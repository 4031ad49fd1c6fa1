import type { SourceWatch } from '@sentinellog/detector';
import { SIGNALS } from '@sentinellog/shared';
import type { ExpectedMinute } from '../pipeline/checkpoint.ts';

/** Ten thousand sources for a quarter of an hour of failing commits; the band of older minutes is then not drawn. */
const MAX_KEPT = 300_000;

/** The expectations that windows were scored against, on their way to the store. */
export class ExpectedLog {
  #minutes: ExpectedMinute[] = [];
  /** Minutes given up because commits failed for too long. */
  dropped = 0;

  note(sourceId: string, watch: SourceWatch, minute: number): void {
    for (const signal of SIGNALS) {
      const expected = watch.expected(signal);
      if (expected) this.#minutes.push({ sourceId, signal, minute, ...expected });
    }
    this.#bound();
  }

  take(): readonly ExpectedMinute[] {
    const taken = this.#minutes;
    this.#minutes = [];
    return taken;
  }

  giveBack(minutes: readonly ExpectedMinute[]): void {
    this.#minutes = [...minutes, ...this.#minutes];
    this.#bound();
  }

  #bound(): void {
    const excess = this.#minutes.length - MAX_KEPT;
    if (excess <= 0) return;
    this.#minutes.splice(0, excess);
    this.dropped += excess;
  }
}
