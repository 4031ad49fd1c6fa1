import { describe, expect, it } from 'vitest';
import { pastRangesOf, type PastOf } from './past-ranges.ts';

const DAY = 86_400;
const second = (iso: string) => Date.parse(iso) / 1000;
const rangeAt = (iso: string, length = 900) => ({ fromSecond: second(iso), toSecond: second(iso) + length });
const of = (overrides: Partial<PastOf> = {}): PastOf => ({
  timeZone: 'Europe/Berlin',
  firstSeenSecond: second('2025-01-01T00:00Z'),
  isBlind: () => false,
  ...overrides,
});
const starts = (ranges: readonly { readonly fromSecond: number }[]) =>
  ranges.map(({ fromSecond }) => new Date(fromSecond * 1000).toISOString().slice(0, 16));

describe('what a range is compared with', () => {
  it('is the same time of the last four weeks, by the clock on the wall across a DST night', () => {
    // Berlin went from UTC+1 to UTC+2 on 29 March 2026: 09:00 there is 07:00 UTC after and 08:00 UTC before.
    const past = pastRangesOf(rangeAt('2026-04-06T07:00Z'), { kind: 'same_slot' }, of());
    expect(past).toMatchObject({ kind: 'same_slot', words: 'the same time of the last 4 Mondays' });
    expect(starts(past.ranges)).toEqual([
      '2026-03-30T07:00',
      '2026-03-23T08:00',
      '2026-03-16T08:00',
      '2026-03-09T08:00',
    ]);
    expect(past.ranges.every(({ fromSecond, toSecond }) => toSecond - fromSecond === 900)).toBe(true);
  });

  it('names the day of the source, not that of UTC', () => {
    const past = pastRangesOf(rangeAt('2026-03-01T20:00Z'), { kind: 'same_slot' }, of({ timeZone: 'Asia/Tokyo' }));
    expect(past.words).toBe('the same time of the last 4 Mondays');
  });

  it('is the same time of the last days where no week is known', () => {
    const firstSeenSecond = second('2026-03-04T00:00Z');
    const past = pastRangesOf(rangeAt('2026-03-06T12:00Z'), { kind: 'same_slot' }, of({ firstSeenSecond }));
    expect(past.words).toBe('the same time of the last 2 days');
    expect(starts(past.ranges)).toEqual(['2026-03-05T12:00', '2026-03-04T12:00']);
  });

  it('is the stretch before where no day is known, in pieces as long as the range', () => {
    const firstSeenSecond = second('2026-03-06T11:20Z');
    const past = pastRangesOf(rangeAt('2026-03-06T12:00Z'), { kind: 'same_slot' }, of({ firstSeenSecond }));
    expect(past).toMatchObject({ kind: 'before', words: 'a stretch 2 times as long before' });
    expect(starts(past.ranges)).toEqual(['2026-03-06T11:45', '2026-03-06T11:30']);
  });

  it('is nothing for a source that has just appeared, and that is said', () => {
    const firstSeenSecond = second('2026-03-06T11:59Z');
    const past = pastRangesOf(rangeAt('2026-03-06T12:00Z'), { kind: 'same_slot' }, of({ firstSeenSecond }));
    expect(past).toEqual({ kind: 'before', words: 'nothing: not enough is known of the time before', ranges: [] });
  });

  it('leaves out weeks in which the agent was not looking', () => {
    const hole = second('2026-03-23T08:00Z');
    const isBlind = ({ fromSecond, toSecond }: { fromSecond: number; toSecond: number }) =>
      fromSecond <= hole && hole < toSecond;
    const past = pastRangesOf(rangeAt('2026-04-06T07:00Z'), { kind: 'same_slot' }, of({ isBlind }));
    expect(starts(past.ranges)).toEqual([
      '2026-03-30T07:00',
      '2026-03-16T08:00',
      '2026-03-09T08:00',
      '2026-03-02T08:00',
    ]);
  });

  it('never overlaps the range itself, nor one past range another', () => {
    const range = rangeAt('2026-03-20T00:00Z', 10 * DAY);
    const { ranges } = pastRangesOf(range, { kind: 'same_slot' }, of());
    expect(ranges.length).toBeGreaterThan(0);
    const all = [range, ...ranges];
    for (const [at, { fromSecond }] of all.slice(0, -1).entries())
      expect(all[at + 1].toSecond).toBeLessThanOrEqual(fromSecond);
  });

  it('is the other range where one is given', () => {
    const other = rangeAt('2026-02-01T00:00Z', 60);
    expect(pastRangesOf(rangeAt('2026-03-20T00:00Z'), { kind: 'other_range', ...other }, of()).ranges).toEqual([other]);
  });
});
