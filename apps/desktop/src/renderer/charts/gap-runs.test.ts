import { describe, expect, it } from 'vitest';
import { gapRuns } from './gap-runs.ts';

const T = [100, 101, 102, 103, 104, 105, 106];

describe('gapRuns', () => {
  it('finds a stretch without data between two known buckets', () => {
    expect(gapRuns(T, [[5, 6, null, null, null, 7, 8]], 1)).toEqual([{ fromSecond: 102, toSecond: 105 }]);
  });

  it('takes zero for data: the agent looked, and there was nothing', () => {
    expect(gapRuns(T, [[5, 0, 0, 0, 0, 0, 8]], 1)).toEqual([]);
  });

  it('says nothing about the time before the first data, nor after the last', () => {
    expect(gapRuns(T, [[null, null, null, 5, 6, null, null]], 1)).toEqual([]);
  });

  it('leaves a single missing bucket unhatched', () => {
    expect(gapRuns(T, [[5, null, 5, 5, 5, 5, 5]], 1)).toEqual([]);
  });

  it('is a gap only where no line has data', () => {
    const lines = [
      [5, null, null, null, null, null, 8],
      [5, 6, null, null, null, 7, 8],
    ];
    expect(gapRuns(T, lines, 1)).toEqual([{ fromSecond: 102, toSecond: 105 }]);
  });

  it('counts in steps of the range', () => {
    expect(gapRuns([0, 60, 120, 180, 240], [[1, null, null, null, 1]], 60)).toEqual([
      { fromSecond: 60, toSecond: 240 },
    ]);
  });
});
