import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { snappyLength, unpackSnappy } from './snappy.ts';

function unpacked(packed: Uint8Array): string | null {
  const length = snappyLength(packed);
  if (length < 0 || length > 1_000_000) return null;
  const target = Buffer.alloc(length);
  return unpackSnappy(packed, target) ? target.toString() : null;
}

describe('snappy', () => {
  it('unpacks literals and copies of one, two and four bytes of offset, also such as overlap', () => {
    const abcd = [0b0000_1100, 0x61, 0x62, 0x63, 0x64];
    expect(unpacked(Buffer.from([4, ...abcd]))).toBe('abcd');
    expect(unpacked(Buffer.from([8, ...abcd, 0b0000_0001, 4]))).toBe('abcdabcd');
    expect(unpacked(Buffer.from([9, ...abcd, 0b0001_0010, 1, 0]))).toBe('abcdddddd');
    expect(unpacked(Buffer.from([7, ...abcd, 0b0000_1011, 2, 0, 0, 0]))).toBe('abcdcdc');
    const long = 'x'.repeat(300);
    expect(unpacked(Buffer.concat([Buffer.from([0xac, 0x02, 0b1111_0100, 43, 1]), Buffer.from(long)]))).toBe(long);
  });

  it('refuses what reaches out of its bounds', () => {
    for (const bytes of [
      [],
      [0xff, 0xff, 0xff, 0xff, 0xff],
      [5, 0b0000_1100, 0x61, 0x62, 0x63, 0x64],
      [3, 0b0000_1100, 0x61, 0x62, 0x63, 0x64],
      [4, 0b0000_1100, 0x61],
      [4, 0b0000_0001, 1],
      [8, 0b0000_1100, 0x61, 0x62, 0x63, 0x64, 0b0000_0001, 5],
      [8, 0b0000_1100, 0x61, 0x62, 0x63, 0x64, 0b0000_0001, 0],
      [8, 0b0000_1100, 0x61, 0x62, 0x63, 0x64, 0b0000_0010, 1],
      [4, 0b1111_1100, 0xff, 0xff],
    ]) {
      expect(unpacked(Buffer.from(bytes))).toBeNull();
    }
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        unpacked(Buffer.from(bytes));
      }),
      { numRuns: 20_000 },
    );
  });
});
