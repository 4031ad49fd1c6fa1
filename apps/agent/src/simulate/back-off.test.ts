import { describe, expect, it } from 'vitest';
import { backOffMs, retryAfterMs } from './back-off.ts';

describe('back-off', () => {
  it('doubles up to ten seconds', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 20].map((attempt) => backOffMs(attempt, 0.5))).toEqual([
      250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000,
    ]);
  });

  it('differs from sender to sender by at most a fifth either way', () => {
    expect(backOffMs(3, 0)).toBe(800);
    expect(backOffMs(3, 0.999_999)).toBe(1200);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-03-03T14:00:00Z');

  it.each([
    ['1', 1000],
    ['120', 120_000],
    ['Tue, 03 Mar 2026 14:00:05 GMT', 5000],
    ['Tue, 03 Mar 2026 13:00:00 GMT', 0],
    ['soon', undefined],
    ['-1', undefined],
    [null, undefined],
  ])('%s means %s ms', (header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected);
  });
});
