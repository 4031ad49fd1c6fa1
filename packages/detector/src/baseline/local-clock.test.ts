import { describe, expect, it } from 'vitest';
import { hourOfWeek, hourOfWeekName, isTimeZone, LocalClock } from './local-clock.ts';

const at = (iso: string) => Date.parse(iso) / 1000;
const named = (zone: string, iso: string) => hourOfWeekName(hourOfWeek(LocalClock.of(zone).wallSecond(at(iso))));

describe('the wall clock of a source', () => {
  it.each([
    ['UTC', '2026-03-02T14:30:00Z', 'Mon 14h'],
    ['Europe/Berlin', '2026-03-29T00:59:59Z', 'Sun 01h'],
    ['Europe/Berlin', '2026-03-29T01:00:00Z', 'Sun 03h'],
    ['Europe/Berlin', '2026-10-25T00:30:00Z', 'Sun 02h'],
    ['Europe/Berlin', '2026-10-25T01:30:00Z', 'Sun 02h'],
    ['America/New_York', '2026-03-08T07:00:00Z', 'Sun 03h'],
    ['America/New_York', '2026-11-01T06:00:00Z', 'Sun 01h'],
    ['Asia/Kathmandu', '2026-03-01T18:15:00Z', 'Mon 00h'],
    ['UTC', '1969-12-31T23:00:00Z', 'Wed 23h'],
  ])('in %s at %s is %s', (zone, iso, name) => {
    expect(named(zone, iso)).toBe(name);
  });

  it('knows which zones there are', () => {
    expect(isTimeZone('Europe/Berlin')).toBe(true);
    expect(isTimeZone('Europe/Atlantis')).toBe(false);
    expect(() => LocalClock.of('Europe/Atlantis')).toThrow(RangeError);
  });
});
