import { countsAt, EMPTY_COUNTS } from '@sentinellog/shared';
import { LEAST_LAG_SECONDS } from './lag-allowance.ts';
import { type FrameCounts, type SourceState } from './source-state.ts';

/** Event time must have passed a second's end by this much before it closes: room for events out of order. */
const LATENESS_SECONDS = 2;
/** An event this close to its arrival is news; further back it is history being loaded. */
const LIVE_WITHIN_SECONDS = 60;
/** Nothing for this long in one step is a hole in the data, not an hour of measured silence. */
const LONGEST_EMPTY_RUN = 3600;

interface ClosingRules {
  /** Nobody was looking in this second, so that no event is not the same as silence. */
  isBlind(second: number): boolean;
  onClosed(source: SourceState, second: number, counts: FrameCounts | null): void;
}

/**
 * Decides when a second of a source is over. Every second from the source's first one on is closed exactly once and
 * in order: with its counts, with zeros when nothing happened, with null when the agent was blind and got nothing.
 *
 * One step over more than an hour of nothing (history with holes, an agent that was down for days) closes that hour,
 * then ONE second with null that stands for all the rest, and goes on at the next second that holds something: a jump
 * of a week is 3,601 callbacks, not 604,800.
 */
export class FrameClock {
  readonly #rules: ClosingRules;

  constructor(rules: ClosingRules) {
    this.#rules = rules;
  }

  /** Event time has moved. Live sources wait for slow shippers (lag-allowance.ts), history does not. */
  eventTime(source: SourceState): void {
    const lateness = source.live ? source.allowedLagSeconds - LEAST_LAG_SECONDS + LATENESS_SECONDS : LATENESS_SECONDS;
    this.#closeThrough(source, source.watermark - lateness);
  }

  /** The clock has moved: it passes for live sources, whether they speak or not. */
  clockTime(source: SourceState, nowMs: number): void {
    if (source.live) this.#closeThrough(source, Math.floor(nowMs / 1000) - source.allowedLagSeconds);
  }

  #closeThrough(source: SourceState, through: number): void {
    let empty = 0;
    while (source.closedThrough < through) {
      const second = source.closedThrough;
      const cells = source.open.get(second);
      if (cells !== undefined) {
        empty = 0;
        source.open.delete(second);
        this.#close(source, second, second + 1, countsAt(cells));
      } else if (empty < LONGEST_EMPTY_RUN) {
        empty++;
        this.#close(source, second, second + 1, this.#rules.isBlind(second) ? null : EMPTY_COUNTS);
      } else {
        this.#close(source, second, firstOpen(source, through), null);
      }
    }
  }

  #close(source: SourceState, second: number, next: number, counts: FrameCounts | null): void {
    source.closedThrough = next;
    source.changed = true;
    this.#rules.onClosed(source, second, counts);
  }
}

export function isNews(second: number, receivedSecond: number): boolean {
  return second >= receivedSecond - LIVE_WITHIN_SECONDS;
}

function firstOpen(source: SourceState, through: number): number {
  let first = through;
  for (const second of source.open.keys()) if (second < first) first = second;
  return first;
}
