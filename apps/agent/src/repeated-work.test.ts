import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StopStack } from './pipeline/stop-stack.ts';
import { RepeatedWork } from './repeated-work.ts';
import { createLog } from './telemetry/log.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const quiet = () => createLog('silent');
const stopped = (stops: StopStack) => stops.stop(1000, () => undefined);

test('a round that fails, at once or later, is tried again after the pause', async () => {
  const work = new RepeatedWork(new StopStack(), quiet());
  let rounds = 0;
  work.every(
    'sweep',
    100,
    () => {
      rounds++;
      if (rounds === 1) throw new Error('the database is away');
      return rounds === 2 ? Promise.reject(new Error('still away')) : undefined;
    },
    { event: 'sweep.failed' },
  );
  await vi.advanceTimersByTimeAsync(350);
  expect(rounds).toBe(3);
});

test('two rounds never run at a time, and a stop waits for the one under way', async () => {
  const stops = new StopStack();
  const work = new RepeatedWork(stops, quiet());
  let running = 0;
  let most = 0;
  let finished = 0;
  work.every(
    'checkpoint',
    100,
    async () => {
      running++;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 250));
      running--;
      finished++;
    },
    { event: 'checkpoint.failed' },
  );
  await vi.advanceTimersByTimeAsync(400);
  const stop = stopped(stops);
  await vi.advanceTimersByTimeAsync(1000);
  await stop;
  await vi.advanceTimersByTimeAsync(1000);
  expect([most, running, finished]).toEqual([1, 0, 1]);
});
