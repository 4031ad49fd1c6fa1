import { describe, expect, it } from 'vitest';
import { BlindStretches } from './blind-stretches.ts';

describe('the time before a start', () => {
  it('is blind from the last checkpoint to the start', () => {
    const blind = new BlindStretches(100_200, 160_900);
    expect([100, 101, 159, 160].map((second) => blind.covers(second))).toEqual([false, true, true, false]);
    expect(blind.takeUnsaved()).toEqual([{ from: 101, to: 160 }]);
  });

  it('is saved once, and again when saving failed', () => {
    const blind = new BlindStretches(100_000, 160_000);
    const taken = blind.takeUnsaved();
    expect(blind.takeUnsaved()).toEqual([]);
    blind.giveBack(taken);
    expect(blind.takeUnsaved()).toEqual([{ from: 100, to: 160 }]);
  });

  it('is not blind when there was no run before, or it ended this second', () => {
    expect(new BlindStretches(null, 160_000).takeUnsaved()).toEqual([]);
    expect(new BlindStretches(159_900, 160_000).takeUnsaved()).toEqual([]);
  });
});

describe('the time in which the agent did not look', () => {
  it('is blind when it slept, or its clock was set ahead: nobody fell silent', () => {
    const blind = new BlindStretches(null, 100_000);
    for (let ms = 100_000; ms <= 110_000; ms += 50) blind.look(ms);
    blind.look(3_700_000);
    expect([109, 110, 3699, 3700].map((second) => blind.covers(second))).toEqual([false, true, true, false]);
    expect(blind.takeUnsaved()).toEqual([{ from: 110, to: 3700 }]);
  });

  it('is not blind for a pause of seconds, or when the clock is set back', () => {
    const blind = new BlindStretches(null, 100_000);
    for (const ms of [100_000, 130_000, 90_000, 140_000]) blind.look(ms);
    expect(blind.takeUnsaved()).toEqual([]);
  });
});
