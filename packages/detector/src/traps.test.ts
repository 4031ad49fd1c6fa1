/** What other detectors are known to have got wrong, one test each; the rows are those of a survey of their issue trackers. */
import { EMPTY_COUNTS, SIGNALS } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import type { Ruling } from './baseline/ruling.ts';
import { buildReceipt } from './receipt.ts';
import { type SeriesEvent, SourceWatch } from './source-watch.ts';
import { runService, campaignServices, falseAlarmsAWeek } from './testing/campaign.ts';
import { frameOf, SeededRandom } from './testing/index.ts';
import { ValueWatch } from './values/value-watch.ts';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
/** 2026-03-02 00:00 UTC, a Monday. */
const MONDAY = Date.UTC(2026, 2, 2) / 1000;
const MEDIUM = { sensitivity: 'medium', timeZone: 'UTC' } as const;

/** A person's word on the first incident of row 10. */
const REAL: Ruling = {
  id: 'first',
  signal: 'volume',
  from: MONDAY + 8 * HOUR,
  to: MONDAY + 8 * HOUR + 17 * MINUTE,
  rule: 'exclude',
};

/** What is told of a series of counts, second by second. */
function toldOf(
  seconds: number,
  countAt: (second: number) => number,
  settings: ConstructorParameters<typeof SourceWatch>[0] = MEDIUM,
): Extract<SeriesEvent, { type: 'opened' }>[] {
  const watch = new SourceWatch(settings);
  const told: Extract<SeriesEvent, { type: 'opened' }>[] = [];
  for (let second = 0; second < seconds; second++) {
    for (const event of watch.observe(MONDAY + second, frameOf(countAt(second)))) {
      if (event.type === 'opened') told.push(event);
    }
  }
  return told;
}

describe('traps that others fell into', () => {
  it('netdata 12967 (row 3): a flat series has no anomaly rate of 100 %, nor any at all', () => {
    expect(toldOf(6 * HOUR, () => 7, { ...MEDIUM, sensitivity: 'high' })).toEqual([]);
  });

  it('netdata PR 13174 (row 3): a quarter of an hour of noise teaches no narrow band', () => {
    const random = new SeededRandom(3);
    expect(toldOf(2 * HOUR, () => random.counts(6, 3))).toEqual([]);
  });

  it('openobserve PR 14425, datadog-agent PR 54481 (rows 4, 5): more of the same scores higher, and +80 % is found', () => {
    const random = new SeededRandom(5);
    const scores = [1.2, 1.5, 2, 3, 5, 8].map((factor) => {
      const watch = new ValueWatch({ bucketSeconds: 300, counts: false });
      for (let bucket = 0; bucket < 600; bucket++) watch.observe(MONDAY + bucket * 300, 100 + 3 * random.normal(), 3);
      return watch.observe(MONDAY + 600 * 300, 100 * factor, 3).score;
    });
    expect(scores).toEqual(scores.toSorted((a, b) => a - b));
    const step = toldOf(3 * HOUR, (second) => random.counts(second < 2 * HOUR ? 20 : 36, 1.3));
    expect(step.map(({ finding }) => finding.direction)).toContain('high');
    expect(step[0].finding.score).toBeGreaterThan(0);
  });

  it('sentry 70310 (row 7): an evening drop that comes every day pages nobody after the first days', () => {
    const random = new SeededRandom(7);
    const rate = (second: number) => (second % DAY < 19 * HOUR ? 12 : 2);
    const told = toldOf(8 * DAY, (second) => random.counts(rate(second), 1.4));
    const late = told.filter(({ second }) => second >= MONDAY + 3 * DAY);
    expect(late.map(({ finding }) => finding.reason)).toEqual([]);
  });

  it('sentry 54486 (row 8): three times nearly nothing is nothing', () => {
    const random = new SeededRandom(8);
    const rate = (second: number) =>
      second % DAY > 12 * HOUR && second % DAY < 12 * HOUR + 5 * MINUTE ? 0.015 : 0.005;
    expect(toldOf(4 * DAY, (second) => random.poisson(rate(second)))).toEqual([]);
  });

  it('elementary 1912 (row 9): the same σ holds for a volatile and for a flat series', () => {
    for (const dispersion of [1, 6]) {
      const random = new SeededRandom(9);
      expect(
        toldOf(DAY, () => random.counts(15, dispersion)),
        `dispersion ${dispersion}`,
      ).toEqual([]);
    }
  });

  it.each([
    ['at another time of day', 30 * HOUR, []],
    ['at the same time of day, once a person has called the first one real', 32 * HOUR, [REAL]],
  ] as const)('elementary 980 (row 10): an incident does not hide the next one, %s', (_when, second, rulings) => {
    const random = new SeededRandom(10);
    const isOn = (at: number) => [8 * HOUR, second].some((from) => at >= from && at < from + 15 * MINUTE);
    const told = toldOf(36 * HOUR, (at) => random.counts(isOn(at) ? 60 : 10, 1.4), { ...MEDIUM, rulings });
    expect(told.map((event) => Math.round((event.second - MONDAY) / HOUR))).toEqual([8, second / HOUR]);
  });

  it('kibana PR 90316 (row 12): a second that has only begun is never too low', () => {
    const watch = new SourceWatch(MEDIUM);
    for (let second = 0; second < HOUR; second++) watch.observe(MONDAY + second, frameOf(30));
    for (let second = HOUR; second < HOUR + 15; second++) expect(watch.peek(MONDAY + second, frameOf(0))).toEqual([]);
  });

  it('elasticsearch PR 36738 (row 13): what nobody looked at is not low', () => {
    const watch = new SourceWatch(MEDIUM);
    const events: SeriesEvent[] = [];
    for (let second = 0; second < 3 * HOUR; second++) {
      const isUnseen = second > HOUR && second < HOUR + 20 * MINUTE;
      events.push(...watch.observe(MONDAY + second, isUnseen ? null : frameOf(25)));
    }
    expect(events).toEqual([]);
  });

  it('posthog PR 46561: where nothing ever varied σ is not zero, and no number of a receipt is infinite', () => {
    const told = toldOf(3 * HOUR, (second) => (second < 2 * HOUR ? 20 : 200));
    expect(told.length).toBeGreaterThan(0);
    for (const { finding, evidence } of told) {
      const receipt = buildReceipt(finding, evidence, { sourceId: 's', service: 'clockwork' });
      expect([receipt.z, receipt.threshold, receipt.score, receipt.stddev].every((each) => Number.isFinite(each))).toBe(
        true,
      );
      expect(receipt.stddev).toBeGreaterThan(0);
    }
  });

  it('opensearch PR 3571: certain is not yet worth telling, a change must also be large enough to matter', () => {
    const busy = toldOf(4 * HOUR, (second) => (second < 3 * HOUR ? 2000 : 2400));
    expect(busy.filter(({ finding }) => finding.detector === 'seasonal_z_score')).toEqual([]);
  });

  it('our own: a season of errors that are few is not made of chance, and does not run away over a month', () => {
    const random = new SeededRandom(21);
    const watch = new SourceWatch(MEDIUM);
    const shares: number[] = [];
    for (let second = 0; second < 28 * DAY; second++) {
      const events = random.poisson(2.7);
      watch.observe(MONDAY + second, frameOf(events, random.binomial(events, 0.01)));
      if (second > DAY && second % 900 === 0) shares.push(watch.expected('error_rate')?.rate ?? 0);
    }
    expect(Math.min(...shares)).toBeGreaterThan(0.002);
    expect(Math.max(...shares)).toBeLessThan(0.05);
  }, 60_000);

  it('a source that has sent nothing yet, and one of errors only, have finite expectations', () => {
    const watch = new SourceWatch(MEDIUM);
    for (let second = 0; second < HOUR; second++) watch.observe(MONDAY + second, EMPTY_COUNTS);
    for (let second = HOUR; second < 2 * HOUR; second++) watch.observe(MONDAY + second, frameOf(3, 3));
    for (const signal of SIGNALS) {
      const expected = watch.expected(signal);
      expect(Object.values(expected ?? {}).every((each) => Number.isFinite(each))).toBe(true);
    }
  });
});

describe('ten services for ten days, with Mondays, nightly jobs, releases, growth and a DST night', () => {
  it('raise hardly anything at medium once a week has been seen', () => {
    const outcomes = campaignServices(10, 1).map((rhythm, number) =>
      runService(rhythm, { days: 10, seed: 500 + number, sensitivities: ['medium'] }),
    );
    // A5 asks for none after three weeks; ten days have seen each weekday once, and Mondays not twice.
    expect(falseAlarmsAWeek(outcomes, 'medium', 8, 10)).toBeLessThanOrEqual(0.5);
    expect(outcomes.flatMap(({ falseAlarms }) => falseAlarms.low.slice(8)).every((each) => each === 0)).toBe(true);
  }, 300_000);
});
