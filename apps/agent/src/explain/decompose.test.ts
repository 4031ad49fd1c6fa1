import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byRarest, type Cell, decompose } from './decompose.ts';

const cell = (templateId: string, count: number, past: readonly number[], isNew = false): Cell => ({
  templateId,
  sourceId: 'api',
  count,
  past,
  isNew,
});
const each = (templateId: string) => templateId;

describe('a range by cluster', () => {
  it('says what is new, gone, more, fewer and as always', () => {
    const cells = [
      cell('usual', 102, [100, 98, 101, 103]),
      cell('surging', 400, [100, 98, 101, 103]),
      cell('missing', 20, [100, 98, 101, 103]),
      cell('gone', 0, [40, 38, 45, 41]),
      cell('new', 3, [0, 0, 0, 0], true),
    ];
    const { parts } = decompose(cells, each);
    expect(parts.map(({ clusterId, status }) => [clusterId, status])).toEqual([
      ['surging', 'surging'],
      ['missing', 'missing'],
      ['gone', 'gone'],
      ['new', 'new'],
      ['usual', 'steady'],
    ]);
  });

  it('is not led by one bad Monday in the past', () => {
    const { parts } = decompose(
      [cell('after', 100, [100, 2000, 98, 101]), cell('surge', 300, [100, 102, 98, 101])],
      each,
    );
    expect(parts[0].clusterId).toBe('surge');
    expect(parts[1]).toMatchObject({ moved: 0, status: 'steady' });
  });

  it('puts first what moved within a cluster that as a whole did not: a renamed message', () => {
    const cells = [
      cell('old', 0, [200, 210, 190, 205]),
      cell('new', 201, [0, 0, 0, 0], true),
      cell('noise', 2100, [2000, 2050, 1980, 2010]),
    ];
    const { parts } = decompose(cells, (id) => (id === 'noise' ? 'noise' : 'handled'));
    expect(parts[0]).toMatchObject({ clusterId: 'handled', count: 201 });
  });

  it('can be read rarest first, what did not come at all last', () => {
    const cells = [cell('many', 100, [100]), cell('gone', 0, [100]), cell('one', 1, [1]), cell('first', 1, [0], true)];
    const { parts } = decompose(cells, each);
    expect(parts.toSorted(byRarest).map(({ clusterId }) => clusterId)).toEqual(['first', 'one', 'many', 'gone']);
  });

  it('adds up exactly, whatever the past', () => {
    const amount = fc.oneof(fc.nat(10_000), fc.double({ min: 0, max: 10_000, noNaN: true }));
    const cells = fc.array(
      fc.record({
        templateId: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        sourceId: fc.constantFrom('api', 'web'),
        count: fc.nat(10_000),
        past: fc.array(amount, { maxLength: 4 }),
        isNew: fc.boolean(),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(cells, (all) => {
        const { total, expected, parts } = decompose(all, each);
        expect(parts.reduce((sum, part) => sum + part.count, 0)).toBe(total);
        expect(parts.reduce((sum, part) => sum + part.expected, 0)).toBe(expected);
        expect(parts.reduce((sum, part) => sum + (part.count - part.expected), 0)).toBe(total - expected);
      }),
    );
  });
});
