import { describe, expect, it } from 'vitest';
import { pauseAfter } from './back-off.ts';

describe('the pause after a failure', () => {
  it('grows from a second to a minute', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 1000].map((failures) => pauseAfter(failures, 1))).toEqual([
      1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000,
    ]);
  });

  it('is half chance', () => {
    expect(pauseAfter(3, 0)).toBe(2000);
    expect(pauseAfter(3, 0.5)).toBe(3000);
  });
});
