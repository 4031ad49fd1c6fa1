import { countsAt, EMPTY_COUNTS, eventsOf, FRAME_COLUMNS } from '@sentinellog/shared';
import type { FrameCounts } from './recent-seconds.ts';

/** Nothing for this long is a hole in the data, as where live seconds are closed: an hour of silence, then the unknown. */
const LONGEST_SILENCE = 3600;

/** Unix seconds, from ≤ t < to. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A minute of stored seconds: row-major, second × column, as a `FrameBlock` of level 0 has them. */
export interface StoredMinute {
  readonly start: number;
  readonly cells: Float64Array;
}

export interface StoredSeconds extends Span {
  /** Ascending; a minute without a line is absent. */
  readonly minutes: readonly StoredMinute[];
  /** Nobody was looking. Ascending and disjoint. */
  readonly blind: readonly Span[];
}

/**
 * The seconds of a stretch as detectors saw them when they closed: counts, zeros for silence, null for what nobody looked at. Feeding
 * them to the live engine gives what it gave, events aside that came too late to be scored.
 *
 * @returns seconds that hold counts or measured silence
 */
export function replaySeconds(
  { from, to, minutes, blind }: StoredSeconds,
  observe: (second: number, counts: FrameCounts | null) => void,
): number {
  let seen = 0;
  let nextBlind = 0;
  let silent = 0;
  let at = 0;
  for (let second = from; second < to; ) {
    while (at < minutes.length && minutes[at].start + 60 <= second) at++;
    while (nextBlind < blind.length && blind[nextBlind].to <= second) nextBlind++;
    const minute = minutes[at];
    const counts = minute && minute.start <= second ? countsOf(minute, second - minute.start) : null;
    if (counts) {
      silent = 0;
      seen++;
      observe(second++, counts);
      continue;
    }
    if (nextBlind < blind.length && blind[nextBlind].from <= second) {
      silent = 0;
      // One null stands for all of a stretch.
      observe(second, null);
      second = Math.max(second + 1, Math.min(blind[nextBlind].to, firstFrom(minutes, at, second, to)));
      continue;
    }
    if (silent++ < LONGEST_SILENCE) {
      seen++;
      observe(second++, EMPTY_COUNTS);
      continue;
    }
    observe(second, null);
    second = Math.max(second + 1, firstFrom(minutes, at, second, to));
  }
  return seen;
}

/** null: nothing was counted in the second. */
function countsOf({ cells }: StoredMinute, slot: number): FrameCounts | null {
  const counts = countsAt(cells, slot * FRAME_COLUMNS.length);
  return eventsOf(counts) === 0 ? null : counts;
}

/** The first second after `second` that holds something; `to` where there is none. */
function firstFrom(minutes: readonly StoredMinute[], at: number, second: number, to: number): number {
  for (let place = at; place < minutes.length && minutes[place].start < to; place++) {
    const { start } = minutes[place];
    for (let slot = Math.max(0, second + 1 - start); slot < 60; slot++) {
      if (countsOf(minutes[place], slot)) return Math.min(to, start + slot);
    }
  }
  return to;
}
