import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unescapeJson } from './json-unescape.ts';

function unescaped(json: string, room = 4096): string {
  const bytes = Buffer.from(json);
  const out = new Uint8Array(room);
  return Buffer.from(out.subarray(0, unescapeJson(bytes, 0, bytes.length, out))).toString();
}

const escapeUnit = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

describe('the text of a JSON string', () => {
  it('is what JSON.parse makes of it, however it is escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.boolean(), (text, isAscii) => {
        const json = JSON.stringify(text).slice(1, -1);
        const spelt = isAscii ? json.replace(/[^\0-\x7f]/g, escapeUnit) : json;
        expect(unescaped(spelt)).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps what stands around half of a surrogate pair', () => {
    expect(unescaped(String.raw`a\ud83dz`)).toBe('a\ufffdz');
    expect(unescaped(String.raw`a\ude00\ud83d\ude00`)).toBe('a\ufffd😀');
  });

  it('stops where there is no more room', () => {
    expect(unescaped('a'.repeat(100), 20)).toBe('a'.repeat(17));
  });
});
