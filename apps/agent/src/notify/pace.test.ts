import { expect, it } from 'vitest';
import { Pace } from './pace.ts';

it('the pace of a channel lets the first through at once and the others a gap apart', async () => {
  let nowMs = 0;
  const pauses: number[] = [];
  const pace = new Pace(
    1000,
    () => nowMs,
    (ms) => {
      pauses.push(ms);
      return Promise.resolve();
    },
  );
  const { signal } = new AbortController();
  await Promise.all([pace.turn(signal), pace.turn(signal), pace.turn(signal)]);
  expect(pauses).toEqual([1000, 2000]);
  nowMs = 5000;
  await pace.turn(signal);
  expect(pauses).toHaveLength(2);
});
