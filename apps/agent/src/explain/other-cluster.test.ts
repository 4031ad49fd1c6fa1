import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RangeCell } from './count-cells.ts';
import { cellsAgainst } from './other-cluster.ts';

const cell = (templateId: string, sourceId: string, count: number): [string, RangeCell] => [
  `${templateId}/${sourceId}`,
  { templateId, sourceId, count, steps: Float64Array.of(count), seen: { fromSecond: 0, toSecond: 1 } },
];
const textOf = (id: string) => `text of ${id}`;
const other = (...templates: { template_id: string; text: string; count: number }[]) => {
  return { kind: 'other_cluster', name: 'US', templates } as const;
};

describe('a range beside what another cluster logged', () => {
  it('expects as many events, shared out as they are there', () => {
    const here = new Map([cell('paid', 'shop-1', 60), cell('paid', 'shop-2', 30), cell('pool', 'shop-1', 10)]);
    const there = other(
      { template_id: 'paid', text: textOf('paid'), count: 900 },
      { template_id: 'disk', text: 'disk <*> is full', count: 100 },
    );
    expect(cellsAgainst({ cells: here, total: 100 }, there, textOf)).toEqual([
      { templateId: 'paid', sourceId: 'shop-1', count: 60, past: [60], isNew: false },
      { templateId: 'paid', sourceId: 'shop-2', count: 30, past: [30], isNew: false },
      { templateId: 'pool', sourceId: 'shop-1', count: 10, past: [0], isNew: true },
      { templateId: 'disk', sourceId: 'US', count: 0, past: [10], isNew: false },
    ]);
  });

  it('knows a template by its text where the ids differ', () => {
    const here = new Map([cell('paid', 'shop-1', 8)]);
    const there = other({ template_id: 'elsewhere', text: textOf('paid'), count: 2 });
    expect(cellsAgainst({ cells: here, total: 8 }, there, textOf)).toMatchObject([{ templateId: 'paid', past: [8] }]);
  });

  it('loses no event, and expects as many as came, whatever both logged', () => {
    const counts = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 1, max: 1e6 })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(counts, counts, (mine, theirs) => {
        const here = new Map(mine.map(([id, count], i) => cell(id, `source-${i % 3}`, count)));
        const total = here.values().reduce((sum, { count }) => sum + count, 0);
        const there = other(...theirs.map(([id, count]) => ({ template_id: id, text: textOf(id), count })));
        const cells = cellsAgainst({ cells: here, total }, there, textOf);
        expect(cells.reduce((sum, { count }) => sum + count, 0)).toBe(total);
        expect(cells.reduce((sum, { past }) => sum + past[0], 0) / total).toBeCloseTo(1, 9);
      }),
    );
  });
});
