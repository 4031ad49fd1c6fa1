import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nanosFixedMs, nanosTextMs } from './nanoseconds.ts';

describe('nanoseconds', () => {
  it('become the millisecond that they lie in, exactly, to the year 2554', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (nanos) => {
        const fixed = Buffer.alloc(8);
        fixed.writeBigUInt64LE(nanos);
        const text = Buffer.from(String(nanos));
        const ms = Number(nanos / 1_000_000n);
        expect(nanosFixedMs(fixed, 0)).toBe(ms);
        expect(nanosTextMs(text, 0, text.length)).toBe(ms);
      }),
    );
  });

  it('of the last moment of a second stay in it', () => {
    const text = Buffer.from('1767225600999999999');
    expect(nanosTextMs(text, 0, text.length)).toBe(1_767_225_600_999);
  });

  it.each(['', '-1', '1.5', '1e9', ' 1'])('are no time as %j', (text) => {
    expect(nanosTextMs(Buffer.from(text), 0, text.length)).toBeNaN();
  });
});
