import { expect, it } from 'vitest';
import { minuteOf, timeOfDay } from './minute-of-day.ts';

it('a minute of the day comes back from its text', () => {
  for (let minute = 0; minute < 24 * 60; minute++) expect(minuteOf(timeOfDay(minute))).toBe(minute);
});

it.each(['', '24:00', '7:30', '22:', '22:60'])('%j is no time of the day', (text) => {
  expect(minuteOf(text)).toBeNull();
});
