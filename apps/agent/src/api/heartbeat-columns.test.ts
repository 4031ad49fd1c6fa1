import { FRAME_COLUMNS, FrameBlock, type Signal } from '@sentinellog/shared';
import { assert, array, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExpectedMinute } from '../pipeline/checkpoint.ts';
import { columnsOf, stepsOf, type BlockAt, type SourceBounds, type StepRange } from './heartbeat-columns.ts';

/** A whole minute, and hour, of event time. */
const T0 = 1_767_229_200;
const INFO = FRAME_COLUMNS.indexOf('info');
const ERROR = FRAME_COLUMNS.indexOf('error');
const FATAL = FRAME_COLUMNS.indexOf('fatal');

function range(seconds: number, stepSeconds = 1, signal: Signal = 'volume'): StepRange {
  return { signal, stepSeconds, fromSecond: T0, toSecond: T0 + seconds };
}

/** Minute blocks with so many events (and errors among them) at each second after T0. */
function blocksOf(events: Readonly<Record<number, number | { info: number; error: number }>>): BlockAt[] {
  const blocks = new Map<number, FrameBlock>();
  for (const [offset, count] of Object.entries(events)) {
    const second = T0 + Number(offset);
    const start = Math.floor(second / 60) * 60;
    const block = blocks.get(start) ?? new FrameBlock(60);
    blocks.set(start, block);
    const { info, error } = typeof count === 'number' ? { info: count, error: 0 } : count;
    block.add(second - start, INFO, info);
    block.add(second - start, ERROR, error);
  }
  return [...blocks].map(([start, block]) => ({ sourceId: 'payment', start, block }));
}

function bounds(overrides: Partial<SourceBounds> = {}): SourceBounds {
  return { sourceId: 'payment', firstSecond: T0 - 3600, closedThrough: T0 + 3600, live: true, ...overrides };
}

function expectedMinute(minute: number, overrides: Partial<ExpectedMinute> = {}): ExpectedMinute {
  const model = { rate: 2, dispersion: 1, relative: 0, sigma: 3 };
  return { sourceId: 'payment', signal: 'volume', minute: T0 + minute * 60, ...model, ...overrides };
}

interface Given {
  readonly blocks?: readonly BlockAt[];
  readonly bounds?: SourceBounds;
  readonly expected?: readonly ExpectedMinute[];
  readonly blind?: readonly { from: number; to: number }[];
  readonly unitSeconds?: number;
  readonly nowSecond?: number;
}

function steps(of: StepRange, given: Given) {
  const history = {
    bounds: given.bounds ?? bounds(),
    blocks: given.blocks ?? [],
    unitSeconds: given.unitSeconds ?? 1,
    expected: given.expected ?? [],
  };
  return stepsOf(of, history, given.blind ?? [], given.nowSecond ?? T0 + 3600);
}

function columns(of: StepRange, given: Given) {
  const [t, value, mean, lower, upper] = columnsOf(of, [steps(of, given)]);
  return { t, value, mean, lower, upper };
}

describe('the value column', () => {
  it('counts events per step, with 0 where the agent looked and nothing came', () => {
    const { t, value } = columns(range(5), { blocks: blocksOf({ 0: 3, 2: 1 }) });
    expect(t).toEqual([T0, T0 + 1, T0 + 2, T0 + 3, T0 + 4]);
    expect(value).toEqual([3, 0, 1, 0, 0]);
  });

  it('is unknown before the source was first seen', () => {
    const { value } = columns(range(4), { bounds: bounds({ firstSecond: T0 + 2 }), blocks: blocksOf({ 2: 5 }) });
    expect(value).toEqual([null, null, 5, 0]);
  });

  it('begins with the first event of a backfill, long before the source was first seen', () => {
    const { value } = columns(range(4), { bounds: bounds({ firstSecond: T0 + 9999 }), blocks: blocksOf({ 1: 5 }) });
    expect(value).toEqual([null, 5, 0, 0]);
  });

  it('is unknown where the agent was blind all through, and holds what was counted where it was blind in part', () => {
    const blind = [{ from: T0 + 2, to: T0 + 6 }];
    expect(columns(range(8, 2), { blocks: blocksOf({ 0: 1, 7: 4 }), blind }).value).toEqual([1, null, null, 4]);
    expect(columns(range(9, 3), { blocks: blocksOf({ 0: 1, 7: 4 }), blind }).value).toEqual([1, null, 4]);
  });

  it('keeps events that came from a blind stretch after all', () => {
    const blind = [{ from: T0, to: T0 + 4 }];
    expect(columns(range(4), { blocks: blocksOf({ 1: 7 }), blind }).value).toEqual([null, 7, null, null]);
  });

  it('shows running seconds as far as they have come, and not as 0 while they are empty', () => {
    const running = { bounds: bounds({ closedThrough: T0 + 2 }), nowSecond: T0 + 4 };
    expect(columns(range(5), { ...running, blocks: blocksOf({ 0: 1, 2: 3 }) }).value).toEqual([1, 0, 3, null, null]);
  });

  it('holds what came so far in the last step', () => {
    const running = { bounds: bounds({ closedThrough: T0 + 13 }), nowSecond: T0 + 16 };
    expect(columns(range(20, 10), { ...running, blocks: blocksOf({ 3: 5, 11: 2, 14: 1 }) }).value).toEqual([5, 3]);
  });

  it('adds up what is stored and what is not yet committed', () => {
    const blocks = [...blocksOf({ 0: 3, 1: 1 }), ...blocksOf({ 1: 2, 61: 4 })];
    expect(columns(range(120, 60), { blocks }).value).toEqual([6, 4]);
    expect(columns(range(2), { blocks }).value).toEqual([3, 3]);
  });

  it('reads minutes and hours as well as seconds', () => {
    const hour = new FrameBlock(60);
    hour.add(0, INFO, 100);
    hour.add(59, FATAL, 7);
    const blocks = [{ sourceId: 'payment', start: T0, block: hour }];
    expect(columns(range(3600, 1800), { blocks, unitSeconds: 60 }).value).toEqual([100, 7]);
  });

  it('runs straight through a change to summer time: steps are of UTC', () => {
    const changeover = Date.parse('2026-03-29T00:00:00Z') / 1000;
    const day: StepRange = {
      signal: 'volume',
      stepSeconds: 3600,
      fromSecond: changeover,
      toSecond: changeover + 86_400,
    };
    const [t] = columnsOf(day, []);
    expect(t).toHaveLength(24);
    expect(new Set(t.slice(1).map((second, i) => second - t[i]))).toEqual(new Set([3600]));
  });

  it('of the error rate is errors per event, unknown without events', () => {
    const blocks = blocksOf({ 0: { info: 3, error: 1 }, 2: 5 });
    expect(columns(range(3, 1, 'error_rate'), { blocks }).value).toEqual([0.25, null, 0]);
  });
});

describe('the band', () => {
  it('of the volume is mean = rate·w and σ² = dispersion·rate·w + (relative·rate·w)², sigma wide on either side', () => {
    const expected = [expectedMinute(0, { rate: 5, dispersion: 2, relative: 0.1, sigma: 3 })];
    const { mean, lower, upper } = columns(range(10, 10), { expected });
    const reach = 3 * Math.sqrt(2 * 50 + (0.1 * 50) ** 2);
    expect(mean).toEqual([50]);
    expect(lower[0]).toBeCloseTo(50 - reach, 10);
    expect(upper[0]).toBeCloseTo(50 + reach, 10);
  });

  it('never goes below 0, nor above 1 for a share', () => {
    expect(columns(range(1), { expected: [expectedMinute(0)] }).lower).toEqual([0]);
    const share = [expectedMinute(0, { signal: 'error_rate', rate: 0.9, dispersion: 1 })];
    expect(columns(range(1, 1, 'error_rate'), { blocks: blocksOf({ 0: 2 }), expected: share }).upper).toEqual([1]);
  });

  it('of the error rate narrows with the events of the step, and has no width without any', () => {
    const expected = [
      expectedMinute(0, { signal: 'error_rate', rate: 0.04, dispersion: 1.5, relative: 0.5, sigma: 2 }),
    ];
    const blocks = blocksOf({ 0: 100, 1: 10_000 });
    const { mean, lower, upper } = columns(range(3, 1, 'error_rate'), { blocks, expected });
    const [few, many] = [100, 10_000].map((events) => 2 * Math.sqrt((1.5 * 0.04 * 0.96) / events + (0.5 * 0.04) ** 2));
    expect(mean).toEqual([0.04, 0.04, 0.04]);
    expect(upper[0]).toBeCloseTo(0.04 + few, 10);
    expect(upper[1]).toBeCloseTo(0.04 + many, 10);
    expect([lower[2], upper[2]]).toEqual([null, null]);
  });

  it('over several minutes adds their means and their counting noise', () => {
    const expected = [expectedMinute(0, { rate: 2, dispersion: 1 }), expectedMinute(1, { rate: 6, dispersion: 3 })];
    const { mean, upper } = columns(range(120, 120), { expected });
    expect(mean).toEqual([480]);
    expect(upper[0]).toBeCloseTo(480 + 3 * Math.sqrt(1 * 120 + 3 * 360), 10);
  });

  it('is unknown where a minute of the step was never learnt', () => {
    const { mean, lower, upper } = columns(range(180, 60), { expected: [expectedMinute(0), expectedMinute(2)] });
    expect([mean[1], lower[1], upper[1]]).toEqual([null, null, null]);
    expect([mean[0], mean[2]]).toEqual([120, 120]);
    expect(columns(range(180, 180), { expected: [expectedMinute(0), expectedMinute(2)] }).mean).toEqual([null]);
  });

  it('of a step that was half looked at expects half, so that it is not drawn as a dip', () => {
    const expected = [expectedMinute(0)];
    const halfBlind = [{ from: T0 + 5, to: T0 + 10 }];
    expect(columns(range(10, 10), { expected, blind: halfBlind }).mean).toEqual([10]);
    const running = { bounds: bounds({ closedThrough: T0 + 1 }), nowSecond: T0 + 4 };
    expect(columns(range(10, 10), { expected, ...running }).mean).toEqual([8]);
    const young = { bounds: bounds({ firstSecond: T0 + 7 }) };
    expect(columns(range(10, 10), { expected, ...young }).mean).toEqual([6]);
  });

  it('ends with the last closed second of a source for which time does not pass, and never lies in the future', () => {
    const expected = [expectedMinute(0)];
    const imported = { bounds: bounds({ closedThrough: T0 + 1, live: false }), nowSecond: T0 + 3 };
    expect(columns(range(3), { expected, ...imported }).mean).toEqual([2, null, null]);
    const running = { bounds: bounds({ closedThrough: T0 }), nowSecond: T0 + 1 };
    expect(columns(range(3), { expected, ...running }).mean).toEqual([2, null, null]);
  });
});

describe('several sources', () => {
  const volume = range(1);

  it('add up: values as they are, means as they are, widths in quadrature', () => {
    const a = steps(volume, {
      blocks: blocksOf({ 0: 100 }),
      expected: [expectedMinute(0, { rate: 90, dispersion: 1 })],
    });
    const b = steps(volume, {
      blocks: blocksOf({ 0: 40 }),
      expected: [expectedMinute(0, { rate: 50, dispersion: 2 })],
    });
    const [, value, mean, , upper] = columnsOf(volume, [a, b]);
    expect([value[0], mean[0]]).toEqual([140, 140]);
    expect(upper[0]).toBeCloseTo(140 + Math.hypot(3 * Math.sqrt(90), 3 * Math.sqrt(100)), 10);
  });

  it('of a rate are errors of all by events of all, each weighing as many events as it had', () => {
    const rate = range(1, 1, 'error_rate');
    const model = { signal: 'error_rate', dispersion: 1, relative: 0 } as const;
    const a = steps(rate, {
      blocks: blocksOf({ 0: { info: 290, error: 10 } }),
      expected: [expectedMinute(0, { ...model, rate: 0.02 })],
    });
    const b = steps(rate, {
      blocks: blocksOf({ 0: { info: 50, error: 50 } }),
      expected: [expectedMinute(0, { ...model, rate: 0.1 })],
    });
    const [, value, mean] = columnsOf(rate, [a, b]);
    expect(value[0]).toBeCloseTo(60 / 400, 10);
    expect(mean[0]).toBeCloseTo(0.75 * 0.02 + 0.25 * 0.1, 10);
  });

  it('are known where one is known; a source that is unknown there counts for nothing', () => {
    const known = steps(volume, { blocks: blocksOf({ 0: 100 }), expected: [expectedMinute(0)] });
    const unborn = steps(volume, { bounds: bounds({ firstSecond: T0 + 9 }), expected: [expectedMinute(0)] });
    expect(columnsOf(volume, [known, unborn])).toEqual(columnsOf(volume, [known]));
    expect(columnsOf(volume, [unborn, unborn])[1]).toEqual([null]);
  });

  it('have no band where one that counts has learnt nothing yet: half a band would look like a spike', () => {
    const learnt = steps(volume, { blocks: blocksOf({ 0: 100 }), expected: [expectedMinute(0)] });
    const learning = steps(volume, { blocks: blocksOf({ 0: 5 }) });
    const [, value, mean, lower, upper] = columnsOf(volume, [learnt, learning]);
    expect([value, mean, lower, upper]).toEqual([[105], [null], [null], [null]]);
  });

  it('of nothing are unknown', () => {
    expect(columnsOf(volume, [])).toEqual([[T0], [null], [null], [null], [null]]);
  });
});

describe('any blocks and any step', () => {
  const events = array(record({ second: integer({ min: 0, max: 599 }), count: integer({ min: 1, max: 50 }) }), {
    maxLength: 60,
  });
  const stepSeconds = integer({ min: 0, max: 7 }).map((i) => [1, 2, 5, 10, 30, 60, 300, 600][i]);

  it('give values that sum to exactly the events of the range', () => {
    assert(
      property(events, stepSeconds, (list, step) => {
        const blocks = list.flatMap(({ second, count }) => blocksOf({ [second]: count }));
        const { value } = columns(range(600, step), { blocks });
        const total = list.reduce((sum, { count }) => sum + count, 0);
        expect(value.reduce<number>((sum, v) => sum + (v ?? 0), 0)).toBe(total);
      }),
      { numRuns: 200 },
    );
  });
});
