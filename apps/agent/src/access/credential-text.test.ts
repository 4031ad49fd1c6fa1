import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { credentialId, makeCredential } from './credential-text.ts';

const entropy = fc.uint8Array({ minLength: 38, maxLength: 38 });

describe('credential', () => {
  it('is the same for the same chance, in every version: senders hold on to it for years', () => {
    const made = makeCredential(
      'slk',
      Uint8Array.from({ length: 38 }, (_, i) => i + 1),
    );
    // Computed independently, from the description in reliability.md.
    expect(made).toEqual({ id: '0JVb3WII', text: 'slk_0JVb3WII_1fNKFWIxLXcDhLntdo4Vkkz8dh87FDdGxriYMLKud0g4Fr1IU' });
  });

  it('gives back its id, whatever chance made it', () => {
    fc.assert(
      fc.property(entropy, (bytes) => {
        const { id, text } = makeCredential('slt', bytes);
        expect(text).toHaveLength(4 + 8 + 1 + 43 + 6);
        expect(credentialId('slt', text)).toBe(id);
      }),
    );
  });

  it('is told from a mistyped one by its checksum alone', () => {
    const { text } = makeCredential(
      'slk',
      Uint8Array.from({ length: 38 }, (_, i) => 255 - i),
    );
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom('0', 'A', 'a', 'z', '_', ' ', 'é'), (at, typo) => {
        fc.pre(text[at] !== typo);
        expect(credentialId('slk', text.slice(0, at) + typo + text.slice(at + 1))).toBeUndefined();
      }),
    );
    const [swapped, cut] = [text.replace(/(.)(.)$/, '$2$1'), text.slice(0, -1)];
    for (const wrong of [cut, `${text}0`, ` ${text}`, `${text}\n`, swapped === text ? '' : swapped, ''])
      expect(credentialId('slk', wrong)).toBeUndefined();
  });

  it('needs enough chance', () => {
    expect(() => makeCredential('slk', new Uint8Array(37))).toThrow('38 bytes');
  });
});
