import { EMPTY_COUNTS } from '@sentinellog/shared';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LoggedSecond, SecondLog } from './second-log.ts';

const count = fc.nat(100_000);
const template = fc.record({
  id: fc.stringMatching(/^[0-9a-f]{16}$/),
  events: count,
  errors: count,
  isFresh: fc.boolean(),
});
const details = fc.record({ latency: fc.array(fc.tuple(fc.nat(1400), count)), templates: fc.array(template) });
const logged = fc
  .record({
    source: fc.constantFrom('01996f00-0000-7000-8000-000000000001', '01996f00-0000-7000-8000-000000000002'),
    second: fc.integer({ min: 1_700_000_000, max: 1_900_000_000 }),
    counts: fc.option(fc.record({ info: count, error: count, bytes: fc.nat(2 ** 31) })),
    details: fc.option(details),
  })
  .map(
    ({ counts, details: known, ...rest }): LoggedSecond => ({
      ...rest,
      counts: counts && { ...EMPTY_COUNTS, ...counts },
      details: counts && known,
    }),
  );

describe('a log of seconds', () => {
  it('gives back what was added, in order, and starts over when it is taken', () => {
    fc.assert(
      fc.property(fc.array(logged), (seconds) => {
        const log = new SecondLog();
        for (const each of seconds) log.add(each);
        expect([...SecondLog.read(log.take())]).toEqual(seconds);
        expect(log.isEmpty).toBe(true);
        for (const each of seconds.slice(0, 1)) log.add(each);
        expect([...SecondLog.read(log.take())]).toEqual(seconds.slice(0, 1));
      }),
    );
  });

  it('takes a dozen bytes for a quiet second, and refuses what is damaged', () => {
    const log = new SecondLog();
    const source = '01996f00-0000-7000-8000-000000000001';
    for (let i = 0; i < 100; i++)
      log.add({ source, second: 1_767_268_800 + i, counts: { ...EMPTY_COUNTS, info: 4, bytes: 700 }, details: null });
    const bytes = log.take();
    expect(bytes.length).toBeLessThan(100 * 12 + 50);
    expect(() => [...SecondLog.read(bytes.subarray(0, -1))]).toThrow('ends inside a number');
    expect(() => [...SecondLog.read(Uint8Array.of(1, 2, 3))]).toThrow('does not name its sources');
  });
});
