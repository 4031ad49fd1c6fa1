import { describe, expect, it } from 'vitest';
import { LocalClock } from './local-clock.ts';
import { RuledSlots } from './ruling.ts';
import { earned, Season } from './season.ts';
import { SLOTS_A_DAY } from './slots.ts';

const CHANCE = 0.001;
const DAY = 86_400;
/** 2026-03-02, a Monday. */
const MONDAY = Date.UTC(2026, 2, 2) / DAY / 1000;
const NINE = 9 * 12;

/** Three weeks in which Mondays rise threefold at nine and other days by half. */
function threeWeeks(): Season {
  const season = new Season();
  for (let day = MONDAY; day < MONDAY + 21; day++) {
    for (let slot = 0; slot < SLOTS_A_DAY; slot++) {
      const step = slot === NINE ? Math.log((day - MONDAY) % 7 === 0 ? 3 : 1.5) : 0;
      season.learn(day * SLOTS_A_DAY + slot, { step, error: 0, variance: CHANCE, quarantined: false });
    }
  }
  return season;
}

describe('a season', () => {
  it('is not believed while it could be chance, and more with every visit after that', () => {
    expect(earned(0.05, CHANCE, 1)).toBe(0);
    const believed = [2, 5, 20, 100].map((visits) => earned(0.05, CHANCE, visits));
    expect(believed).toEqual(believed.toSorted((a, b) => a - b));
    expect(believed.at(-1)).toBeGreaterThan(0.045);
    expect(earned(0.05, CHANCE, 0)).toBe(0);
  });

  it('lends the habit of a slot to the slots beside it, across midnight', () => {
    const season = new Season();
    season.learn(MONDAY * SLOTS_A_DAY, { step: 0, error: Math.log(10), variance: CHANCE, quarantined: true });
    expect(season.volatility((MONDAY + 1) * SLOTS_A_DAY - 1)).toBeGreaterThan(5);
    expect(season.volatility((MONDAY + 1) * SLOTS_A_DAY + 1)).toBeGreaterThan(5);
    expect(season.volatility((MONDAY + 1) * SLOTS_A_DAY + 2)).toBe(0);
  });

  it('shows the Mondays that a Monday rests on, and moves when one is struck out', () => {
    const season = threeWeeks();
    const nextMonday = (MONDAY + 21) * SLOTS_A_DAY + NINE;
    const { buckets, trust, step } = season.explain(nextMonday);
    const mondays = buckets.filter(({ layer }) => layer === 'week');
    expect(mondays.map(({ wallSlot }) => Math.floor(wallSlot / SLOTS_A_DAY))).toEqual([
      MONDAY,
      MONDAY + 7,
      MONDAY + 14,
    ]);
    expect(mondays.map(({ weight }) => weight)).toEqual([1 / 3, 1 / 3, 1 / 3]);
    expect(trust.week).toBeGreaterThan(0.5);
    const struck = {
      id: 'a',
      signal: null,
      from: (MONDAY + 14) * DAY,
      to: (MONDAY + 15) * DAY,
      rule: 'exclude',
    } as const;
    season.rule(new RuledSlots([struck], 'volume', new LocalClock('UTC')));
    const without = season.explain(nextMonday);
    expect(without.buckets.filter(({ use }) => use === 'excluded')).toHaveLength(2);
    expect(without.step).not.toBe(step);
    season.rule(null);
    expect(season.explain(nextMonday)).toEqual({ buckets, trust, step });
  });

  it('keeps a verdict on one signal from the other', () => {
    const ruling = { id: 'a', signal: 'error_rate', from: 0, to: DAY, rule: 'learn' } as const;
    const utc = new LocalClock('UTC');
    expect(new RuledSlots([ruling], 'error_rate', utc).at(5)).toBe('learn');
    expect(new RuledSlots([ruling], 'volume', utc).at(5)).toBeNull();
    expect(new RuledSlots([ruling, { ...ruling, rule: 'exclude' }], 'error_rate', utc).at(5)).toBe('exclude');
  });
});
