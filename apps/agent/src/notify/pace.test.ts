import { expect, it } from 'vitest';
import { Pace } from './pace.ts';

it('the pace of a channel lets the first through at once and the others a gap after the end of the one before', async () => {
  let nowMs = 0;
  const started: number[] = [];
  const pace = new Pace(
    1000,
    () => nowMs,
    (ms) => {
      nowMs += ms;
      return Promise.resolve();
    },
  );
  const { signal } = new AbortController();
  for (let call = 0; call < 3; call++)
    await pace.run(signal, () => {
      started.push(nowMs);
      nowMs += 300;
      return Promise.resolve();
    });
  expect(started).toEqual([0, 1300, 2600]);
});
