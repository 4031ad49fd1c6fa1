import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instantMs } from './instant.ts';

const ms = (text: string) => instantMs(Buffer.from(text), 0, Buffer.byteLength(text));
const NEW_YEAR = 1_767_225_600_000;

describe('instantMs', () => {
  it.each([
    ['2026-01-01T00:00:00Z', NEW_YEAR],
    ['2026-01-01T00:00:00.123456789Z', NEW_YEAR + 123],
    ['2026-01-01 00:00:00,5', NEW_YEAR + 500],
    ['2026-01-01t02:00:00+02:00', NEW_YEAR],
    ['2025-12-31T19:00:00-0500', NEW_YEAR],
    ['2026-01-01T05:30:00+0530', NEW_YEAR],
    ['2026-01-01T01:00:00+01', NEW_YEAR],
    ['2024-02-29T12:00:00Z', Date.UTC(2024, 1, 29, 12)],
    ['1767225600', NEW_YEAR],
    ['1767225600.25', NEW_YEAR + 250],
    ['1767225600123', NEW_YEAR + 123],
    ['1767225600123456', NEW_YEAR + 123.456],
    ['1.7672256e9', NEW_YEAR],
    ['0', 0],
    ['-5', -5000],
  ])('reads %s', (text, expected) => {
    expect(ms(text)).toBe(expected);
  });

  it('reads nanoseconds to the millisecond', () => {
    expect(Math.floor(ms('1767225600123456789'))).toBe(NEW_YEAR + 123);
  });

  it.each([
    'yesterday',
    '',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:00PST',
    '2026-01-01T00:00:00+1:00',
    '2026/01/01 00:00:00',
    '20x6-01-01T00:00:00Z',
    '1e5x',
    '12:30',
  ])('does not guess at "%s"', (text) => {
    expect(ms(text)).toBeNaN();
  });

  it('agrees with Date.parse on every ISO instant, whatever came before', () => {
    const date = fc.date({ min: new Date('1971-01-01'), max: new Date('2199-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(date, (instant) => {
        expect(ms(instant.toISOString())).toBe(instant.getTime());
      }),
    );
  });
});
