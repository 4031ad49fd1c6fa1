import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromStorableJson, fromStorableText, toStorableJson, toStorableText } from './lossless-text.ts';

const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\0', '\uD83D', '\uDE00', '\uF8FE', '\\', '\\u0000', '\uF8FE0000', '"', '0', 'é', '😀'),
    fc.string({ unit: 'binary', maxLength: 3 }),
  ),
});
const storable = (text: string) => !text.includes('\0') && text.isWellFormed();

describe('lossless text', () => {
  it('leaves an ordinary line as it is', () => {
    const line = 'GET /pay?amount=12€ → 502 😀 C:\\temp\\u0041';
    expect(toStorableText(line)).toBe(line);
    expect(toStorableJson({ line })).toBe(JSON.stringify({ line }));
  });

  it('brings any text back as it was, in a form that PostgreSQL takes', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const stored = toStorableText(text);
        expect(storable(stored)).toBe(true);
        expect(fromStorableText(stored)).toBe(text);
      }),
    );
  });

  it('brings any JSON back as it was, keys included', () => {
    fc.assert(
      fc.property(
        fc.dictionary(hostile, fc.oneof(hostile, fc.array(hostile), fc.integer(), fc.constant(null))),
        (value) => {
          const stored = toStorableJson(value);
          expect(storable(stored)).toBe(true);
          // An escape that jsonb refuses must be gone, an escaped backslash before the same letters must not.
          expect(storable(JSON.stringify(JSON.parse(stored)))).toBe(true);
          expect(/(?<!\\)(?:\\\\)*\\u(0000|d[89a-f])/.test(stored)).toBe(false);
          expect(fromStorableJson(stored)).toEqual(JSON.parse(JSON.stringify(value)));
        },
      ),
    );
  });

  it('refuses a number that JSON would turn into null', () => {
    expect(() => toStorableJson({ z: Number.POSITIVE_INFINITY })).toThrow('z is Infinity');
  });
});
