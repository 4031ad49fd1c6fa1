import { describe, expect, it } from 'vitest';
import { isUuid, uuidv7 } from './ids.ts';

describe('uuidv7', () => {
  it('carries the time first, version 7 and the variant, whatever the entropy', () => {
    const id = uuidv7(1_767_225_600_000, new Uint8Array(10).fill(0xff));
    expect(id).toBe('019b76da-a800-7fff-bfff-ffffffffffff');
    expect(isUuid(id)).toBe(true);
  });

  it('sorts by time as text', () => {
    const entropy = new Uint8Array(10);
    expect(uuidv7(1000, entropy) < uuidv7(1001, entropy)).toBe(true);
  });

  it('is the same for the same time and entropy, and refuses too little of it', () => {
    const entropy = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(uuidv7(5, entropy)).toBe(uuidv7(5, entropy));
    expect(() => uuidv7(5, new Uint8Array(4))).toThrow(/10 bytes/);
  });
});
