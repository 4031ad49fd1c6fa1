import type { ExplainRow } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { headlineOf } from './explain-headline.ts';

type Counted = Pick<ExplainRow, 'count' | 'expected' | 'status'>;

function say(rows: readonly Counted[], rest = { count: 0, expected: 0 }) {
  const full = rows.map((row) => ({ ...row, excess: row.count - row.expected }) as ExplainRow);
  const total = rows.reduce((sum, row) => sum + row.count, rest.count);
  const expected = rows.reduce((sum, row) => sum + row.expected, rest.expected);
  const remainder = { ...rest, clusters: 4 };
  return headlineOf(full, { total, expected, excess: total - expected, remainder, missing: 0 });
}

const surging = (count: number, expected: number): Counted => ({ count, expected, status: 'surging' });

describe('the headline of an explanation', () => {
  it('names as few patterns as explain nine tenths', () => {
    const rows = [surging(9000, 400), surging(6500, 100), surging(2500, 200), surging(300, 200)];
    expect(say(rows, { count: 1102, expected: 100 })).toEqual({
      words: '3 patterns explain 94 % of 18,402 extra lines',
      sum: '19,402 lines, 1,000 expected: +18,402 = +17,400 in 4 rows +1,002 in the remainder',
    });
  });

  it('speaks of one', () => {
    expect(say([surging(980, 10)]).words).toBe('1 pattern explains 100 % of 970 extra lines');
  });

  it('never says more than 100 %: what went the other way is said', () => {
    expect(say([surging(1300, 100), { count: 100, expected: 300, status: 'missing' }]).words).toBe(
      '1 pattern brought 1,200 extra lines; others fell short by 200',
    );
  });

  it('speaks of lines that are missing', () => {
    expect(say([{ count: 0, expected: 950, status: 'gone' }], { count: 40, expected: 50 }).words).toBe(
      '1 pattern explains 98 % of 960 missing lines',
    );
  });

  it('does not make a story of nothing, and still tells what is new', () => {
    expect(say([surging(1010, 1000), { count: 3, expected: 0, status: 'new' }]).words).toBe(
      'As many lines as expected, but 1 new pattern',
    );
    expect(say([]).words).toBe('No lines in this range, and none expected');
  });
});
