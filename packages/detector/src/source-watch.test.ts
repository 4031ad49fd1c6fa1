import { assert, double, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SeriesEvent, SourceWatch, type WatchSettings } from './source-watch.ts';
import { EIGHT_SERVICES, frameOf, SeededRandom, type ServiceRhythm, Traffic } from './testing/index.ts';

const MEDIUM: WatchSettings = { sensitivity: 'medium', timeZone: 'UTC' };
const DAY = 86_400;
const HOUR = 3600;
/** 2026-03-02 00:00 UTC, a Monday. */
const MONDAY = Date.UTC(2026, 2, 2) / 1000;

const PAYMENT: ServiceRhythm = {
  service: 'payment-service',
  timeZone: 'UTC',
  rate: 8,
  daily: 0,
  weekdays: [1, 1, 1, 1, 1, 1, 1],
  growthPerWeek: 0,
  dispersion: 1.4,
  errorShare: 0.005,
};

/** Runs traffic through a watch; gives what was noticed, with the second at whose close it was. */
function watch(
  rhythm: ServiceRhythm,
  seconds: number,
  disturbances: NonNullable<ConstructorParameters<typeof Traffic>[1]['disturbances']>,
  watched = new SourceWatch({ ...MEDIUM, timeZone: rhythm.timeZone }),
  from = MONDAY,
): SeriesEvent[] {
  const traffic = new Traffic(rhythm, { seed: 7, reference: MONDAY, disturbances });
  const events: SeriesEvent[] = [];
  for (let second = from; second < from + seconds; second++)
    events.push(...watched.observe(second, traffic.frame(second)));
  return events;
}

const said = (events: readonly SeriesEvent[]) => events.map(({ signal, type }) => `${signal} ${type}`);
const opened = (events: readonly SeriesEvent[]) => events.flatMap((event) => (event.type === 'opened' ? [event] : []));

describe('a watched source', () => {
  it.each([5, 20, 50])('of %i lines a second has its cascade of errors found within five frames', (rate) => {
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) {
      const start = MONDAY + 6 * HOUR;
      const cascade = [{ from: start, to: start + 300, volume: 1.5, errorShare: 0.45 }];
      const watched = new SourceWatch(MEDIUM);
      const traffic = new Traffic({ ...PAYMENT, rate }, { seed, reference: MONDAY, disturbances: cascade });
      let found: SeriesEvent | undefined;
      for (let second = MONDAY; !found && second < start + 30; second++) {
        [found] = opened(watched.observe(second, traffic.frame(second)));
      }
      expect(found?.signal).toBe('error_rate');
      expect(found?.second).toBeGreaterThanOrEqual(start);
      expect(found?.second, `seed ${seed}`).toBeLessThan(start + 5);
    }
  });

  it('finds a 5× spike and a 30 % error share ten minutes after a cold start', () => {
    const start = MONDAY + 600;
    const spike = opened(watch(PAYMENT, 660, [{ from: start, to: start + 60, volume: 5 }]));
    expect(said(spike)).toEqual(['volume opened']);
    const errors = opened(watch(PAYMENT, 660, [{ from: start, to: start + 60, errorShare: 0.3 }]));
    expect(said(errors)).toEqual(['error_rate opened']);
  });

  it.each([
    ['falls silent', 0, 120],
    ['falls to 40 %', 0.4, 420],
  ])('says within minutes that a service %s', (_what, volume, within) => {
    const start = MONDAY + 12 * HOUR;
    const [drop] = opened(watch(PAYMENT, 12 * HOUR + 900, [{ from: start, to: start + 900, volume }]));
    expect(drop?.second).toBeLessThan(start + within);
    expect(drop?.finding).toMatchObject({ direction: 'low' });
    expect(drop?.finding.score).toBeLessThan(-3);
  });

  it('notices the end of a trickle that no window could, in words of its own', () => {
    const trickle = { ...PAYMENT, rate: 0.05, dispersion: 1 };
    const start = MONDAY + 12 * HOUR;
    const [end] = opened(watch(trickle, 12 * HOUR + 900, [{ from: start, to: start + 900, volume: 0 }]));
    expect(end?.finding).toMatchObject({ detector: 'silence', direction: 'low' });
    expect(end?.finding.reason).toMatch(/^no line for \d+ min where 2\d are normal \(\d\.\dσ below\)$/);
    expect(end?.second).toBeLessThan(start + 600);
  });

  it('finds errors that creep, too few in any five minutes, in the hour that they add up to', () => {
    const start = MONDAY + 6 * HOUR;
    const trickle = { ...PAYMENT, rate: 0.4, dispersion: 1.2, errorShare: 0.004 };
    const [creep] = opened(watch(trickle, 7 * HOUR + 600, [{ from: start, to: start + 70 * 60, errorShare: 0.05 }]));
    expect(creep).toMatchObject({ signal: 'error_rate', finding: { direction: 'high', window: { seconds: HOUR } } });
    expect(creep.second).toBeGreaterThan(start);
    // An hour in which nobody looked for a minute is no hour.
    const watched = new SourceWatch(MEDIUM);
    const traffic = new Traffic(trickle, {
      seed: 7,
      reference: MONDAY,
      disturbances: [{ from: start, to: start + 70 * 60, errorShare: 0.05 }],
    });
    const told: SeriesEvent[] = [];
    for (let second = MONDAY; second < start + 70 * 60; second++) {
      const counts = traffic.frame(second);
      told.push(...watched.observe(second, second % 1800 === 0 ? null : counts));
    }
    expect(opened(told)).toEqual([]);
  });

  it('catches the drop from 10,250 to 4,200 that a season divided by its own standard deviation misses', () => {
    const rhythm = { ...PAYMENT, rate: 10_250 / 300, daily: 0.3, weekdays: [1, 1, 1, 1, 1, 0.5, 0.5] };
    const start = MONDAY + 9 * DAY + 12 * HOUR;
    const drops = opened(
      watch(rhythm, 9 * DAY + 12 * HOUR + 600, [{ from: start, to: start + 600, volume: 4200 / 10_250 }]),
    );
    expect(drops).toHaveLength(1);
    expect(drops[0]?.finding.direction).toBe('low');
  });

  it('opens one anomaly for one incident, and says when it is over', () => {
    const start = MONDAY + 6 * HOUR;
    const events = watch(PAYMENT, 7 * HOUR, [{ from: start, to: start + 600, volume: 6 }]);
    expect(said(events).filter((line) => !line.endsWith('worsened'))).toEqual(['volume opened', 'volume recovered']);
    const recovered = events.find(({ type }) => type === 'recovered');
    expect(recovered).toMatchObject({ how: 'back' });
    expect(recovered?.second).toBeGreaterThan(start + 600);
    expect(recovered?.second).toBeLessThan(start + 900);
  });

  it('calls up high and down low, with a score of that sign', () => {
    const start = MONDAY + 6 * HOUR;
    const up = opened(watch(PAYMENT, 6 * HOUR + 300, [{ from: start, to: start + 300, volume: 6 }]));
    const down = opened(watch(PAYMENT, 6 * HOUR + 300, [{ from: start, to: start + 300, volume: 0 }]));
    expect(up.map(({ finding }) => [finding.direction, Math.sign(finding.score)])).toEqual([['high', 1]]);
    expect(down.map(({ finding }) => [finding.direction, Math.sign(finding.score)])).toEqual([['low', -1]]);
  });

  it('is not taught by an incident: the next one of the same kind is found too, and the return to normal is no drop', () => {
    const at = (hour: number) => MONDAY + hour * HOUR;
    const incidents = [36, 38, 60].map((hour) => ({ from: at(hour), to: at(hour) + 1800, volume: 4 }));
    const found = opened(watch(PAYMENT, 62 * HOUR, incidents));
    expect(found.map(({ finding }) => finding.direction)).toEqual(['high', 'high', 'high']);
  });

  it('announces a level shift once, then takes it for the new normal', () => {
    const start = MONDAY + 12 * HOUR;
    const events = watch(PAYMENT, 24 * HOUR, [{ from: start, to: start + DAY, volume: 3 }]);
    expect(said(events).filter((line) => !line.endsWith('worsened'))).toEqual(['volume opened', 'volume recovered']);
    expect(events.at(-1)).toMatchObject({ type: 'recovered', how: 'accepted' });
  });

  it('has nothing to say about a flat series, a series of nothing, or a trickle', () => {
    const flat = new SourceWatch(MEDIUM);
    const empty = new SourceWatch(MEDIUM);
    const events: SeriesEvent[] = [];
    for (let second = MONDAY; second < MONDAY + 3 * HOUR; second++) {
      events.push(...flat.observe(second, frameOf(10)), ...empty.observe(second, frameOf(0)));
    }
    expect(events).toEqual([]);
    expect(flat.expected('volume')?.rate).toBeCloseTo(10, 1);
    // σ has a floor: Poisson's, and 4 % of the rate.
    expect(flat.expected('volume')?.dispersion).toBe(1);
    expect(flat.expected('volume')?.relative).toBeGreaterThanOrEqual(0.04);
    expect(watch({ ...PAYMENT, rate: 0.02, errorShare: 0.05 }, 2 * DAY, [])).toEqual([]);
  });

  it('finds one more line than a clock ticks in a flat series neither infinite nor worth a word', () => {
    const flat = new SourceWatch(MEDIUM);
    for (let second = MONDAY; second < MONDAY + HOUR; second++) flat.observe(second, frameOf(10));
    expect(flat.observe(MONDAY + HOUR, frameOf(11))).toEqual([]);
  });

  it('takes seconds nobody looked at for unknown, not for empty', () => {
    const blind = new SourceWatch(MEDIUM);
    const traffic = new Traffic(PAYMENT, { seed: 3, reference: MONDAY });
    const events: SeriesEvent[] = [];
    for (let second = MONDAY; second < MONDAY + 4 * HOUR; second++) {
      const isBlind = second >= MONDAY + 2 * HOUR && second < MONDAY + 3 * HOUR;
      events.push(...blind.observe(second, isBlind ? null : traffic.frame(second)));
    }
    expect(events).toEqual([]);
    expect(blind.learnt().n).toBeLessThan(3 * HOUR);
  });

  it('refuses a second that comes twice', () => {
    const watched = new SourceWatch(MEDIUM);
    watched.observe(MONDAY, frameOf(3));
    expect(() => watched.observe(MONDAY, frameOf(3))).toThrow(RangeError);
  });

  it('says how far it has learnt', () => {
    const watched = new SourceWatch(MEDIUM);
    expect(watched.learnt()).toEqual({ state: 'learning', hours: 0, n: 0 });
    expect(watched.expected('volume')).toBeNull();
    watch(PAYMENT, 2 * HOUR, [], watched);
    expect(watched.learnt().state).toBe('learning');
    expect(watched.learnt().hours).toBeCloseTo(2, 1);
    expect(watched.expected('volume')?.rate).toBeCloseTo(8, 0);
    expect(watched.expected('error_rate')?.rate).toBeCloseTo(0.005, 2);
  });

  it('is wider awake at high sensitivity than at low', () => {
    const start = MONDAY + 6 * HOUR;
    const found = (sensitivity: WatchSettings['sensitivity']) =>
      opened(
        watch(
          PAYMENT,
          6 * HOUR + 60,
          [{ from: start, to: start + 60, volume: 2.2 }],
          new SourceWatch({ ...MEDIUM, sensitivity }),
        ),
      )[0]?.second ?? Number.POSITIVE_INFINITY;
    expect(found('high')).toBeLessThanOrEqual(found('medium'));
    expect(found('medium')).toBeLessThanOrEqual(found('low'));
  });
});

/** An hour of ordinary traffic behind it. */
function learntWatch(): SourceWatch {
  const watched = new SourceWatch(MEDIUM);
  watch(PAYMENT, HOUR, [], watched);
  return watched;
}

describe('a running second', () => {
  it('that has already crossed raises an early anomaly, which its close confirms', () => {
    const watched = learntWatch();
    const second = MONDAY + HOUR;
    expect(watched.peek(second, frameOf(20))).toEqual([]);
    expect(said(watched.peek(second, frameOf(90)))).toEqual(['volume early']);
    expect(watched.peek(second, frameOf(95))).toEqual([]);
    expect(said(watched.observe(second, frameOf(96)))).toEqual(['volume confirmed']);
  });

  it('whose errors turn out to be few is withdrawn at its close', () => {
    const watched = learntWatch();
    const second = MONDAY + HOUR;
    expect(said(watched.peek(second, frameOf(12, 12)))).toEqual(['error_rate early']);
    expect(said(watched.observe(second, frameOf(900, 12)))).toContain('error_rate withdrawn');
  });

  it('teaches nothing', () => {
    const [peeked, plain] = [learntWatch(), learntWatch()];
    for (let i = 0; i < 5; i++) peeked.peek(MONDAY + HOUR + i, frameOf(9, 0));
    expect(peeked.snapshot()).toEqual(plain.snapshot());
  });
});

describe('a watch that is restored', () => {
  it('goes on to the bit as if it had never stopped', () => {
    assert(
      property(
        integer(),
        integer({ min: 1, max: 3000 }),
        double({ min: 0.2, max: 60, noNaN: true }),
        (seed, cut, rate) => {
          const random = new SeededRandom(seed);
          const frames = Array.from({ length: 4000 }, (_, i) => {
            if (random.uniform() < 0.001) return null;
            const events = random.counts(i > 2500 && i < 2700 ? rate * 6 : rate, 1.5);
            return frameOf(events, random.binomial(events, 0.02));
          });
          // A stretch that nobody fed follows the cut now and then: time then jumps for the restored watch, too.
          const jump = random.uniform() < 0.5 ? 0 : 5000;
          const live = new SourceWatch(MEDIUM);
          const first = new SourceWatch(MEDIUM);
          frames.slice(0, cut).forEach((frame, i) => {
            live.observe(MONDAY + i, frame);
            first.observe(MONDAY + i, frame);
          });
          const restored = SourceWatch.restore(first.snapshot(), MEDIUM);
          for (let i = cut; i < frames.length; i++) {
            const second = MONDAY + jump + i;
            expect(restored.observe(second, frames[i])).toEqual(live.observe(second, frames[i]));
          }
          expect(restored.snapshot()).toEqual(live.snapshot());
        },
      ),
      { numRuns: 25 },
    );
  });

  it('refuses bytes that are cut short, too long, or from another version', () => {
    const watched = new SourceWatch(MEDIUM);
    watch(PAYMENT, HOUR, [], watched);
    const bytes = watched.snapshot();
    expect(() => SourceWatch.restore(bytes.slice(0, -1), MEDIUM)).toThrow(/ends too early/);
    expect(() => SourceWatch.restore(Uint8Array.of(...bytes, 0), MEDIUM)).toThrow(/too many/);
    const older = bytes.slice();
    new DataView(older.buffer).setFloat64(0, 99, true);
    expect(() => SourceWatch.restore(older, MEDIUM)).toThrow(/version 99/);
  });
});

describe('two weeks of ordinary traffic', () => {
  // Across the American clock change of 8 March 2026, two Mondays, two deploys.
  it.each(EIGHT_SERVICES)('of $service are quiet at medium, after the first day', (rhythm) => {
    const events = opened(watch(rhythm, 14 * DAY, []));
    expect(events.filter(({ second }) => second >= MONDAY + DAY).map(({ finding }) => finding.reason)).toEqual([]);
    // What nobody could have known is told: the job's first night, once.
    expect(events).toHaveLength(rhythm.job ? 1 : 0);
  });

  it.each([
    ['Europe/Berlin', 'spring', Date.UTC(2026, 2, 29) / 1000],
    ['Europe/Berlin', 'autumn', Date.UTC(2026, 9, 25) / 1000],
    ['America/New_York', 'spring', Date.UTC(2026, 2, 8) / 1000],
    ['America/New_York', 'autumn', Date.UTC(2026, 10, 1) / 1000],
  ])('in %s stay quiet over the night in %s when the clocks change', (timeZone, _season, sunday) => {
    const rhythm = { ...PAYMENT, rate: 12, daily: 0.8, timeZone };
    expect(watch(rhythm, 7 * DAY, [], new SourceWatch({ ...MEDIUM, timeZone }), sunday - 5 * DAY)).toEqual([]);
  });
});
