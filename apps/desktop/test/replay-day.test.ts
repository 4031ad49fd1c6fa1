import { describe, expect, it } from 'vitest';
import { replayDay } from './replay-day.ts';

describe('the console over a working day', () => {
  it('agrees with the agent at every checkpoint, and says how old its figures are while the agent is dead, frozen, slow or lying', async () => {
    const report = await replayDay(2);
    expect(report.disagreements).toEqual([]);
    expect(report).toMatchObject({ faults: 4 });
    expect(report.checkpoints).toBeGreaterThanOrEqual(6);
    expect(report.freshnessChecks).toBeGreaterThan(500);
    expect(report.incidents).toBeGreaterThan(15);
  }, 240_000);
});
