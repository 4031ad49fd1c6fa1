import type { Beat, HeartbeatAnswer, DrawnSignal } from '@sentinellog/shared';
import { BeatGrid, UNKNOWN, type Reading } from './beat-grid.ts';
import { TotalGrid } from './total-grid.ts';

/** A source as the whole console knows it. */
export interface SeriesRef {
  readonly agentId: string;
  readonly sourceId: string;
}

/** 512 series × two rings of at most 4,032 buckets × 40 bytes: 100 MB at worst, on the 7-day range. Further sources are counted, not drawn. */
const MAX_SERIES = 512;
/** Live seconds that are kept beside a coarse grid: enough for the widest step (5 m) and for the 15-minute range. */
const SECONDS_KEPT = 960;
/** A held chart keeps its left edge for as long again as the range is wide, while live beats go on arriving. */
const RANGES_KEPT = 2;
/** One a cluster line, and what was looked at just before. */
const MAX_TOTALS = 24;

export interface FeedShape {
  readonly signal: DrawnSignal;
  readonly rangeSeconds: number;
  readonly stepSeconds: number;
}

interface Series {
  readonly seconds: BeatGrid;
  /** The grid that is drawn; the same object as `seconds` where the step is one second. */
  readonly drawn: BeatGrid;
}

/**
 * The streaming numbers. They live here, in ring buffers, and never in React state: charts hold a reference and look
 * once a frame whether `version` has moved (ux §3.1).
 */
export class HeartbeatFeed {
  #shape: FeedShape;
  #version = 0;
  #refused = new Set<string>();
  readonly #series = new Map<string, Map<string, Series>>();
  /** By the series in it; the one asked for last comes last. */
  readonly #totals = new Map<string, TotalGrid>();
  readonly #newestSecond = new Map<string, number>();
  #count = 0;

  constructor(shape: FeedShape) {
    this.#shape = shape;
  }

  get shape(): FeedShape {
    return this.#shape;
  }

  /** Moves whenever something that a chart could draw has changed. */
  get version(): number {
    return this.#version;
  }

  /** Sources whose beats are not drawn because the console holds as many series as it may. */
  get undrawn(): number {
    return this.#refused.size;
  }

  /** Another range or signal: everything is let go; history and the stream fill it again. */
  reshape(shape: FeedShape): void {
    this.#shape = shape;
    this.#series.clear();
    this.#totals.clear();
    this.#refused.clear();
    this.#newestSecond.clear();
    this.#count = 0;
    this.#version++;
  }

  forget(agentId: string): void {
    this.#count -= this.#series.get(agentId)?.size ?? 0;
    this.#series.delete(agentId);
    this.#newestSecond.delete(agentId);
    this.#touch(0);
  }

  /** The second of the newest known beat of an agent, -1 while none has come. */
  newestSecond(agentId: string): number {
    return this.#newestSecond.get(agentId) ?? -1;
  }

  grid({ agentId, sourceId }: SeriesRef): BeatGrid | undefined {
    return this.#series.get(agentId)?.get(sourceId)?.drawn;
  }

  /** The latest closed second of a series: what a tile says as "now". */
  latest({ agentId, sourceId }: SeriesRef): Reading {
    const seconds = this.#series.get(agentId)?.get(sourceId)?.seconds;
    return seconds === undefined ? UNKNOWN : seconds.get(seconds.newest);
  }

  takeBeats(agentId: string, beats: readonly Beat[]): void {
    let lowest = Number.POSITIVE_INFINITY;
    let newest = this.newestSecond(agentId);
    for (const beat of beats) {
      const series = this.#admit(agentId, beat.source_id);
      if (beat.value !== null && beat.t > newest) newest = beat.t;
      if (series === undefined) continue;
      series.seconds.put(beat.t, readingOf(beat));
      const bucket = series.drawn.bucketOf(beat.t);
      if (series.drawn !== series.seconds) series.drawn.put(bucket, averageOf(series.seconds, series.drawn, bucket));
      lowest = Math.min(lowest, bucket);
    }
    this.#newestSecond.set(agentId, newest);
    this.#touch(lowest);
  }

  /** What the agent has stored of the range; buckets that are not over yet are left to the live beats. */
  takeHistory(agentId: string, answer: HeartbeatAnswer): void {
    if (answer.signal !== this.#shape.signal || answer.step_seconds !== this.#shape.stepSeconds) return;
    const perSecond = answer.signal === 'volume' ? 1 / answer.step_seconds : 1;
    for (const { source_id, columns } of answer.sources) {
      const series = this.#admit(agentId, source_id);
      if (series === undefined) continue;
      const [t, value, mean, lower, upper] = columns;
      for (const [i, second] of t.entries()) {
        if ((second + answer.step_seconds) * 1000 > answer.to_ms) continue;
        const bucket = series.drawn.bucketOf(second);
        series.drawn.put(bucket, {
          value: scaled(value[i], perSecond),
          mean: scaled(mean[i], perSecond),
          lower: scaled(lower[i], perSecond),
          upper: scaled(upper[i], perSecond),
        });
      }
      const end = (series.drawn.newest + 1) * answer.step_seconds - 1;
      if (series.drawn.newest >= 0 && end > this.newestSecond(agentId)) this.#newestSecond.set(agentId, end);
    }
    this.#touch(0);
  }

  /** The sum of these series; kept up to date while it is among the last ones asked for. */
  total(refs: readonly SeriesRef[]): TotalGrid {
    const key = refs.map(({ agentId, sourceId }) => `${agentId}/${sourceId}`).join(' ');
    const total =
      this.#totals.get(key) ??
      new TotalGrid(this.#shape.signal, this.#shape.stepSeconds, this.#capacity(), () =>
        refs.flatMap((ref) => this.grid(ref) ?? []),
      );
    this.#totals.delete(key);
    this.#totals.set(key, total);
    if (this.#totals.size > MAX_TOTALS) this.#totals.delete(this.#totals.keys().next().value ?? '');
    return total;
  }

  #touch(bucket: number): void {
    for (const total of this.#totals.values()) total.touch(bucket);
    this.#version++;
  }

  #capacity(): number {
    return Math.ceil((RANGES_KEPT * this.#shape.rangeSeconds) / this.#shape.stepSeconds);
  }

  #admit(agentId: string, sourceId: string): Series | undefined {
    const ofAgent = this.#series.get(agentId) ?? new Map<string, Series>();
    const known = ofAgent.get(sourceId);
    if (known !== undefined) return known;
    if (this.#count >= MAX_SERIES) {
      this.#refused.add(`${agentId}/${sourceId}`);
      return undefined;
    }
    const { stepSeconds } = this.#shape;
    const seconds = new BeatGrid(1, stepSeconds === 1 ? this.#capacity() : SECONDS_KEPT);
    const drawn = stepSeconds === 1 ? seconds : new BeatGrid(stepSeconds, this.#capacity());
    const series = { seconds, drawn };
    ofAgent.set(sourceId, series);
    this.#series.set(agentId, ofAgent);
    this.#count++;
    // A newcomer changes every sum that it belongs to.
    for (const total of this.#totals.values()) total.touch(0);
    return series;
  }
}

/**
 * The mean of the seconds that are known: a bucket that has just begun is an estimate, never a dip. The band narrows
 * with √n, as the mean of n independent seconds scatters less than one of them; history brings the agent's own.
 */
function averageOf(seconds: BeatGrid, drawn: BeatGrid, bucket: number): Reading {
  const sum = { value: 0, mean: 0, below: 0, above: 0 };
  let known = 0;
  const from = bucket * drawn.stepSeconds;
  for (let second = from; second < from + drawn.stepSeconds; second++) {
    const reading = seconds.get(second);
    if (Number.isNaN(reading.value)) continue;
    known++;
    sum.value += reading.value;
    sum.mean += reading.mean;
    sum.below += reading.mean - reading.lower;
    sum.above += reading.upper - reading.mean;
  }
  if (known === 0) return UNKNOWN;
  const mean = sum.mean / known;
  const narrowed = known * Math.sqrt(known);
  return { value: sum.value / known, mean, lower: mean - sum.below / narrowed, upper: mean + sum.above / narrowed };
}

function readingOf(beat: Beat): Reading {
  return {
    value: beat.value ?? Number.NaN,
    mean: beat.mean ?? Number.NaN,
    lower: beat.lower ?? Number.NaN,
    upper: beat.upper ?? Number.NaN,
  };
}

function scaled(value: number | null | undefined, factor: number): number {
  return value === null || value === undefined ? Number.NaN : value * factor;
}
