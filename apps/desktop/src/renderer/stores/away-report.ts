import type { DeskRow } from './desk-state.ts';

/** An absence shorter than this needs no report (ux §2.13). */
export const AWAY_AFTER_MS = 5 * 60_000;

export interface AwayReport {
  readonly fromMs: number;
  readonly toMs: number;
  readonly opened: readonly DeskRow[];
  /** Opened before or during the absence, and over by themselves. */
  readonly recovered: readonly DeskRow[];
  /** Acknowledged or resolved by somebody. */
  readonly taken: readonly DeskRow[];
  readonly stillOpen: readonly DeskRow[];
}

/** What fired and what recovered between two moments: the second is as much news as the first. */
export function awayReport(rows: readonly DeskRow[], fromMs: number, toMs: number): AwayReport {
  const within = (ms: number | null) => ms !== null && ms > fromMs && ms <= toMs;
  const opened = rows.filter(({ incident }) => within(incident.opened_at_ms));
  return {
    fromMs,
    toMs,
    opened,
    recovered: rows.filter(
      ({ incident }) =>
        (incident.resolution === 'recovered' && within(incident.resolved_at_ms)) ||
        (incident.state !== 'RESOLVED' && within(incident.quiet_since_ms)),
    ),
    taken: rows.filter(
      ({ incident }) =>
        within(incident.acked_at_ms) || (incident.resolved_by !== null && within(incident.resolved_at_ms)),
    ),
    stillOpen: opened.filter(({ incident }) => incident.state === 'OPEN'),
  };
}

/** Notices that nobody was there: the page was hidden, or the machine slept and its clock leapt. */
export class AbsenceWatch {
  readonly #onReturn: (fromMs: number) => void;
  #hiddenSinceMs: number | null = null;
  #lastTickMs: number | null = null;

  constructor(onReturn: (fromMs: number) => void) {
    this.#onReturn = onReturn;
  }

  visible(isVisible: boolean, nowMs: number): void {
    if (!isVisible) this.#hiddenSinceMs ??= nowMs;
    else {
      const since = this.#hiddenSinceMs;
      this.#hiddenSinceMs = null;
      this.#lastTickMs = nowMs;
      if (since !== null && nowMs - since >= AWAY_AFTER_MS) this.#onReturn(since);
    }
  }

  /** Called every few seconds; a long gap means that the machine slept. */
  tick(nowMs: number): void {
    const before = this.#lastTickMs;
    this.#lastTickMs = nowMs;
    if (this.#hiddenSinceMs === null && before !== null && nowMs - before >= AWAY_AFTER_MS) this.#onReturn(before);
  }
}
