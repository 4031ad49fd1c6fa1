import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainEnd } from './json-lexemes.ts';

const isPlain = (byte: number): boolean => byte >= 0x20 && byte !== 0x22 && byte !== 0x5c;

/** Mostly text, and every byte next to one that ends it. */
const byte = fc.oneof(
  fc.constantFrom(0x00, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x5b, 0x5c, 0x5d, 0x7f, 0x80, 0x9f, 0xa2, 0xdc, 0xff),
  fc.integer({ min: 0x61, max: 0x7a }),
  fc.integer({ min: 0x61, max: 0x7a }),
  fc.nat(255),
);

describe('the end of plain text, four bytes a step', () => {
  it('is where a look at each byte finds it, wherever the text begins and ends', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 4 }),
        fc.array(byte, { maxLength: 24 }),
        fc.nat(8),
        (before, text, cut) => {
          const bytes = Uint8Array.from([...before, ...text]);
          // The bytes are a part of a larger buffer, as those of a request are.
          const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
          const end = Math.max(before.length, bytes.length - cut);
          const found = bytes.subarray(before.length, end).findIndex((each) => !isPlain(each));
          expect(plainEnd(view, before.length, end)).toBe(found < 0 ? end : before.length + found);
        },
      ),
      { numRuns: 5000 },
    );
  });
});
