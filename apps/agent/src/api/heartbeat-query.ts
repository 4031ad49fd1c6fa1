import {
  BLOCK_LEVELS,
  type BlockLevel,
  type DrawnSignal,
  type HeartbeatAnswer,
  RequestError,
  type Signal,
} from '@sentinellog/shared';
import type { ExpectedMinute, LatencyMinute } from '../pipeline/checkpoint.ts';
import { columnsOf, stepsOf, type BlockAt, type SourceBounds } from './heartbeat-columns.ts';
import { latencyColumns } from './latency-columns.ts';

/** Points of one column; more than any screen has pixels. */
const MAX_STEPS = 20_000;
/** Steps × sources of one answer: about 8 MB of JSON and 100 ms of the main thread. */
const MAX_CELLS = 200_000;
/** Stored blocks × sources read for one answer. */
const MAX_BLOCKS = 50_000;
/** Minutes × sources of baseline read for one answer; beyond it the answer has no band. */
const MAX_EXPECTED = 200_000;

/** Steps to propose when the one asked for is too fine. */
const ROUND_STEPS: readonly (readonly [label: string, seconds: number])[] = [
  ['1s', 1],
  ['10s', 10],
  ['1m', 60],
  ['5m', 300],
  ['15m', 900],
  ['1h', 3600],
  ['6h', 21_600],
  ['1d', 86_400],
  ['7d', 604_800],
];

export interface HeartbeatCutQuery {
  readonly sourceIds: readonly string[];
  readonly level: BlockLevel;
  /** Blocks that overlap [fromSecond, toSecond). */
  readonly fromSecond: number;
  readonly toSecond: number;
  readonly signal: Signal;
  /** False when the range is too long for a band: `expected` may be empty. */
  readonly withExpected: boolean;
}

/** Everything that the columns are made from, as of one moment. */
export interface HeartbeatCut {
  /** Stored blocks and the deltas not yet committed; several of the same source and start add up. */
  readonly blocks: readonly BlockAt[];
  readonly bounds: readonly SourceBounds[];
  readonly expected: readonly ExpectedMinute[];
  /** Stretches in which the agent was not looking, in unix seconds, ascending and disjoint. */
  readonly blind: readonly { readonly from: number; readonly to: number }[];
}

/**
 * Stored frames merged with what is only in memory. The two must be ONE consistent cut: a delta that is being committed while
 * the query runs is in exactly one of them, so that no event is counted twice or missed.
 * Throws RequestError('storage_unavailable') when the store does not answer in time.
 */
export interface HeartbeatReader {
  heartbeatCut(query: HeartbeatCutQuery): Promise<HeartbeatCut>;
  /** Minutes that hold a second of [fromSecond, toSecond), in any order. Throws as above. */
  latencyMinutes(query: LatencyQuery): Promise<readonly LatencyMinute[]>;
}

export type LatencyQuery = Pick<HeartbeatCutQuery, 'sourceIds' | 'fromSecond' | 'toSecond'>;

export interface HeartbeatSource {
  readonly source_id: string;
  readonly service: string;
}

export interface HeartbeatRangeQuery {
  readonly signal: DrawnSignal;
  readonly stepSeconds: number;
  /** The answer covers every whole step that has a part in [fromMs, toMs). */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Throws RequestError('invalid_request') that names the step to use when the answer would be too large. */
export async function answerHeartbeats(
  reader: HeartbeatReader,
  sources: readonly HeartbeatSource[],
  { signal, stepSeconds, fromMs, toMs }: HeartbeatRangeQuery,
  nowMs: number,
): Promise<HeartbeatAnswer> {
  const fromSecond = Math.floor(fromMs / 1000 / stepSeconds) * stepSeconds;
  const toSecond = Math.ceil(toMs / 1000 / stepSeconds) * stepSeconds;
  const seconds = toSecond - fromSecond;
  if (!fits(seconds, stepSeconds, sources.length)) throw tooFine(seconds, sources.length);

  if (signal === 'latency_p99') return answerLatency(reader, sources, { stepSeconds, fromSecond, toSecond });
  const { level, unit } = coarsestLevel(stepSeconds);
  const range = { signal, stepSeconds, fromSecond, toSecond };
  const cut = await reader.heartbeatCut({
    sourceIds: sources.map((source) => source.source_id),
    level,
    fromSecond,
    toSecond,
    signal,
    withExpected: (seconds / 60) * sources.length <= MAX_EXPECTED,
  });

  const blocks = Map.groupBy(cut.blocks, (block) => block.sourceId);
  const expected = Map.groupBy(cut.expected, (minute) => minute.sourceId);
  const bounds = new Map(cut.bounds.map((bound) => [bound.sourceId, bound]));
  const steps = sources.map(({ source_id }) =>
    stepsOf(
      range,
      {
        bounds: bounds.get(source_id) ?? neverLookedAt(source_id),
        blocks: blocks.get(source_id) ?? [],
        unitSeconds: unit,
        expected: expected.get(source_id) ?? [],
      },
      cut.blind,
      Math.floor(nowMs / 1000),
    ),
  );
  return {
    signal,
    step_seconds: stepSeconds,
    from_ms: fromSecond * 1000,
    to_ms: toSecond * 1000,
    columns: columnsOf(range, steps),
    total_events: steps.reduce((total, { events }) => events.reduce((sum, count) => sum + count, total), 0),
    sources: sources.map(({ source_id, service }, i) => ({
      source_id,
      service,
      columns: columnsOf(range, [steps[i]]),
    })),
  };
}

async function answerLatency(
  reader: HeartbeatReader,
  sources: readonly HeartbeatSource[],
  range: { readonly stepSeconds: number; readonly fromSecond: number; readonly toSecond: number },
): Promise<HeartbeatAnswer> {
  const { stepSeconds, fromSecond, toSecond } = range;
  if (((toSecond - fromSecond) / 60) * sources.length > MAX_EXPECTED)
    throw new RequestError(
      'invalid_request',
      'a p99 is kept minute by minute: ask for fewer sources or a shorter range',
    );
  const sourceIds = sources.map((source) => source.source_id);
  const minutes = await reader.latencyMinutes({ sourceIds, fromSecond, toSecond });
  const bySource = Map.groupBy(minutes, ({ sourceId }) => sourceId);
  return {
    signal: 'latency_p99',
    step_seconds: stepSeconds,
    from_ms: fromSecond * 1000,
    to_ms: toSecond * 1000,
    columns: latencyColumns(range, minutes),
    total_events: 0,
    sources: sources.map(({ source_id, service }) => ({
      source_id,
      service,
      columns: latencyColumns(range, bySource.get(source_id) ?? []),
    })),
  };
}

/** The finest round step, of `atLeast` seconds or more, with which an answer over so many seconds is not too large. */
export function fittingStep(seconds: number, sources: number, atLeast: number): number | undefined {
  return ROUND_STEPS.find(([, step]) => step >= atLeast && fits(seconds, step, sources))?.[1];
}

function fits(seconds: number, stepSeconds: number, sources: number): boolean {
  const steps = seconds / stepSeconds;
  const blocks = seconds / coarsestLevel(stepSeconds).span;
  return steps <= MAX_STEPS && steps * sources <= MAX_CELLS && blocks * sources <= MAX_BLOCKS;
}

function tooFine(seconds: number, sources: number): RequestError {
  const fitting = ROUND_STEPS.find(([, step]) => fits(seconds, step, sources));
  return new RequestError(
    'invalid_request',
    fitting
      ? `this range and these ${sources} sources are too many points (limits: ${MAX_STEPS} a column, ${MAX_CELLS} in all): use step=${fitting[0]}`
      : `this range and these ${sources} sources are too many points at any step: ask for fewer sources or a shorter range`,
  );
}

function coarsestLevel(stepSeconds: number): (typeof BLOCK_LEVELS)[number] {
  return BLOCK_LEVELS.findLast(({ unit }) => stepSeconds % unit === 0) ?? BLOCK_LEVELS[0];
}

function neverLookedAt(sourceId: string): SourceBounds {
  return { sourceId, firstSecond: Number.POSITIVE_INFINITY, closedThrough: Number.NEGATIVE_INFINITY, live: false };
}
