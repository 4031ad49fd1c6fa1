import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BeatGrid, UNKNOWN, type Reading } from './beat-grid.ts';

function aReading(value: number): Reading {
  return { value, mean: 200, lower: 160, upper: 240 };
}

describe('BeatGrid', () => {
  it('gives columns with null where nothing came: uPlot draws a straight line across NaN', () => {
    const grid = new BeatGrid(1, 10);
    grid.put(100, aReading(210));
    grid.put(103, aReading(0));
    grid.put(104, UNKNOWN);
    expect(grid.columns(100, 105)).toEqual({
      t: [100, 101, 102, 103, 104, 105],
      value: [210, null, null, 0, null, null],
      mean: [200, null, null, 200, null, null],
      lower: [160, null, null, 160, null, null],
      upper: [240, null, null, 240, null, null],
    });
  });

  it('lets a late beat correct its own bucket', () => {
    const grid = new BeatGrid(1, 10);
    grid.put(100, aReading(150));
    grid.put(101, aReading(205));
    grid.put(100, aReading(210));
    expect(grid.columns(100, 101).value).toEqual([210, 205]);
  });

  it('counts time in steps', () => {
    const grid = new BeatGrid(15, 10);
    grid.put(grid.bucketOf(1_767_229_214), aReading(3));
    expect(grid.columns(grid.newest, grid.newest).t).toEqual([1_767_229_200]);
  });

  it('knows as newest only what has a value', () => {
    const grid = new BeatGrid(1, 10);
    grid.put(100, aReading(0));
    grid.put(101, UNKNOWN);
    expect(grid.newest).toBe(100);
  });

  it('keeps every bucket of the last round, and never shows one in the place of another', () => {
    const capacity = 8;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 }), (buckets) => {
        const grid = new BeatGrid(1, capacity);
        for (const bucket of buckets) grid.put(bucket, aReading(bucket));
        const newest = Math.max(-1, ...buckets);
        expect(grid.newest).toBe(newest);
        for (let bucket = 0; bucket <= 48; bucket++) {
          const { value } = grid.get(bucket);
          if (!Number.isNaN(value)) expect(value).toBe(bucket);
          else expect(buckets.includes(bucket) && bucket > newest - capacity).toBe(false);
        }
      }),
    );
  });
});
