import { expect, it } from 'vitest';
import { ageClock } from './age-clock.ts';

it('the clock of ages follows the clock back, and forward no faster than time goes by', () => {
  const clock = { nowMs: 1_767_225_600_000, elapsedMs: 500 };
  const age = ageClock(
    () => clock.nowMs,
    () => clock.elapsedMs,
  );
  clock.nowMs += 10_000;
  clock.elapsedMs += 10_000;
  expect(age()).toBe(1_767_225_610_000);
  clock.nowMs += 400 * 86_400_000;
  expect(age()).toBe(1_767_225_610_000);
  clock.nowMs = 1_767_222_000_000;
  expect(age()).toBe(1_767_222_000_000);
});
