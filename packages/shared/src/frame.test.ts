import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countsAt, EMPTY_COUNTS, FRAME_COLUMNS, FrameBlock } from './frame.ts';

const SLOTS = 60;
const block = fc
  .array(
    fc.record({
      slot: fc.nat(SLOTS - 1),
      column: fc.nat(FRAME_COLUMNS.length - 1),
      amount: fc.oneof(fc.nat(300), fc.integer({ min: 2 ** 31, max: 2 ** 50 })),
    }),
    { maxLength: 80 },
  )
  .map((entries) => {
    const made = new FrameBlock(SLOTS);
    for (const { slot, column, amount } of entries) made.add(slot, column, amount);
    return made;
  });

const merged = (...blocks: readonly FrameBlock[]) => {
  const sum = new FrameBlock(SLOTS);
  for (const each of blocks) sum.merge(each);
  return [...sum.cells];
};

it('counts lie in the order of their names', () => {
  const cells = Float64Array.from({ length: 2 * FRAME_COLUMNS.length }, (_, at) => at);
  const named = FRAME_COLUMNS.map((name, column) => [name, FRAME_COLUMNS.length + column]);
  expect(countsAt(cells, FRAME_COLUMNS.length)).toEqual(Object.fromEntries(named));
});

describe('a frame block', () => {
  it('reads back exactly what it wrote', () => {
    fc.assert(
      fc.property(block, (b) => {
        expect([...FrameBlock.decode(b.encode()).cells]).toEqual([...b.cells]);
      }),
    );
  });

  it('merges in any order and any grouping to the same block', () => {
    fc.assert(
      fc.property(block, block, block, (a, b, c) => {
        expect(merged(a, b, c)).toEqual(merged(c, b, a));
        const ab = new FrameBlock(SLOTS, Float64Array.from(merged(a, b)));
        expect(merged(ab, c)).toEqual(merged(a, b, c));
      }),
    );
  });

  it('takes a whole frame at a slot and gives it back', () => {
    const b = new FrameBlock(SLOTS);
    b.addFrame(7, { ...EMPTY_COUNTS, info: 120, error: 3, bytes: 23_000 });
    expect(b.counts(7)).toEqual({ ...EMPTY_COUNTS, info: 120, error: 3, bytes: 23_000 });
    expect(b.get(7, 'error')).toBe(3);
    expect(b.counts(6)).toEqual(EMPTY_COUNTS);
  });

  it('stays small when the minute was quiet', () => {
    const b = new FrameBlock(SLOTS);
    b.add(31, 1, 2);
    expect(b.encode().length).toBeLessThan(40);
  });

  it('refuses bytes of another version and bytes that end early', () => {
    const bytes = new FrameBlock(SLOTS).encode();
    expect(() => FrameBlock.decode(Uint8Array.from([9, ...bytes.slice(1)]))).toThrow(/version 9/);
    expect(() => FrameBlock.decode(bytes.slice(0, 5))).toThrow(/damaged/);
  });
});
