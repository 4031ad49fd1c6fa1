import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PairTable } from './pair-table.ts';

describe('pair table', () => {
  it('numbers pairs as they first come, also after it was cleared', () => {
    const table = new PairTable();
    const pair = fc.tuple(fc.integer(), fc.integer({ min: 0, max: 3 }));
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 300 }), (pairs) => {
        table.clear();
        const seen = [...new Set(pairs.map((each) => each.join()))];
        expect(pairs.map(([first, second]) => table.add(first, second))).toEqual(
          pairs.map((each) => seen.indexOf(each.join())),
        );
        expect(table.size).toBe(seen.length);
      }),
      { numRuns: 300 },
    );
  });
});
