import { describe, expect, it } from 'vitest';
import type { LatencyMinute } from '../pipeline/checkpoint.ts';
import { latencyColumns } from './latency-columns.ts';

/** 2026-03-02T12:00:00Z. */
const NOON = 1_772_452_800;

function minute(after: number, p99: number, overrides: Partial<LatencyMinute> = {}): LatencyMinute {
  return { sourceId: 'a', minute: NOON + after * 60, p99, usual: 180, spread: 0.1, sigma: 3, ...overrides };
}

describe('the p99 of durations over time', () => {
  it('is that of the minute in each of its seconds, with its band on a logarithmic scale', () => {
    const range = { stepSeconds: 10, fromSecond: NOON + 50, toSecond: NOON + 70 };
    const [times, values, means, lowers, uppers] = latencyColumns(range, [minute(0, 200), minute(1, 900)]);
    expect([times, values, means]).toEqual([
      [NOON + 50, NOON + 60],
      [200, 900],
      [180, 180],
    ]);
    expect(uppers[0]).toBeCloseTo(180 * Math.exp(0.3), 9);
    expect(lowers[0]).toBeCloseTo(180 / Math.exp(0.3), 9);
  });

  it('is the slowest minute of a longer step, and of several sources', () => {
    const range = { stepSeconds: 300, fromSecond: NOON, toSecond: NOON + 600 };
    const others = minute(3, 700, { sourceId: 'b', usual: 400 });
    const [, values, means] = latencyColumns(range, [minute(0, 200), minute(4, 300), others, minute(6, 150)]);
    expect([values, means]).toEqual([
      [700, 150],
      [400, 180],
    ]);
  });

  it('is unknown where a minute had too few durations, and has no band before anything is learnt', () => {
    const range = { stepSeconds: 60, fromSecond: NOON, toSecond: NOON + 120 };
    const [, values, means, lowers] = latencyColumns(range, [minute(1, 200, { usual: Number.NaN })]);
    expect([values, means, lowers]).toEqual([
      [null, 200],
      [null, null],
      [null, null],
    ]);
  });
});
