import type { Calendar } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { DEFAULT_CALENDAR, isOpen, nextOpening } from './business-hours.ts';

const BERLIN: Calendar = {
  id: 'office',
  name: 'office hours',
  time_zone: 'Europe/Berlin',
  hours: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '17:30' }],
  holidays: [{ date: '2026-12-25', name: 'Christmas Day' }],
};
const NIGHT_SHIFT: Calendar = { ...BERLIN, hours: [{ days: ['fri'], from: '22:00', to: '06:00' }], holidays: [] };

const opensAt = (calendar: Calendar, from: string) => {
  const at = nextOpening(calendar, Date.parse(from));
  return at === undefined ? undefined : new Date(at).toISOString().slice(0, 16);
};

describe('business hours', () => {
  it.each([
    ['during them: at once', BERLIN, '2026-01-21T10:00Z', '2026-01-21T10:00'],
    ['at their first minute: at once', BERLIN, '2026-01-21T08:00Z', '2026-01-21T08:00'],
    ['at their last minute: the next day', BERLIN, '2026-01-21T16:30Z', '2026-01-22T08:00'],
    ['at night', BERLIN, '2026-01-21T03:00Z', '2026-01-21T08:00'],
    ['on a Friday evening: Monday', BERLIN, '2026-01-23T18:00Z', '2026-01-26T08:00'],
    ['over the spring night the wall clock counts', BERLIN, '2026-03-28T12:00Z', '2026-03-30T07:00'],
    ['over the autumn night the wall clock counts', BERLIN, '2026-10-24T12:00Z', '2026-10-26T08:00'],
    ['a holiday is skipped', BERLIN, '2026-12-24T18:00Z', '2026-12-28T08:00'],
    ['nothing set: Monday to Friday from nine, in UTC', DEFAULT_CALENDAR, '2026-01-24T12:00Z', '2026-01-26T09:00'],
    ['a night shift is still on the morning after', NIGHT_SHIFT, '2026-01-24T04:00Z', '2026-01-24T04:00'],
    ['and is over at six', NIGHT_SHIFT, '2026-01-24T05:00Z', '2026-01-30T21:00'],
    ['a calendar without hours never opens', { ...BERLIN, hours: [] }, '2026-01-24T05:00Z', undefined],
  ])('%s', (_what, calendar, from, expected) => {
    expect(opensAt(calendar, from)).toBe(expected);
  });

  it('are closed on a holiday', () => {
    expect(isOpen(BERLIN, Date.parse('2026-12-25T10:00Z'))).toBe(false);
    expect(isOpen(BERLIN, Date.parse('2026-12-28T10:00Z'))).toBe(true);
  });
});
