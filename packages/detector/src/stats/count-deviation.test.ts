import { assert, double, nat, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countReaching, countZ } from './count-deviation.ts';

describe('the z of a count', () => {
  it('is that of a Gaussian where counts are many', () => {
    expect(countZ(10_500, 10_000, 10_000)).toBeCloseTo(5, 0);
    expect(countZ(9500, 10_000, 10_000)).toBeCloseTo(-5, 0);
  });

  // Exact tails of Poisson's distribution, turned into σ: P(X ≥ 8 | 1) = 1.02e-5 is 4.26σ, P(X = 0 | 10) = 4.5e-5 is 3.91σ.
  it('takes few counts for what they are: 8 where 1 is expected is no 7σ', () => {
    expect(countZ(8, 1, 1)).toBeGreaterThan(3.9);
    expect(countZ(8, 1, 1)).toBeLessThan(4.6);
    expect(countZ(0, 10, 10)).toBeLessThan(-3.9);
  });

  it('is smaller in bursty traffic', () => {
    expect(countZ(30, 10, 20)).toBeLessThan(countZ(30, 10, 10));
  });

  it('never falls as the count rises, and has the sign of the change', () => {
    assert(
      property(
        double({ min: 0.01, max: 1e5, noNaN: true }),
        double({ min: 0.3, max: 50, noNaN: true }),
        nat(5000),
        (mean, over, count) => {
          const z = countZ(count, mean, mean * over);
          expect(Number.isFinite(z)).toBe(true);
          expect(countZ(count + 1, mean, mean * over)).toBeGreaterThanOrEqual(z - 1e-9);
          if (count > mean + 0.5) expect(z).toBeGreaterThan(0);
          if (count < mean - 0.5) expect(z).toBeLessThan(0);
        },
      ),
    );
  });

  it('is reached by exactly the count that is said to reach it', () => {
    for (const [mean, variance] of [
      [0.2, 0.2],
      [5, 12],
      [900, 4000],
    ] as const) {
      const count = countReaching(5, 1, mean, variance)!;
      expect(countZ(count, mean, variance)).toBeCloseTo(5, 6);
    }
    expect(countZ(countReaching(5, -1, 900, 4000)!, 900, 4000)).toBeCloseTo(-5, 6);
    expect(countReaching(5, -1, 4, 4)).toBeUndefined();
  });
});
