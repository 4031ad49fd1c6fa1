import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonCursor } from './json-cursor.ts';

function isSkipped(text: string | Uint8Array): boolean {
  const cursor = new JsonCursor();
  cursor.begin(Buffer.from(text));
  cursor.skip();
  return cursor.isAtEnd();
}

function isParsed(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('JSON cursor', () => {
  it('steps over whatever JSON.parse reads', () => {
    const value = fc.jsonValue({ maxDepth: 6 }).map((json) => JSON.stringify(json, null, 1));
    fc.assert(
      fc.property(value, (text) => isSkipped(text)),
      { numRuns: 2000 },
    );
  });

  it('is broken by whatever breaks JSON.parse', () => {
    const letters = fc.constantFrom(...Array.from('{}[]",:0-.e1 truefalsn\\u'));
    const text = fc.string({ unit: letters, maxLength: 12 });
    fc.assert(
      fc.property(text, (candidate) => isSkipped(candidate) === isParsed(candidate)),
      { numRuns: 20_000 },
    );
  });

  it.each([
    '[1:2]',
    '[1 2]',
    '{"a":1:"b":2}',
    '[1,]',
    '[,1]',
    '{"a":1,}',
    '{,"a":1}',
    '{"a" 1}',
    '{1:2}',
    '[}',
    '{]',
    '"a',
  ])('is broken by %s', (text) => {
    expect(isSkipped(text)).toBe(false);
  });

  it('goes 32 levels deep and says when that is not enough', () => {
    expect(isSkipped('['.repeat(32) + ']'.repeat(32))).toBe(true);
    const cursor = new JsonCursor();
    cursor.begin(Buffer.from('[{"a":'.repeat(100_000)));
    cursor.skip();
    expect(cursor).toMatchObject({ isBroken: true, isTooDeep: true });
  });
});
