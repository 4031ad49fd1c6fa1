import { describe, expect, it } from 'vitest';
import { runCampaign } from './campaign.ts';
import { FAULT_NAMES } from './faults.ts';
import { schedule } from './schedule.ts';

describe('the schedule of a campaign', () => {
  it('is the same for the same seed, and another for another', () => {
    const options = { faults: FAULT_NAMES, minutes: 30 };
    expect(schedule({ ...options, seed: 7 })).toEqual(schedule({ ...options, seed: 7 }));
    expect(schedule({ ...options, seed: 7 })).not.toEqual(schedule({ ...options, seed: 8 }));
  });

  it('strikes with every fault before any comes again', () => {
    const strikes = schedule({ seed: 3, faults: FAULT_NAMES, minutes: 0, strikes: 2 * FAULT_NAMES.length });
    const round = strikes.slice(FAULT_NAMES.length).map(({ fault }) => fault);
    expect(round.toSorted()).toEqual(FAULT_NAMES.toSorted());
  });
});

describe('an agent under load and faults', () => {
  it('loses nothing, doubles nothing, counts what its journal holds, and still notices', async () => {
    const steps: string[] = [];
    const strikes = schedule({
      seed: 41,
      faults: ['kill-agent', 'freeze-postgres', 'lose-answers', 'kill-backend', 'fill-disk'],
      minutes: 0,
      strikes: 6,
      durationMs: 1500,
    });
    const report = await runCampaign({
      seed: 41,
      strikes,
      senders: 4,
      eventsPerBatch: 200,
      pauseMs: 20,
      onStep: (step) => steps.push(step),
      onLog: () => undefined,
    });
    process.stderr.write(`chaos: ${JSON.stringify(report)}\n`);
    expect(report.findings, `${JSON.stringify(strikes)}\n${steps.join('\n')}`).toEqual([]);
    expect(report.acknowledgedEvents).toBeGreaterThan(5000);
  }, 240_000);
});
