import { LocalClock } from '@sentinellog/detector';
import type { EXPLAIN_BASELINES } from '@sentinellog/shared';

/** Unix seconds: from ≤ t < to. */
export interface SecondsRange {
  readonly fromSecond: number;
  readonly toSecond: number;
}

export type Against = { readonly kind: 'same_slot' } | { readonly kind: 'before' } | OtherRange;
type OtherRange = SecondsRange & { readonly kind: 'other_range' };

/** What a range of a source is compared with: the mean of these. */
export interface PastRanges {
  readonly kind: (typeof EXPLAIN_BASELINES)[number];
  /** "the same time of the last 3 Mondays" */
  readonly words: string;
  /** Newest first. Empty: there is nothing to compare with. */
  readonly ranges: readonly SecondsRange[];
}

export interface PastOf {
  readonly timeZone: string;
  /** Nothing is known of the source before. */
  readonly firstSeenSecond: number;
  /** Whether the agent was not looking at some of the range: a hole in the past is not a quiet time. */
  readonly isBlind: (range: SecondsRange) => boolean;
}

const DAY = 86_400;
/** More weeks back than this say little about today; fewer than that, and one bad Monday is half of what is expected. */
const MOST_RANGES = 4;
/** Counts of templates are kept so long by the minute, and after that by the hour (store/retention.ts). */
const OLDEST_DAYS = 89;
const WEEKDAYS = ['Sundays', 'Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays', 'Fridays', 'Saturdays'];

/**
 * The same time of the last four weeks by the clock on the wall of the source's zone, so that 09:00 stays 09:00 across
 * a DST night; where no such week is known of the last four days; where no such day is known, the stretch before, in
 * up to four pieces as long as the range.
 */
export function pastRangesOf(range: SecondsRange, against: Against, of: PastOf): PastRanges {
  if (against.kind === 'same_slot') return sameSlot(range, of);
  if (against.kind === 'before') return before(range, of);
  const { kind, fromSecond, toSecond } = against;
  return { kind, words: 'the other range', ranges: [{ fromSecond, toSecond }] };
}

function sameSlot(range: SecondsRange, of: PastOf): PastRanges {
  const weekly = shifted(range, 7, of);
  if (weekly.length > 0) {
    const day = new Date(LocalClock.of(of.timeZone).wallSecond(range.fromSecond) * 1000).getUTCDay();
    const days = WEEKDAYS[day];
    return {
      kind: 'same_slot',
      words:
        weekly.length === 1
          ? `the same time last ${days.slice(0, -1)}`
          : `the same time of the last ${weekly.length} ${days}`,
      ranges: weekly,
    };
  }
  const daily = shifted(range, 1, of);
  if (daily.length === 0) return before(range, of);
  const words = daily.length === 1 ? 'the same time the day before' : `the same time of the last ${daily.length} days`;
  return { kind: 'same_slot', words, ranges: daily };
}

function shifted({ fromSecond, toSecond }: SecondsRange, stepDays: number, of: PastOf): SecondsRange[] {
  const clock = LocalClock.of(of.timeZone);
  const length = toSecond - fromSecond;
  const wall = clock.wallSecond(fromSecond);
  const ranges: SecondsRange[] = [];
  for (let days = stepDays; days <= Math.min(OLDEST_DAYS, stepDays * MOST_RANGES * 2); days += stepDays) {
    const start = clock.unixSecond(wall - days * DAY);
    const range = { fromSecond: start, toSecond: start + length };
    if (start < of.firstSeenSecond || ranges.length === MOST_RANGES) break;
    // A range of days would overlap what it is compared with, or the one before.
    const next = ranges.at(-1)?.fromSecond ?? fromSecond;
    if (range.toSecond <= next && !of.isBlind(range)) ranges.push(range);
  }
  return ranges;
}

function before({ fromSecond, toSecond }: SecondsRange, of: PastOf): PastRanges {
  const length = toSecond - fromSecond;
  const ranges: SecondsRange[] = [];
  for (let end = fromSecond; ranges.length < MOST_RANGES; end -= length) {
    const range = { fromSecond: end - length, toSecond: end };
    if (range.fromSecond < of.firstSeenSecond) break;
    if (of.isBlind(range)) break;
    ranges.push(range);
  }
  const words = ['nothing: not enough is known of the time before', 'as long a stretch before'][ranges.length];
  return { kind: 'before', words: words ?? `a stretch ${ranges.length} times as long before`, ranges };
}
