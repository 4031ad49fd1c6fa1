import { describe, expect, it } from 'vitest';
import { tickLabels, timeTicks } from './time-axis.ts';

const T = 1_767_229_200;

describe('time axis', () => {
  it('puts ticks on round times, of the clock that is shown', () => {
    expect(timeTicks(T + 10, T + 400, 120, 0)).toEqual([T + 120, T + 240, T + 360]);
    // India is 5:30 ahead: a round local hour is a half one in UTC.
    expect(timeTicks(T, T + 7200, 3600, 19_800)).toEqual([T + 1800, T + 5400]);
  });

  it('writes seconds only where ticks are close, and the day where it begins', () => {
    expect(tickLabels([T], 30, 'utc')).toEqual(['01:00:00']);
    expect(tickLabels([T], 120, 'utc')).toEqual(['01:00']);
    expect(tickLabels([T - 3600, T], 3600, 'utc')).toEqual(['Thu 1 Jan', '01:00']);
  });
});
