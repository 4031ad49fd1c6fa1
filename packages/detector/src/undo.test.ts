import { describe, expect, it } from 'vitest';
import type { Ruling } from './baseline/ruling.ts';
import { SourceWatch } from './source-watch.ts';
import { EIGHT_SERVICES, Traffic } from './testing/index.ts';

const DAY = 86_400;
/** 2026-03-02 00:00 UTC, a Monday. */
const MONDAY = Date.UTC(2026, 2, 2) / 1000;
const PAYMENT = EIGHT_SERVICES.find(({ service }) => service === 'payment-service')!;
const SETTINGS = { sensitivity: 'medium', timeZone: 'Europe/Berlin' } as const;

/** Ten days; on the eighth, ten minutes of six times the traffic. */
const burst = { from: MONDAY + 8 * DAY + 36_000, to: MONDAY + 8 * DAY + 36_600, volume: 6 };

describe('learning that can be undone', () => {
  const traffic = new Traffic(PAYMENT, { seed: 4, reference: MONDAY, disturbances: [burst] });
  const watch = new SourceWatch(SETTINGS);
  for (let second = MONDAY; second < MONDAY + 9 * DAY; second++) watch.observe(second, traffic.frame(second));
  const nextDay = burst.from + DAY;
  const verdict = (rule: Ruling['rule']): Ruling => ({
    id: 'anomaly',
    signal: 'volume',
    from: burst.from,
    to: burst.to + 120,
    rule,
  });
  const steps = () => [0, 300, 600].map((after) => watch.explain('volume', nextDay + after));

  /** Anomalies of the day after, with the same burst at the same time. */
  function told(rulings: readonly Ruling[]): number {
    const next = new Traffic(PAYMENT, {
      seed: 9,
      reference: MONDAY,
      disturbances: [{ ...burst, from: nextDay, to: nextDay + 600 }],
    });
    const from = SourceWatch.restore(watch.snapshot(), { ...SETTINGS, rulings });
    let opened = 0;
    for (let second = MONDAY + 9 * DAY; second < nextDay + 1200; second++) {
      const events = from.observe(second, next.frame(second));
      opened += events.filter(({ type, signal }) => type === 'opened' && signal === 'volume').length;
    }
    return opened;
  }

  it('subtracts and adds exactly the buckets of an anomaly, and back again to the bit, over and over', () => {
    const [state, before] = [watch.snapshot(), steps()];
    for (const rule of ['learn', 'exclude', 'learn', 'exclude'] as const) {
      watch.configure({ ...SETTINGS, rulings: [verdict(rule)] });
      const ruled = steps();
      expect(ruled).not.toEqual(before);
      expect(ruled[0].buckets.filter(({ use }) => use === 'excluded').length > 0).toBe(rule === 'exclude');
      watch.configure(SETTINGS);
      expect(watch.snapshot()).toEqual(state);
      expect(steps()).toEqual(before);
    }
  });

  it('is the same after a restart', () => {
    watch.configure({ ...SETTINGS, rulings: [verdict('learn')] });
    const said = steps();
    const again = SourceWatch.restore(watch.snapshot(), { ...SETTINGS, rulings: [verdict('learn')] });
    expect([0, 300, 600].map((after) => again.explain('volume', nextDay + after))).toEqual(said);
    watch.configure(SETTINGS);
  });

  it('an anomaly called noise is not told again at that time of day; one that is real, or that nobody judged, is', () => {
    expect(told([verdict('learn')])).toBe(0);
    expect(told([verdict('exclude')])).toBe(1);
    expect(told([])).toBe(1);
  });
});
