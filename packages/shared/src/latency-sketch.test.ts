import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latencyBucket, LatencySketch, MOST_LATENCY_BUCKETS } from './latency-sketch.ts';

const durations = fc.array(fc.double({ min: 0.001, max: 1e8, noNaN: true }), { maxLength: 200 });

function sketchOf(...parts: readonly (readonly number[])[]): LatencySketch {
  const sketch = new LatencySketch();
  for (const ms of parts.flat()) sketch.add(latencyBucket(ms));
  return sketch;
}

function merged(...sketches: readonly LatencySketch[]): LatencySketch {
  const sum = new LatencySketch();
  for (const sketch of sketches) sum.merge(sketch);
  return sum;
}

describe('a sketch of durations', () => {
  it('knows every quantile to one percent', () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        if (values.length === 0) return;
        const exact = values.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(share * values.length)) - 1] ?? Number.NaN;
        expect(Math.abs(sketchOf(values).quantile(share) / exact - 1)).toBeLessThanOrEqual(0.0100001);
      }),
    );
  });

  it('merges exactly, in any order and grouping', () => {
    fc.assert(
      fc.property(durations, durations, durations, (a, b, c) => {
        const whole = sketchOf(a, b, c).entries();
        expect(merged(sketchOf(a), merged(sketchOf(b), sketchOf(c))).entries()).toEqual(whole);
        expect(merged(merged(sketchOf(c), sketchOf(a)), sketchOf(b)).entries()).toEqual(whole);
      }),
    );
  });

  it('stays bounded whatever it is given, and takes nothing that is no duration', () => {
    const sketch = sketchOf([0, 1e-9, 1e300, Number.POSITIVE_INFINITY]);
    expect(sketch.entries()).toEqual([
      [0, 2],
      [MOST_LATENCY_BUCKETS - 1, 2],
    ]);
    for (const ms of [-1, Number.NaN]) sketch.add(latencyBucket(ms));
    expect(sketch.count).toBe(4);
    expect(new LatencySketch().quantile(0.5)).toBeNaN();
  });
});
