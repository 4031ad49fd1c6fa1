import { describe, expect, it } from 'vitest';
import type { WindowView } from './detector.ts';
import { deviationInWords, duration } from './reason.ts';

const WINDOW: WindowView = {
  signal: 'volume',
  end: 1_767_229_200,
  wallEnd: 1_767_229_200,
  seconds: 10,
  count: 620,
  events: 620,
  mean: 210,
  variance: 835,
  habit: 0,
};

describe('the reason of a finding', () => {
  it('of volume says what was seen, in how long, and what is normal', () => {
    expect(deviationInWords(WINDOW, 14.2)).toBe('620 lines in 10 s where 210 are normal (14.2σ above)');
    expect(deviationInWords({ ...WINDOW, count: 1, seconds: 60 }, -8)).toBe(
      '1 line in 1 min where 210 are normal (8.0σ below)',
    );
  });

  it('of errors says how many of how many', () => {
    const errors: WindowView = { ...WINDOW, signal: 'error_rate', seconds: 5, count: 38, events: 62, mean: 62 * 0.004 };
    expect(deviationInWords(errors, 11.2)).toBe(
      '38 of 62 lines were errors in 5 s where 0.4 % are normal (11.2σ above)',
    );
  });

  it('names stretches of time as people do', () => {
    expect([1, 59, 75, 300, 3600, 4800].map(duration)).toEqual(['1 s', '59 s', '75 s', '5 min', '1 h', '1 h 20 min']);
  });
});
