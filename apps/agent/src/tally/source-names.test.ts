import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SourceNames } from './source-names.ts';

const find = (names: SourceNames, text: string) => {
  const bytes = Buffer.from(`"${text}"`);
  return names.find(bytes, 1, bytes.length - 1);
};

/** Alike in length, first, middle and last byte. */
function nameOf(at: number): string {
  return `s${String(at).padStart(9, '0')}-service-${String(at).padStart(9, '0')}s`;
}

describe('SourceNames', () => {
  it('finds every name that was added and no other', () => {
    const name = fc.string({ minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 300 }), fc.array(name), (added, asked) => {
        const names = new SourceNames();
        for (const [at, text] of added.entries()) names.add(text, at);
        for (const text of [...added, ...asked, ...added]) expect(find(names, text)).toBe(added.indexOf(text));
      }),
    );
  });

  it('keeps 10,000 names apart that share length, first, middle and last byte', () => {
    const names = new SourceNames();
    for (let at = 0; at < 10_000; at++) names.add(nameOf(at), at);
    for (let at = 0; at < 10_000; at += 97) expect(find(names, nameOf(at))).toBe(at);
    expect(find(names, nameOf(10_001))).toBe(-1);
  });
});
