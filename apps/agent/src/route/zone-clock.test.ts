import { assert, constantFrom, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { zoneClock } from './zone-clock.ts';

const DAY_MS = 86_400_000;
const zones = constantFrom(...Intl.supportedValuesOf('timeZone'));

describe('the clock of a zone', () => {
  it('shows at an instant of a wall-clock time that very time, or the first one after a jump', () => {
    assert(
      property(zones, integer({ min: 18_000, max: 24_000 }), integer({ min: 0, max: 1439 }), (zone, day, minute) => {
        const clock = zoneClock(zone);
        const wall = day * DAY_MS + minute * 60_000;
        const first = clock.instantOf(day, minute, 'first');
        const last = clock.instantOf(day, minute, 'last');
        expect(first).toBeLessThanOrEqual(last);
        if (clock.wallMs(first) !== wall) {
          // Skipped: one minute before, the wall showed something earlier.
          expect(clock.wallMs(first)).toBeGreaterThan(wall);
          expect(clock.wallMs(first - 60_000)).toBeLessThan(wall);
        } else expect(clock.wallMs(last)).toBe(wall);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps order: a later time on the wall is never an earlier instant of the same pass', () => {
    assert(
      property(zones, integer({ min: 20_400, max: 20_820 }), integer({ min: 0, max: 1410 }), (zone, day, minute) => {
        const clock = zoneClock(zone);
        for (const pass of ['first', 'last'] as const)
          expect(clock.instantOf(day, minute, pass)).toBeLessThanOrEqual(clock.instantOf(day, minute + 30, 'last'));
      }),
      { numRuns: 300 },
    );
  });

  it('refuses a zone that there is not', () => {
    expect(() => zoneClock('Mars/Olympus')).toThrow(RangeError);
  });
});
