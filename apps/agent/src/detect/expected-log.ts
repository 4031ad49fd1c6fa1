import type { SourceWatch } from '@sentinellog/detector';
import { SIGNALS } from '@sentinellog/shared';
import type { Checkpoint, ExpectedMinute, LatencyMinute } from '../pipeline/checkpoint.ts';

/** Ten thousand sources for a quarter of an hour of failing commits; the band of older minutes is then not drawn. */
const MAX_KEPT = 300_000;

export type ExpectedPart = Required<Pick<Checkpoint, 'expected' | 'latency'>>;

/** What windows were scored against, and the p99 of minutes, on their way to the store: what is drawn beside the counts. */
export class ExpectedLog {
  #expected: ExpectedMinute[] = [];
  #latency: LatencyMinute[] = [];
  /** Minutes given up because commits failed for too long. */
  dropped = 0;

  /** @param minute unix second at which it begins, and the one before has ended */
  note(sourceId: string, watch: SourceWatch, minute: number): void {
    for (const signal of SIGNALS) {
      const expected = watch.expected(signal);
      if (expected) this.#expected.push({ sourceId, signal, minute, ...expected });
    }
    const measured = watch.latency();
    if (measured?.end === minute) {
      const { value: p99, usual, spread, sigma } = measured;
      this.#latency.push({ sourceId, minute: minute - 60, p99, usual, spread, sigma });
    }
    this.#bound();
  }

  take(): ExpectedPart {
    const taken = { expected: this.#expected, latency: this.#latency };
    this.#expected = [];
    this.#latency = [];
    return taken;
  }

  giveBack({ expected, latency }: ExpectedPart): void {
    this.#expected = [...expected, ...this.#expected];
    this.#latency = [...latency, ...this.#latency];
    this.#bound();
  }

  #bound(): void {
    for (const minutes of [this.#expected, this.#latency]) {
      const excess = minutes.length - MAX_KEPT;
      if (excess <= 0) continue;
      minutes.splice(0, excess);
      this.dropped += excess;
    }
  }
}
