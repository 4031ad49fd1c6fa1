import type { Anomaly } from '@sentinellog/shared';

const KEPT_MS = 3_600_000;
/** An hour with more than this is a storm; the stream's snapshot keeps the newest and everything open. */
const MAX_ENDED = 1000;

/** The anomalies that a console needs when it connects: all open ones, and those that ended within the last hour. */
export class LiveAnomalies {
  readonly #anomalies = new Map<string, Anomaly>();
  readonly #now: () => number;

  constructor(now: () => number, open: readonly Anomaly[]) {
    this.#now = now;
    for (const anomaly of open) this.#anomalies.set(anomaly.event_id, anomaly);
  }

  /** @returns true when the anomaly is new or has come into another state */
  put(anomaly: Anomaly): boolean {
    const before = this.#anomalies.get(anomaly.event_id);
    this.#anomalies.set(anomaly.event_id, anomaly);
    return before?.state !== anomaly.state;
  }

  get openCount(): number {
    return [...this.#anomalies.values()].filter(isOpen).length;
  }

  /** Newest first. Forgets what ended long ago. */
  list(): readonly Anomaly[] {
    const since = this.#now() - KEPT_MS;
    let ended = 0;
    const newestFirst = [...this.#anomalies.values()].toSorted((a, b) => b.started_at_ms - a.started_at_ms);
    for (const anomaly of newestFirst) {
      if (isOpen(anomaly)) continue;
      const over = (anomaly.ended_at_ms ?? anomaly.last_outside_ms) < since;
      if (over || ++ended > MAX_ENDED) this.#anomalies.delete(anomaly.event_id);
    }
    return newestFirst.filter((anomaly) => this.#anomalies.has(anomaly.event_id));
  }
}

function isOpen(anomaly: Anomaly): boolean {
  return anomaly.ended_at_ms === null && anomaly.state !== 'withdrawn';
}
