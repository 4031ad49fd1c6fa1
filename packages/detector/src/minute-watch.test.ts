import { EMPTY_COUNTS, latencyBucket } from '@sentinellog/shared';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from './detector.ts';
import { buildReceipt, deviationScoreOf, verifyReceipt } from './receipt.ts';
import type { SecondDetails, TemplateCount } from './second-details.ts';
import { type SeriesEvent, SourceWatch } from './source-watch.ts';
import { SeededRandom } from './testing/seeded-random.ts';

const MONDAY = Date.UTC(2026, 2, 2) / 1000;
const SETTINGS = { sensitivity: 'medium', timeZone: 'Europe/Berlin' } as const;
const MINUTES = 620;
/** `order placed`, `payment accepted`, `cache refreshed`, `retrying upstream`. */
const USUAL = ['a1', 'b2', 'c3', 'd4'].map((end) => `00000000000000${end}`);

interface Second {
  lines: number;
  errors: number;
  bytesALine: number;
  slowness: number;
  templates: readonly string[];
  fresh: readonly string[];
}
type Change = (minute: number, second: number) => Partial<Second>;

/** A service of five lines a second that answers in 40 ms, p99 some 180 ms. */
function seconds(change: Change, seed = 5): readonly { counts: typeof EMPTY_COUNTS; details: SecondDetails }[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: MINUTES * 60 }, (_, at) => {
    const minute = Math.floor(at / 60);
    const usual: Second = { lines: 5, errors: 0, bytesALine: 180, slowness: 1, templates: USUAL, fresh: [] };
    const { lines, errors, bytesALine, slowness, templates, fresh } = { ...usual, ...change(minute, at % 60) };
    const count = Math.max(1, random.counts(lines, 1.2));
    const failed = Math.min(count, errors);
    const latency = new Map<number, number>();
    for (let i = 0; i < count; i++) {
      const bucket = latencyBucket(-Math.log(1 - random.uniform()) * 40 * slowness);
      latency.set(bucket, (latency.get(bucket) ?? 0) + 1);
    }
    const said = new Map<string, number>();
    for (let i = 0; i < count; i++) {
      const id = templates[Math.floor(random.uniform() * templates.length)];
      said.set(id, (said.get(id) ?? 0) + 1);
    }
    const known: TemplateCount[] = Array.from(said, ([id, events]) => ({ id, events, errors: 0, isFresh: false }));
    const isErrors = failed > 0;
    const news = fresh.map((id) => ({ id, events: 1, errors: isErrors ? 1 : 0, isFresh: true }));
    return {
      counts: { ...EMPTY_COUNTS, info: count - failed, error: failed, bytes: count * bytesALine },
      details: { latency: [...latency].toSorted(([a], [b]) => a - b), templates: [...known, ...news] },
    };
  });
}

function watchOver(change: Change, seed?: number): readonly SeriesEvent[] {
  const watch = new SourceWatch(SETTINGS);
  return seconds(change, seed).flatMap(({ counts, details }, at) => watch.observe(MONDAY + at, counts, details));
}

type Told = Extract<SeriesEvent, { readonly finding: Finding }>;

function told(events: readonly SeriesEvent[], series: string): readonly (Told & { minute: number })[] {
  return events.flatMap((event) =>
    event.signal === series && event.type === 'opened'
      ? [{ ...event, minute: Math.floor((event.second - MONDAY) / 60) }]
      : [],
  );
}

const OURS = ['latency_p99', 'new_templates', 'score:isolation_forest'];
const ours = (events: readonly SeriesEvent[]) =>
  events.filter(({ signal }) => OURS.includes(signal) || signal.startsWith('template:'));

/** Three templates that a source has never used. */
const novel = (minute: number) =>
  Array.from({ length: 3 }, (_, i) => `00000000000f${minute.toString(16).padStart(3, '0')}${i}`);

/** Slow answers, unseen errors, a flood of one message. */
const bad: Change = (minute, second) => ({
  ...(minute >= 200 && minute < 230 && { slowness: 8 }),
  ...(minute === 250 &&
    second === 7 && { errors: 1, fresh: ['1', '2', '3', '4', '5'].map((end) => `000000000000000${end}`) }),
  ...(minute >= 300 && minute < 320 && { lines: 25, templates: [USUAL[3]] }),
  ...(minute >= 560 && minute < 580 && { bytesALine: 2400 }),
});

const once =
  (at: number): Change =>
  (minute, second) =>
    (minute === at || minute === at + 1) && second === 7 ? { errors: 1, fresh: novel(minute) } : {};

describe('the minutes of a source', () => {
  it('are quiet for ten hours of an ordinary day, three times', () => {
    for (const seed of [1, 2, 3]) expect(ours(watchOver(() => ({}), seed))).toEqual([]);
  });

  it('tell of requests that take six times as long, within three minutes, and of their end; not of faster ones', () => {
    const events = watchOver((minute) => ({ slowness: minute >= 200 && minute < 230 ? 6 : minute >= 400 ? 0.2 : 1 }));
    const [slow, ...more] = told(events, 'latency_p99');
    expect(more).toEqual([]);
    expect(slow?.minute).toBeGreaterThanOrEqual(201);
    expect(slow?.minute).toBeLessThanOrEqual(203);
    expect(slow?.finding).toMatchObject({ direction: 'high', detector: 'slow_minutes' });
    expect(slow?.finding.reason).toMatch(
      /^p99 of \d+ durations in 1 min was [\d.]+ m?s where \d+ ms is normal \(\d+\.\dσ above\)$/,
    );
    const recovered = events.find(({ signal, type }) => signal === 'latency_p99' && type === 'recovered');
    expect((recovered!.second - MONDAY) / 60).toBeLessThan(235);
  });

  it('tell of a burst of errors that were never seen; not of a deploy that says new things and works', () => {
    const [burst, ...more] = told(watchOver(once(200)), 'new_templates');
    expect(more).toEqual([]);
    expect(burst).toMatchObject({ minute: 202, finding: { direction: 'high' } });
    expect(burst?.finding.reason).toMatch(/^\d kinds of errors in 5 min that this source has never had/);
    const deploy = watchOver((minute, second) => (minute === 200 && second < 20 ? { fresh: novel(second) } : {}));
    expect(told(deploy, 'new_templates')).toEqual([]);
    // In its first hour all a source says is new.
    expect(told(watchOver(once(20)), 'new_templates')).toEqual([]);
  });

  it('tell of a message that floods, and of one that is gone, but not where a deploy has reworded it', () => {
    const flood = watchOver((minute) => (minute >= 300 && minute < 320 ? { lines: 25, templates: [USUAL[3]] } : {}));
    expect(told(flood, `template:${USUAL[3]}`)).toMatchObject([{ finding: { direction: 'high' } }]);
    // The others are still said as rarely as that, and none of them is told to be gone because another one floods.
    const gone = watchOver((minute) => (minute >= 300 ? { templates: USUAL.slice(0, 3), lines: 4 } : {}));
    expect(told(gone, `template:${USUAL[3]}`)).toMatchObject([{ finding: { direction: 'low' } }]);
    expect(told(gone, `template:${USUAL[0]}`)).toEqual([]);
    const reworded = '00000000000000ee';
    const deploy = watchOver((minute, second) =>
      minute >= 300
        ? { templates: [...USUAL.slice(0, 3), reworded], fresh: minute === 300 && second === 0 ? [reworded] : [] }
        : {},
    );
    expect(told(deploy, `template:${USUAL[3]}`)).toEqual([]);
  });

  it('tell of minutes whose shape is like few others, and which features make it so', () => {
    const odd = watchOver((minute) => (minute >= 560 && minute < 580 ? { bytesALine: 2400 } : {}));
    const [shape] = told(odd, 'score:isolation_forest');
    expect(shape?.minute).toBeGreaterThanOrEqual(562);
    expect(shape?.minute).toBeLessThan(580);
    expect(shape?.finding.reason).toContain('line length high');
    const receipt = buildReceipt(shape.finding, shape.evidence, { sourceId: 's', service: 'checkout' });
    expect(verifyReceipt(receipt).differences).toEqual([]);
    expect(deviationScoreOf(receipt)).toBeCloseTo(shape.finding.score, 6);
  });

  describe('of a bad afternoon', () => {
    let whole: readonly SeriesEvent[] = [];
    beforeAll(() => {
      whole = watchOver(bad);
    });

    it('give receipts that hold, with the score that they were told with, and that break when altered', () => {
      const findings = ours(whole).flatMap((event) => ('finding' in event ? [event] : []));
      expect(new Set(findings.map(({ finding }) => finding.detector)).size).toBe(3);
      for (const { finding, evidence } of findings) {
        const receipt = buildReceipt(finding, evidence, { sourceId: 's', service: 'checkout' });
        expect(verifyReceipt(receipt).differences).toEqual([]);
        expect(deviationScoreOf(receipt)).toBeCloseTo(finding.score, 6);
        expect(verifyReceipt({ ...receipt, mean: receipt.mean * 1.1 }).equal).toBe(false);
        expect(verifyReceipt({ ...receipt, value: receipt.value + 1 }).equal).toBe(false);
        expect(Number.isFinite(receipt.z)).toBe(true);
      }
    });

    it('go on to the bit as if they had never stopped, wherever they stop', () => {
      const all = seconds(bad);
      for (const stop of [90, 12_345, 202 * 60 + 30, 303 * 60, 570 * 60 + 59]) {
        const first = new SourceWatch(SETTINGS);
        const events = all
          .slice(0, stop)
          .flatMap(({ counts, details }, at) => first.observe(MONDAY + at, counts, details));
        const second = SourceWatch.restore(first.snapshot(), SETTINGS);
        const rest = all
          .slice(stop)
          .flatMap(({ counts, details }, at) => second.observe(MONDAY + stop + at, counts, details));
        expect([...events, ...rest]).toEqual(whole);
      }
    });
  });
});
