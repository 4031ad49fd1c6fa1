/** "Show me the Mondays": what a band is made of, with the counts of the past buckets it rests on. */
import { expectationOver, type ExplainedSlot } from '@sentinellog/detector';
import type { Exclusion, ExpectationAnswer, Signal } from '@sentinellog/shared';
import { errorsOf, eventsOf } from '@sentinellog/shared';
import type { HeartbeatReader } from './api/heartbeat-query.ts';
import type { BlockDelta, ExpectedMinute } from './pipeline/checkpoint.ts';

const MINUTE = 60;

export interface ExpectationParts {
  readonly heartbeats: HeartbeatReader;
  readonly explain: (sourceId: string, signal: Signal, second: number) => ExplainedSlot | null;
  readonly exclusionsOf: (sourceId: string) => readonly Exclusion[];
  readonly timeZoneOf: (sourceId: string) => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

interface Counts {
  readonly events: number;
  readonly errors: number;
}

/** null: nothing is known of the source. */
export async function readExpectation(
  parts: ExpectationParts,
  { sourceId, signal, atMs }: { readonly sourceId: string; readonly signal: Signal; readonly atMs: number },
): Promise<ExpectationAnswer | null> {
  const slot = parts.explain(sourceId, signal, Math.floor(atMs / 1000));
  if (slot === null) return null;
  const { start, seconds } = slot;
  const asked = [start - MINUTE, ...slot.buckets.map((bucket) => bucket.start)];
  const here = await cutOf(parts, sourceId, signal, Math.min(...asked), start + seconds);
  const isOver = parts.now() / 1000 >= start + seconds;
  const counts = isOver ? countsIn(here.blocks, start, seconds) : null;
  const level = levelBefore(here.expected, start);
  const expected = level && { ...level, rate: level.rate * Math.exp(slot.step) };
  const events = counts?.events ?? 0;
  const band = expected && expectationOver(signal, expected, seconds, events);
  const value = counts && valueOf(signal, counts);
  const exclusions = parts.exclusionsOf(sourceId);
  const buckets = slot.buckets.map((bucket): ExpectationAnswer['buckets'][number] => {
    const past = countsIn(here.blocks, bucket.start, seconds);
    return {
      layer: bucket.layer,
      from_ms: bucket.start * 1000,
      to_ms: (bucket.start + seconds) * 1000,
      value: past && valueOf(signal, past),
      factor: Math.exp(bucket.step),
      weight: bucket.weight,
      use: bucket.use,
      exclusion_id: exclusions.find((one) => covers(one, signal, bucket.start, seconds))?.exclusion_id ?? null,
    };
  });
  return {
    source_id: sourceId,
    signal,
    bucket_from_ms: start * 1000,
    bucket_seconds: seconds,
    time_zone: parts.timeZoneOf(sourceId),
    value,
    level: level?.rate ?? null,
    factor: Math.exp(slot.step),
    mean: band?.mean ?? null,
    stddev: band?.stddev ?? null,
    z: band && value !== null ? (value - band.mean) / band.stddev : null,
    trust: slot.trust,
    ...movingMoments(buckets),
    buckets,
  };
}

function cutOf(
  { heartbeats }: ExpectationParts,
  sourceId: string,
  signal: Signal,
  fromSecond: number,
  toSecond: number,
) {
  // Minutes, of up to eight weeks: 1,344 stored blocks at most.
  const range = { sourceIds: [sourceId], level: 1, fromSecond, toSecond, signal } as const;
  return Promise.all([
    heartbeats.heartbeatCut({ ...range, withExpected: false }),
    heartbeats.heartbeatCut({ ...range, fromSecond: toSecond - 2 * 3600, withExpected: true }),
  ]).then(([{ blocks }, { expected }]) => ({ blocks, expected }));
}

/** Of whole minutes; null where no block covers the stretch. */
function countsIn(
  blocks: readonly Pick<BlockDelta, 'start' | 'block'>[],
  from: number,
  seconds: number,
): Counts | null {
  let events = 0;
  let errors = 0;
  let isKept = false;
  for (const { start, block } of blocks) {
    for (let slot = 0; slot < block.slots; slot++) {
      const second = start + slot * MINUTE;
      if (second < from || second >= from + seconds) continue;
      isKept = true;
      const counts = block.counts(slot);
      events += eventsOf(counts);
      errors += errorsOf(counts);
    }
  }
  return isKept ? { events, errors } : null;
}

/** What the last minute before the bucket was scored against: the level that the season's step starts from. */
function levelBefore(expected: readonly ExpectedMinute[], start: number): ExpectedMinute | null {
  return expected.findLast(({ minute }) => minute < start) ?? null;
}

function valueOf(signal: Signal, { events, errors }: Counts): number {
  return VALUE[signal](events, errors);
}

const VALUE: Readonly<Record<Signal, (events: number, errors: number) => number>> = {
  volume: (events) => events,
  error_rate: (events, errors) => errors / Math.max(1, events),
};

function covers({ signal: of, from_ms, to_ms }: Exclusion, signal: Signal, start: number, seconds: number): boolean {
  return (of === null || of === signal) && from_ms < (start + seconds) * 1000 && to_ms > start * 1000;
}

/** Over the buckets of the same time of day that count. */
function movingMoments(buckets: ExpectationAnswer['buckets']) {
  const values = buckets.flatMap(({ layer, use, value }) =>
    layer === 'day' && use === 'learnt' && value !== null ? [value] : [],
  );
  if (values.length === 0) return { moving_mean: null, moving_stddev: null };
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const m2 = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { moving_mean: mean, moving_stddev: values.length > 1 ? Math.sqrt(m2 / (values.length - 1)) : null };
}
