import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { niceAbove, YRange } from './y-range.ts';

describe('YRange', () => {
  it('grows at once when a value comes near its top', () => {
    const range = new YRange(5);
    range.fit(900, 0);
    expect(range.top).toBe(1200);
    expect(range.fit(1141, 16)).toBe(1500);
  });

  it('shrinks only after ten seconds below half', () => {
    const range = new YRange(5);
    range.fit(2000, 0);
    expect(range.fit(400, 1000)).toBe(2500);
    expect(range.fit(400, 10_900)).toBe(2500);
    expect(range.fit(400, 11_000)).toBe(500);
  });

  it('starts the ten seconds anew after a short rise', () => {
    const range = new YRange(5);
    range.fit(2000, 0);
    range.fit(400, 1000);
    range.fit(1800, 8000);
    expect(range.fit(400, 12_000)).toBe(2500);
  });

  it('keeps a least height for a source that sends nothing', () => {
    const range = new YRange(5);
    expect(range.fit(0, 0)).toBe(5);
    expect(range.fit(0, 60_000)).toBe(5);
  });

  it('always shows the whole of what it was given', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1 }), (values) => {
        const range = new YRange(1);
        for (const [i, value] of values.entries()) expect(range.fit(value, i * 700)).toBeGreaterThanOrEqual(value);
      }),
    );
  });
});

describe('niceAbove', () => {
  it('ends on numbers that can be read off', () => {
    expect([0, 0.0032, 1, 1.01, 1480, 9200].map(niceAbove)).toEqual([0, 0.004, 1, 1.2, 1500, 10_000]);
  });
});
