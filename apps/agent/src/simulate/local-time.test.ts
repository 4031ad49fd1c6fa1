import { describe, expect, it } from 'vitest';
import { LocalTime } from './local-time.ts';

const second = (iso: string) => Date.parse(iso) / 1000;

describe('local time', () => {
  it.each([
    ['UTC', '2026-01-05T00:00:00Z', 0],
    ['Europe/Berlin', '2026-01-05T09:30:00Z', 10.5],
    ['America/New_York', '2026-01-05T04:00:00Z', 167],
    ['Asia/Kathmandu', '2026-01-06T18:15:00Z', 48],
  ])('in %s at %s is hour %d of the week', (zone, iso, hour) => {
    expect(new LocalTime(zone).hourOfWeek(second(iso))).toBeCloseTo(hour, 9);
  });

  it('keeps nine in the morning at nine through both nights of the change', () => {
    const berlin = new LocalTime('Europe/Berlin');
    expect(berlin.hourOfWeek(second('2026-03-27T08:00:00Z')) % 24).toBe(9);
    expect(berlin.hourOfWeek(second('2026-03-30T07:00:00Z')) % 24).toBe(9);
    expect(berlin.hourOfWeek(second('2026-10-23T07:00:00Z')) % 24).toBe(9);
    expect(berlin.hourOfWeek(second('2026-10-26T08:00:00Z')) % 24).toBe(9);
  });
});
