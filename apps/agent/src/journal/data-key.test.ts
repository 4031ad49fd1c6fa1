import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decryptBlock, encryptBlock, unwrapDataKey, wrapDataKey } from './data-key.ts';
import { journalKey } from './key-ring.ts';

const KEY = Buffer.from('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308', 'hex');

describe('data key', () => {
  it('encrypts as the specification of GCM says (test case 14: a block of zeros, a key of zeros, nonce zero)', () => {
    const zeros = Buffer.alloc(16);
    const sealed = Buffer.concat(encryptBlock(Buffer.alloc(32), 0, Buffer.alloc(0), zeros));
    expect(sealed.toString('hex')).toBe('cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919');
    expect(decryptBlock(Buffer.alloc(32), 0, Buffer.alloc(0), sealed)).toEqual(zeros);
  });

  it('notices every flipped bit of payload, tag and head', () => {
    const head = Buffer.from('block 7 of segment 4096');
    const sealed = Buffer.concat(encryptBlock(KEY, 7, head, Buffer.from('card 4111 1111 1111 1111 declined')));
    for (let bit = 0; bit < (sealed.length + head.length) * 8; bit++) {
      const both = Buffer.concat([sealed, head]);
      both[bit >> 3] ^= 1 << (bit & 7);
      expect(decryptBlock(KEY, 7, both.subarray(sealed.length), both.subarray(0, sealed.length))).toBeUndefined();
    }
    expect(decryptBlock(KEY, 8, head, sealed)).toBeUndefined();
    expect(decryptBlock(KEY, 7, head, sealed.subarray(0, 10))).toBeUndefined();
  });

  it('opens a wrap with the right key and the right segment only', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ minLength: 20, maxLength: 20 }),
        (key, identity) => {
          const wrapped = wrapDataKey(KEY, journalKey(key), identity, (length) => Buffer.alloc(length, 1));
          expect(unwrapDataKey(wrapped, journalKey(key), identity)).toEqual(KEY);
          const other = Uint8Array.from(identity, (byte, at) => (at === 12 ? byte ^ 1 : byte));
          expect(unwrapDataKey(wrapped, journalKey(key), other)).toBeUndefined();
          const otherKey = Uint8Array.from(key, (byte, at) => (at === 31 ? byte ^ 1 : byte));
          expect(unwrapDataKey(wrapped, journalKey(otherKey), identity)).toBeUndefined();
        },
      ),
    );
  });
});
