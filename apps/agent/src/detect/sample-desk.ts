import type { SampleLine } from '@sentinellog/shared';

/** A storm opens many anomalies at once; each reads the journal, so they take turns. */
const MAX_AT_ONCE = 4;
const MAX_WAITING = 200;
const TIMEOUT_MS = 5000;

export interface SampleRequest {
  readonly read: () => Promise<readonly SampleLine[]>;
  readonly deliver: (lines: readonly SampleLine[]) => void;
}

/** Why an anomaly stayed without sample lines. */
export type SampleLoss = 'busy' | 'timeout' | 'failed';

/**
 * Fetches sample lines beside the detection, never in its way: a bounded queue, a few at a time, a timeout for each. What
 * is lost is counted, and the anomaly stands without it.
 */
export class SampleDesk {
  readonly lost: Record<SampleLoss, number> = { busy: 0, timeout: 0, failed: 0 };
  readonly #waiting: SampleRequest[] = [];
  readonly #timeoutMs: number;
  #underWay = 0;

  constructor(timeoutMs = TIMEOUT_MS) {
    this.#timeoutMs = timeoutMs;
  }

  ask(request: SampleRequest): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.lost.busy++;
      return;
    }
    this.#waiting.push(request);
    this.#next();
  }

  #next(): void {
    if (this.#underWay >= MAX_AT_ONCE) return;
    const request = this.#waiting.shift();
    if (!request) return;
    this.#underWay++;
    void this.#fetch(request).finally(() => {
      this.#underWay--;
      this.#next();
    });
  }

  async #fetch({ read, deliver }: SampleRequest): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<'timeout'>((resolve) => {
      timer = setTimeout(() => resolve('timeout'), this.#timeoutMs);
    });
    try {
      const lines = await Promise.race([read(), limit]);
      if (lines === 'timeout') this.lost.timeout++;
      else deliver(lines);
    } catch {
      // The journal reports its own damage; here only the sample is missing.
      this.lost.failed++;
    } finally {
      clearTimeout(timer);
    }
  }
}
