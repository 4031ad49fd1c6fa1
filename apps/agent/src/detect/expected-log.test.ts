import { SourceWatch } from '@sentinellog/detector';
import { frameOf } from '@sentinellog/detector/testing';
import { describe, expect, it } from 'vitest';
import { ExpectedLog } from './expected-log.ts';

describe('the log of expectations', () => {
  it('drops the oldest beyond its bound, and counts them', () => {
    const watch = new SourceWatch({ sensitivity: 'medium', timeZone: 'UTC' });
    for (let second = 0; second < 600; second++) watch.observe(second, frameOf(5));
    const log = new ExpectedLog();
    for (let minute = 0; minute < 150_010; minute++) log.note('a', watch, minute * 60);
    expect(log.dropped).toBe(20);
    expect(log.take().expected[0]).toMatchObject({ minute: 600 });
    expect(log.take()).toEqual({ expected: [], latency: [] });
  });
});
