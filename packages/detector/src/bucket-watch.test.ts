import { describe, expect, it } from 'vitest';
import { BucketWatch } from './bucket-watch.ts';
import { SeededRandom } from './testing/index.ts';

const START = Date.UTC(2026, 2, 2) / 1000;

/** Verdicts over days of five-minute counts around 600, with what is laid over them. */
function verdicts(days: number, factorAt: (bucket: number) => number) {
  const random = new SeededRandom(4);
  const watch = new BucketWatch({ sensitivity: 'medium', timeZone: 'UTC' });
  return Array.from({ length: days * 288 }, (_, bucket) =>
    watch.observe(START + bucket * 300, random.counts(600 * factorAt(bucket), 3)),
  );
}

const daily = (bucket: number) => 1 + 0.5 * Math.sin((2 * Math.PI * bucket) / 288);

describe('a series of buckets', () => {
  it('is quiet on ordinary days', () => {
    expect(verdicts(7, daily).filter(({ alerts }) => alerts)).toEqual([]);
  });

  it('alerts at the first bucket of a spike and of a drop, with the sign of the change', () => {
    const changed = verdicts(3, (bucket) =>
      bucket >= 500 && bucket < 506 ? 3 : bucket >= 700 && bucket < 706 ? 0.2 : 1,
    );
    const alerts = changed.flatMap(({ alerts: alerted, score }, bucket) =>
      alerted ? [{ bucket, sign: Math.sign(score) }] : [],
    );
    expect(alerts.slice(0, 1)).toEqual([{ bucket: 500, sign: 1 }]);
    expect(alerts.find(({ sign }) => sign < 0)).toEqual({ bucket: 700, sign: -1 });
  });
});
