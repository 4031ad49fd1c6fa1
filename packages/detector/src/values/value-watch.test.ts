import { describe, expect, it } from 'vitest';
import { StateReader, StateWriter } from '../state-codec.ts';
import { SeededRandom } from '../testing/index.ts';
import { type ValueVerdict, ValueWatch } from './value-watch.ts';

/** 2026-03-02 00:00, a Monday. */
const MONDAY = Date.UTC(2026, 2, 2) / 1000;
const BUCKETS_A_DAY = 288;
const day = (bucket: number) => Math.floor(bucket / BUCKETS_A_DAY);
const lasts = (from: number, bucket: number) => bucket >= from && bucket < from + 12;
const intoDay = (bucket: number) => bucket % BUCKETS_A_DAY;

/** Five-minute counts around 600 with a daily rhythm, quieter weekends, and what is laid over them. */
function counts(days: number, factorAt: (bucket: number) => number = () => 1): number[] {
  const random = new SeededRandom(4);
  return Array.from({ length: days * BUCKETS_A_DAY }, (_, bucket) => {
    const rhythm = 1 + 0.5 * Math.sin((2 * Math.PI * bucket) / BUCKETS_A_DAY);
    const weekday = day(bucket) % 7 < 5 ? 1 : 0.7;
    return random.counts(600 * rhythm * weekday * factorAt(bucket), 3);
  });
}

/** A nightly job from the twelfth day on, whose fourth night is out of proportion. */
function jobFactor(onDay: number): number {
  if (onDay < 12) return 1;
  return onDay === 15 ? 60 : 4;
}

function verdicts(values: readonly number[], watch = new ValueWatch({ bucketSeconds: 300, counts: true })) {
  return values.map((value, bucket) => watch.observe(MONDAY + bucket * 300, value, 3));
}

const alertsOf = (all: readonly ValueVerdict[]) =>
  all.flatMap(({ alerts, direction }, bucket) => (alerts ? [{ bucket, direction }] : []));

describe('a series of values', () => {
  it('with quiet weekends is quiet from the first day to the end of the fourth week', () => {
    expect(alertsOf(verdicts(counts(28)))).toEqual([]);
  });

  it('alerts at the first bucket of a spike, and of a drop on another day, once each', () => {
    const spike = 16 * BUCKETS_A_DAY + 100;
    const drop = 18 * BUCKETS_A_DAY + 200;
    const changed = counts(20, (bucket) => (lasts(spike, bucket) ? 3 : lasts(drop, bucket) ? 0.2 : 1));
    expect(alertsOf(verdicts(changed))).toEqual([
      { bucket: spike, direction: 'high' },
      { bucket: drop, direction: 'low' },
    ]);
  });

  it('tells of a nightly job on its first night only', () => {
    const nightly = counts(24, (bucket) => (day(bucket) >= 15 && intoDay(bucket) === 30 ? 8 : 1));
    expect(alertsOf(verdicts(nightly))).toEqual([{ bucket: 15 * BUCKETS_A_DAY + 30, direction: 'high' }]);
  });

  it('that goes far out by itself every other hour calls that usual, which a steady one does not', () => {
    const once = 16 * BUCKETS_A_DAY + 100;
    const steady = counts(18, (bucket) => (bucket === once ? 2.5 : 1));
    const random = new SeededRandom(9);
    const bursty = counts(18, (bucket) => (bucket === once || random.uniform() < 0.04 ? 2.5 : 1));
    expect(alertsOf(verdicts(steady)).map(({ bucket }) => bucket)).toEqual([once]);
    expect(alertsOf(verdicts(bursty)).map(({ bucket }) => bucket)).not.toContain(once);
  });

  it('that counts says nothing about a rise too small to matter; one of fractions has no such rule', () => {
    const steady = Array.from({ length: 12 * BUCKETS_A_DAY }, (_, bucket) => 1000 + (bucket % 7));
    const changed = steady.with(11 * BUCKETS_A_DAY, 1200);
    expect(alertsOf(verdicts(changed))).toEqual([]);
    const fractions = new ValueWatch({ bucketSeconds: 300, counts: false });
    expect(alertsOf(verdicts(changed, fractions))).toEqual([{ bucket: 11 * BUCKETS_A_DAY, direction: 'high' }]);
  });

  it.each([
    ['nothing but zeros', () => 0],
    ['one value', () => 42.5],
    ['one value that once is half a percent more', (bucket: number) => (bucket === 500 ? 42.7 : 42.5)],
    ['negative values', (bucket: number) => -20 + Math.sin(bucket * 2.1)],
  ])('of %s gives finite scores and no alert', (_what, valueAt) => {
    const watch = new ValueWatch({ bucketSeconds: 3600, counts: false });
    const all = Array.from({ length: 1000 }, (_, at) => watch.observe(MONDAY + at * 3600, valueAt(at), 3));
    expect(alertsOf(all)).toEqual([]);
    expect(all.every(({ score, expected }) => Number.isFinite(score) && Number.isFinite(expected))).toBe(true);
  });

  it('that was flat for days alerts when it moves, and learns the new level', () => {
    const flat = Array.from({ length: 24 * BUCKETS_A_DAY }, (_, bucket) => (bucket < 9 * BUCKETS_A_DAY ? 500 : 1500));
    const all = verdicts(flat);
    expect(alertsOf(all).slice(0, 1)).toEqual([{ bucket: 9 * BUCKETS_A_DAY, direction: 'high' }]);
    expect(all.at(-1)?.expected).toBeGreaterThan(1400);
  });

  it('goes on to the bit as if it had never stopped, wherever it stops', () => {
    const values = counts(17, (bucket) => (intoDay(bucket) === 30 ? jobFactor(day(bucket)) : 1));
    expect(alertsOf(verdicts(values)).map(({ bucket }) => day(bucket))).toEqual([12, 15]);
    for (const stop of [5, 60, 1200, 4200]) {
      const first = new ValueWatch({ bucketSeconds: 300, counts: true });
      verdicts(values.slice(0, stop), first);
      const to = new StateWriter();
      first.write(to);
      const second = new ValueWatch({ bucketSeconds: 300, counts: true });
      const from = new StateReader(to.finish());
      second.read(from);
      from.end();
      const rest = values.slice(stop);
      const goOn = (watch: ValueWatch) => rest.map((value, at) => watch.observe(MONDAY + (stop + at) * 300, value, 3));
      expect(goOn(second)).toEqual(goOn(first));
    }
  });
});
