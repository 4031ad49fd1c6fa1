import { describe, expect, it } from 'vitest';
import { countPast, countRange, type TemplateCountsQuery, type TemplateCountsReader } from './count-cells.ts';

/** Monday 2 March 2026, 14:00 UTC. */
const TWO = Date.UTC(2026, 2, 2, 14) / 1000;
const HOUR = 3600;
const DAY = 86_400;

/** One event in every tenth second, stored in units of this at least. */
function aReader(stored = 1) {
  const queries: TemplateCountsQuery[] = [];
  const read: TemplateCountsReader = async (query) => {
    queries.push(query);
    const unit = Math.max(stored, query.stepSeconds);
    const fromSecond = Math.floor(query.fromSecond / unit) * unit;
    const toSecond = Math.ceil(query.toSecond / unit) * unit;
    const byUnit = new Map<number, number>();
    for (let t = fromSecond; t < toSecond; t++) {
      if (t % 10 !== 0) continue;
      const start = t - (t % unit);
      byUnit.set(start, (byUnit.get(start) ?? 0) + 1);
    }
    const counts = Array.from(byUnit, ([t, count]) => ({ source_id: 'api', template_id: 'a', t, count }));
    return { fromSecond, toSecond, unitSeconds: unit, counts };
  };
  return { queries, read };
}

const sources = (count: number) => Array.from({ length: count }, (_, at) => `source-${at}`);

describe('what came in a range', () => {
  it('is read by the second where that is little', async () => {
    const { read, queries } = aReader();
    const counted = await countRange(read, ['api'], { fromSecond: TWO + 7, toSecond: TWO + 907 });
    expect(queries.map(({ stepSeconds }) => stepSeconds)).toEqual([1]);
    expect(counted).toMatchObject({ total: 90, steps: 60, fromSecond: TWO + 7, toSecond: TWO + 907 });
  });

  it('is read by the minute or hour in the middle of long ranges, and is the same to the event', async () => {
    const { read, queries } = aReader();
    const range = { fromSecond: TWO - 20 * DAY + 7, toSecond: TWO + 907 };
    const counted = await countRange(read, ['api'], range);
    expect(queries.map(({ stepSeconds }) => stepSeconds)).toEqual([1, 60, 1]);
    expect(queries.map((query) => query.fromSecond).slice(1)).toEqual(
      queries.map((query) => query.toSecond).slice(0, -1),
    );
    expect(counted.total).toBe((range.toSecond - range.fromSecond) / 10);
    const many = aReader();
    await countRange(many.read, sources(50), range);
    expect(many.queries.map(({ stepSeconds }) => stepSeconds)).toEqual([1, 60, 3600, 60, 1]);
  });

  it('is whole minutes where the seconds are no longer kept', async () => {
    const { read } = aReader(60);
    const counted = await countRange(read, ['api'], { fromSecond: TWO + 7, toSecond: TWO + 907 });
    expect(counted).toMatchObject({ fromSecond: TWO, toSecond: TWO + 960, total: 96, steps: 16 });
  });

  it('is refused where it would be too much at once', async () => {
    const { read, queries } = aReader();
    const range = { fromSecond: TWO - 60 * DAY, toSecond: TWO };
    await expect(countRange(read, sources(10_000), range)).rejects.toThrow('name the sources');
    expect(queries).toEqual([]);
  });

  it('is taken in part of a past minute that lies in part in the range', async () => {
    const { read } = aReader(60);
    const [first, ...rest] = await countPast(read, ['api'], { fromSecond: TWO + 30, toSecond: TWO + HOUR });
    expect(first.count).toBe(3);
    expect(rest.reduce((sum, { count }) => sum + count, first.count)).toBe((HOUR - 30) / 10);
  });
});
