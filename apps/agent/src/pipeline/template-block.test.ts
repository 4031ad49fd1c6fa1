import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TemplateBlock } from './template-block.ts';

const IDS = ['00000000000000ff', 'ffffffffffffffff', '0123456789abcdef'];
const entries = fc.array(
  fc.tuple(fc.constantFrom(...IDS), fc.integer({ min: 0, max: 59 }), fc.integer({ min: 1, max: 2 ** 40 })),
  {
    maxLength: 40,
  },
);

function blockOf(added: readonly (readonly [string, number, number])[]): TemplateBlock {
  const block = new TemplateBlock();
  for (const [id, slot, events] of added) block.add(id, slot, events);
  return block;
}

const listed = ({ rows }: TemplateBlock) => Array.from(rows, ([id, row]) => `${id} ${row.join()}`).toSorted();

describe('a block of template counts', () => {
  it('comes back from its bytes as it was', () => {
    fc.assert(
      fc.property(entries, (added) => {
        expect(listed(TemplateBlock.decode(blockOf(added).encode()))).toEqual(listed(blockOf(added)));
      }),
    );
  });

  it('merges by addition, in any order, and a merge can be taken back', () => {
    fc.assert(
      fc.property(entries, entries, (one, other) => {
        const sum = blockOf([...one, ...other]);
        const merged = blockOf(other);
        merged.merge(blockOf(one));
        expect(listed(merged)).toEqual(listed(sum));
        expect(listed(merged.without(blockOf(one)) ?? new TemplateBlock())).toEqual(listed(blockOf(other)));
      }),
    );
  });

  it('refuses to take off more than there is, and bytes that are damaged or newer', () => {
    expect(() => blockOf([[IDS[0], 1, 2]]).without(blockOf([[IDS[0], 1, 3]]))).toThrow(/lost counts/);
    expect(() =>
      TemplateBlock.decode(
        blockOf([[IDS[0], 1, 2]])
          .encode()
          .slice(0, 9),
      ),
    ).toThrow(/damaged/);
    expect(() => TemplateBlock.decode(Uint8Array.of(9))).toThrow(/newer/);
  });
});
