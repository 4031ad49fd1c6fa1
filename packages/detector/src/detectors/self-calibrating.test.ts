import { describe, expect, it } from 'vitest';
import { buildReceipt, deviationScoreOf, verifyReceipt } from '../receipt.ts';
import { type SeriesEvent, SourceWatch } from '../source-watch.ts';
import { frameOf, SeededRandom } from '../testing/index.ts';
import { ValueWatch } from '../values/value-watch.ts';

const DAY = 86_400;
/** 2026-03-02 00:00 UTC, a Monday. */
const MONDAY = Date.UTC(2026, 2, 2) / 1000;

/** A source is not judged in its first five minutes, in which its level is not known yet. */
const BUCKETS_BEFORE = 1;

/** Bursts of minutes, as a queue that is worked off: no law of counts describes them; on day 12 a quarter of an hour is out of proportion. */
function burstySeconds(days: number): number[] {
  const random = new SeededRandom(12);
  let burst = 1;
  return Array.from({ length: days * DAY }, (_, second) => {
    if (second % 300 === 0) burst = Math.exp(0.15 * random.normal());
    const odd = second >= 12 * DAY + 36_000 && second < 12 * DAY + 36_900 ? 2.6 : 1;
    return random.counts(2 * burst * odd, 1.5);
  });
}

describe('the self-calibrating detector', () => {
  const seconds = burstySeconds(14);
  const source = new SourceWatch({ sensitivity: 'medium', timeZone: 'UTC' });
  const events: SeriesEvent[] = seconds.flatMap((count, at) => source.observe(MONDAY + at, frameOf(count)));
  const found = events.flatMap((event) =>
    'finding' in event && event.finding.detector === 'self_calibrating' ? [{ ...event, finding: event.finding }] : [],
  );

  it('alerts in a watched source exactly where the same class alerts that `evaluate detection` runs over buckets', () => {
    const watch = new ValueWatch({ bucketSeconds: 300, counts: true });
    const alerts: { end: number; score: number; expected: number }[] = [];
    for (let bucket = BUCKETS_BEFORE; bucket < seconds.length / 300; bucket++) {
      const count = seconds.slice(bucket * 300, (bucket + 1) * 300).reduce((sum, each) => sum + each, 0);
      const { alerts: alerted, score, expected } = watch.observe(MONDAY + bucket * 300, count, 3);
      if (alerted) alerts.push({ end: MONDAY + (bucket + 1) * 300, score, expected });
    }
    expect(alerts.length).toBeGreaterThan(0);
    const inTheAgent = found.map(({ finding: { window, score } }) => ({
      end: window.end,
      score: Math.abs(score),
      expected: window.mean,
    }));
    for (const alert of alerts) expect(inTheAgent).toContainEqual(alert);
  });

  it('gives findings whose receipts hold, with the score that they were told with', () => {
    expect(found.length).toBeGreaterThan(0);
    for (const { finding, evidence } of found) {
      const receipt = buildReceipt(finding, evidence, { sourceId: 's', service: 'queue' });
      expect(verifyReceipt(receipt).differences).toEqual([]);
      expect(deviationScoreOf(receipt)).toBeCloseTo(finding.score, 9);
      expect(verifyReceipt({ ...receipt, mean: receipt.mean * 1.1 }).equal).toBe(false);
    }
  });
});
