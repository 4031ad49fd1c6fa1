import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reconnectDelayMs } from './reconnect-delay.ts';

describe('reconnectDelayMs', () => {
  it('waits 0.5, 1, 2, 5, 10, 30 s and then 30 s for ever', () => {
    const middle = 0.5;
    expect([1, 2, 3, 4, 5, 6, 7, 500].map((attempt) => reconnectDelayMs(attempt, middle))).toEqual([
      500, 1000, 2000, 5000, 10_000, 30_000, 30_000, 30_000,
    ]);
  });

  it('strays by at most 20 %, never past 36 s', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, random) => {
          const waitMs = reconnectDelayMs(attempt, random);
          const middle = reconnectDelayMs(attempt, 0.5);
          expect(waitMs).toBeGreaterThanOrEqual(middle * 0.8 - 1);
          expect(waitMs).toBeLessThanOrEqual(middle * 1.2 + 1);
        },
      ),
    );
  });
});
