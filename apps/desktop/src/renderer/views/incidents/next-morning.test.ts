import { describe, expect, it } from 'vitest';
import { nextMorningMs } from './next-morning.ts';

describe('nextMorningMs', () => {
  it.each([
    ['2026-01-01T08:59:59Z', '2026-01-01T09:00:00.000Z'],
    ['2026-01-01T09:00:00Z', '2026-01-02T09:00:00.000Z'],
    ['2026-12-31T23:30:00Z', '2027-01-01T09:00:00.000Z'],
  ])('after %s is %s in UTC', (now, morning) => {
    expect(new Date(nextMorningMs(Date.parse(now), 'utc')).toISOString()).toBe(morning);
  });

  it('is at nine on the wall in local time', () => {
    expect(new Date(nextMorningMs(Date.parse('2026-03-28T22:00:00Z'), 'local')).getHours()).toBe(9);
  });
});
