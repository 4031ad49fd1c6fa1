import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { momentOf, secondOf } from './clock.ts';
import { ago, duration, stopwatch } from './duration.ts';
import { briefly, bytes, exactly, percent, plural, reading } from './quantity.ts';
import { visiblePieces, visibleText } from './visible-text.ts';

describe('quantities', () => {
  it('groups thousands and keeps small numbers readable', () => {
    expect([18_402, 1480.4, 9.96, 4.25, 0.0333, 0].map(exactly)).toEqual([
      '18,402',
      '1,480',
      '10',
      '4.3',
      '0.033',
      '0',
    ]);
  });

  it('shortens for axes without ever writing 1,000 k', () => {
    expect([1400, 999_950, 999, 2_500_000, 0].map(briefly)).toEqual(['1.4 k', '1 M', '999', '2.5 M', '0']);
  });

  it('says the unit of each signal', () => {
    expect([reading('volume', 1480), reading('error_rate', 0.042)]).toEqual(['1,480/s', '4.2 %']);
    expect(percent(0)).toBe('0 %');
  });

  it('counts things and bytes', () => {
    expect([plural(1, 'source'), plural(8, 'source'), bytes(3_500_000)]).toEqual(['1 source', '8 sources', '3.3 MiB']);
  });
});

describe('durations', () => {
  it('uses at most two units', () => {
    expect([420, 42_900, 192_000, 7_500_000, 273_600_000].map(duration)).toEqual([
      '0.4 s',
      '42 s',
      '3 m 12 s',
      '2 h 5 m',
      '3 d 4 h',
    ]);
  });

  it('never shows a negative age when clocks disagree', () => {
    expect([duration(-900), stopwatch(-900)]).toEqual(['0.0 s', '0:00']);
  });

  it('writes ages that grow under the eye like a stopwatch', () => {
    expect([42_000, 725_000, 3_725_000].map(stopwatch)).toEqual(['0:42', '12:05', '1:02:05']);
    expect(ago(192_000)).toBe('3 m ago');
  });
});

describe('clock', () => {
  it('writes midnight as 00, in UTC', () => {
    expect(secondOf(1_767_225_600_000, 'utc')).toBe('00:00:00');
  });

  it('adds the day only where it is another one', () => {
    const noon = 1_767_268_800_000;
    expect(momentOf(noon - 3_600_000, 'utc', noon)).toBe('11:00:00');
    expect(momentOf(noon - 86_400_000, 'utc', noon)).toBe('Wed 31 Dec 12:00:00');
  });
});

describe('visible text', () => {
  it('shows control, bidirectional and invisible characters as escapes', () => {
    expect(visibleText('user=\u202Enimda\u202C\u0007 ok\r\n')).toBe('user=\\u202enimda\\u202c\\u0007 ok\\r\\n');
    expect(visiblePieces('a\u200bb').map((piece) => piece.escaped)).toEqual([false, true, false]);
  });

  it('leaves ordinary text of any language as it is', () => {
    for (const line of [
      'Zahlung für Käufer №7 abgelehnt\t(-3 €)',
      '支付失败: 连接池已耗尽',
      'שגיאה בתשלום',
      '🔥 down',
    ]) {
      expect(visiblePieces(line)).toEqual([{ text: line, escaped: false }]);
    }
  });

  it('leaves nothing unseen in any input', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(visibleText(text).replaceAll('\t', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
      }),
    );
  });
});
