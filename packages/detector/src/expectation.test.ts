import { describe, expect, it } from 'vitest';
import { expectationOver } from './expectation.ts';

const EXPECTED = { rate: 10, dispersion: 1.5, relative: 0.1 };

describe('an expectation over a window', () => {
  it('of volume adds counting noise and proportional noise', () => {
    expect(expectationOver('volume', EXPECTED, 60, 0)).toEqual({ mean: 600, stddev: Math.sqrt(1.5 * 600 + 60 ** 2) });
  });

  it('of an error rate is narrower the more events there are', () => {
    const share = { rate: 0.01, dispersion: 1, relative: 0 };
    expect(expectationOver('error_rate', share, 5, 10_000)).toEqual({
      mean: 0.01,
      stddev: Math.sqrt(100 * 0.99) / 10_000,
    });
    expect(expectationOver('error_rate', share, 5, 0).stddev).toBe(expectationOver('error_rate', share, 5, 1).stddev);
  });
});
