import { expectationOver } from '@sentinellog/detector';
import { FRAME_COLUMNS, LEVELS, type FrameBlock, type HeartbeatColumns, type Signal } from '@sentinellog/shared';
import type { ExpectedMinute } from '../pipeline/checkpoint.ts';
import { averageExpectation, type Expectation } from './expectation.ts';

/** Whole steps from `fromSecond` up to but without `toSecond`; both are multiples of `stepSeconds` (so of UTC, never of local time). */
export interface StepRange {
  readonly signal: Signal;
  readonly stepSeconds: number;
  readonly fromSecond: number;
  readonly toSecond: number;
}

/** Since when and until when the agent has looked at a source, in unix seconds. */
export interface SourceBounds {
  readonly sourceId: string;
  readonly firstSecond: number;
  /** All seconds before this one are closed. */
  readonly closedThrough: number;
  /** Clock time passes for it: seconds between `closedThrough` and now are running, not unknown. */
  readonly live: boolean;
}

/** A frame block; several of one start add up (what is stored, and what is not yet committed). */
export interface BlockAt {
  readonly sourceId: string;
  readonly start: number;
  readonly block: FrameBlock;
}

/** What is known of one source over a range. */
export interface SourceHistory {
  readonly bounds: SourceBounds;
  readonly blocks: readonly BlockAt[];
  /** Seconds that one slot of a block stands for; divides `stepSeconds`. */
  readonly unitSeconds: number;
  readonly expected: readonly ExpectedMinute[];
}

/** One source, step by step. Sources add up in this form: a rate or a band cannot be added once it is divided. */
export interface SourceSteps {
  readonly events: Float64Array;
  readonly errors: Float64Array;
  /** 1 where the agent looked for at least a second of the step, or has counted something in it. */
  readonly known: Uint8Array;
  /** NaN where nothing is expected (not learnt, or nobody looked). */
  readonly mean: Float64Array;
  /** Half the width of the band: sigma·σ. NaN as above. */
  readonly reach: Float64Array;
}

interface Stretch {
  readonly from: number;
  readonly to: number;
}

const ERROR = FRAME_COLUMNS.indexOf('error');
const FATAL = FRAME_COLUMNS.indexOf('fatal');

export function stepCount({ fromSecond, toSecond, stepSeconds }: StepRange): number {
  return (toSecond - fromSecond) / stepSeconds;
}

/**
 * Counts and expectation of one source for each step.
 *
 * - 0 means that the agent looked and nothing came; unknown: blind all through, before the source's first event, or not yet closed and still empty.
 * - A step that is only partly looked at (the running one, the source's first, one with a blind part) holds what came so far,
 *   and is held against what was to be expected of the part that was looked at: a half-done step is not drawn as a dip.
 *
 * @param blind stretches in which the agent was not looking, ascending and disjoint
 * @param nowSecond the agent's clock when the blocks were taken
 */
export function stepsOf(
  range: StepRange,
  history: SourceHistory,
  blind: readonly Stretch[],
  nowSecond: number,
): SourceSteps {
  const steps = stepCount(range);
  const { events, errors, firstEvent } = countsOf(range, history);
  const known = new Uint8Array(steps);
  const mean = new Float64Array(steps).fill(Number.NaN);
  const reach = new Float64Array(steps).fill(Number.NaN);

  const { bounds } = history;
  // Events of a backfill lie before the source was first heard of; from the first of them on, the source exists.
  const first = Math.min(bounds.firstSecond, firstEvent);
  const elapsed = bounds.live ? Math.max(bounds.closedThrough, nowSecond) : bounds.closedThrough;
  const minutes = new Map(history.expected.map((minute) => [minute.minute, minute]));

  for (let step = 0; step < steps; step++) {
    const start = range.fromSecond + step * range.stepSeconds;
    const end = start + range.stepSeconds;
    const closed = lookedSeconds(Math.max(start, first), Math.min(end, bounds.closedThrough), blind);
    known[step] = closed > 0 || events[step] > 0 ? 1 : 0;

    const parts = expectedParts(Math.max(start, first), Math.min(end, elapsed), minutes, blind);
    if (parts === undefined) continue;
    const seconds = parts.reduce((sum, part) => sum + part.seconds, 0);
    const expected = averageExpectation(parts);
    const over = expectationOver(range.signal, expected, seconds, events[step]);
    mean[step] = over.mean;
    // The share of errors among no events has no spread to draw.
    const hasSpread = range.signal === 'volume' || events[step] > 0;
    reach[step] = hasSpread ? expected.sigma * over.stddev : Number.NaN;
  }
  return { events, errors, known, mean, reach };
}

/**
 * The uPlot columns of one source, or of several added up. Bands of sources add up as independent noise (in quadrature); for
 * a rate each source weighs as many events as it had. The band of the sum is unknown where it is unknown for one that counts in it.
 */
export function columnsOf(range: StepRange, sources: readonly SourceSteps[]): HeartbeatColumns {
  const t: number[] = [];
  const value: (number | null)[] = [];
  const mean: (number | null)[] = [];
  const lower: (number | null)[] = [];
  const upper: (number | null)[] = [];

  for (let step = 0; step < stepCount(range); step++) {
    t.push(range.fromSecond + step * range.stepSeconds);
    let events = 0;
    let errors = 0;
    let known = 0;
    for (const source of sources) {
      events += source.events[step];
      errors += source.errors[step];
      known += source.known[step];
    }
    value.push(known === 0 ? null : VALUE_OF[range.signal](events, errors));

    const band = bandAt(range.signal, sources, step, known, events);
    mean.push(finiteOrNull(band.mean));
    lower.push(finiteOrNull(Math.max(0, band.mean - band.reach)));
    upper.push(finiteOrNull(ceiling(range.signal, band.mean + band.reach)));
  }
  return [t, value, mean, lower, upper];
}

const VALUE_OF: Readonly<Record<Signal, (events: number, errors: number) => number | null>> = {
  volume: (events) => events,
  error_rate: (events, errors) => (events === 0 ? null : errors / events),
};

/** A share cannot pass 1; a volume has no ceiling. */
function ceiling(signal: Signal, value: number): number {
  return signal === 'error_rate' ? Math.min(1, value) : value;
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function bandAt(
  signal: Signal,
  sources: readonly SourceSteps[],
  step: number,
  known: number,
  events: number,
): { mean: number; reach: number } {
  // Sources that are unknown in this step add nothing to the value, so they add nothing to the band; when all of them are,
  // the band is still drawn from what they expect (the running second).
  const counting = known === 0 ? sources : sources.filter((source) => source.known[step] === 1);
  if (counting.length === 0) return { mean: Number.NaN, reach: Number.NaN };
  let mean = 0;
  let variance = 0;
  for (const source of counting) {
    const weight = signal === 'volume' ? 1 : shareOf(source.events[step], events, counting.length);
    if (weight === 0) continue;
    mean += weight * source.mean[step];
    variance += (weight * source.reach[step]) ** 2;
  }
  return { mean, reach: Math.sqrt(variance) };
}

function shareOf(sourceEvents: number, events: number, sources: number): number {
  return events === 0 ? 1 / sources : sourceEvents / events;
}

function countsOf(range: StepRange, history: SourceHistory) {
  const steps = stepCount(range);
  const events = new Float64Array(steps);
  const errors = new Float64Array(steps);
  let firstEvent = Number.POSITIVE_INFINITY;
  for (const { start, block } of history.blocks) {
    const width = block.cells.length / block.slots;
    for (let slot = 0; slot < block.slots; slot++) {
      const second = start + slot * history.unitSeconds;
      if (second < range.fromSecond || second >= range.toSecond) continue;
      const at = slot * width;
      let slotEvents = 0;
      for (let level = 0; level < LEVELS.length; level++) slotEvents += block.cells[at + level];
      if (slotEvents === 0) continue;
      const step = Math.floor((second - range.fromSecond) / range.stepSeconds);
      events[step] += slotEvents;
      errors[step] += block.cells[at + ERROR] + block.cells[at + FATAL];
      firstEvent = Math.min(firstEvent, second);
    }
  }
  return { events, errors, firstEvent };
}

/** Seconds from `from` up to `to` in which the agent was looking. */
function lookedSeconds(from: number, to: number, blind: readonly Stretch[]): number {
  if (to <= from) return 0;
  let seconds = to - from;
  for (const stretch of blind) {
    if (stretch.from >= to) break;
    seconds -= Math.max(0, Math.min(to, stretch.to) - Math.max(from, stretch.from));
  }
  return seconds;
}

/** The minutes of a window with the seconds looked at in each; undefined when one of them was never learnt, or nobody looked. */
function expectedParts(
  from: number,
  to: number,
  minutes: ReadonlyMap<number, ExpectedMinute>,
  blind: readonly Stretch[],
): { expected: Expectation; seconds: number }[] | undefined {
  const parts: { expected: Expectation; seconds: number }[] = [];
  for (let minute = Math.floor(from / 60) * 60; minute < to; minute += 60) {
    const seconds = lookedSeconds(Math.max(from, minute), Math.min(to, minute + 60), blind);
    if (seconds === 0) continue;
    const expected = minutes.get(minute);
    if (expected === undefined) return undefined;
    parts.push({ expected, seconds });
  }
  return parts.length > 0 ? parts : undefined;
}
