import { describe, expect, it } from 'vitest';
import { deviationScore, requiredZ } from './looks.ts';

describe('a sensitivity', () => {
  it('asks more of a window that looks more often', () => {
    const asked = [1, 5, 60, 300, 3600].map((seconds) => requiredZ(3, seconds));
    expect(asked).toEqual(asked.toSorted((a, b) => b - a));
    expect(requiredZ(3, 1)).toBeCloseTo(5.97, 2);
    expect(requiredZ(3, 604_800)).toBe(3);
  });

  it('is reached by the score exactly where the window reaches what is asked', () => {
    for (const sigma of [2, 3, 5]) {
      for (const seconds of [1, 5, 60, 300]) {
        expect(deviationScore(requiredZ(sigma, seconds), seconds)).toBeCloseTo(sigma, 10);
        expect(deviationScore(-requiredZ(sigma, seconds), seconds)).toBeCloseTo(-sigma, 10);
      }
    }
  });

  it('makes nothing of what happens in any week', () => {
    expect(deviationScore(4, 1)).toBe(0);
  });
});
