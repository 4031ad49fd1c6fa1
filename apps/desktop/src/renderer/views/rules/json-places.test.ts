import { assert, constantFrom, json, nat, oneof, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJson } from './json-places.ts';

describe('reading JSON with places', () => {
  it('takes exactly what JSON.parse takes', () => {
    const text = oneof(
      json(),
      tuple(json(), nat(60), constantFrom('', ',', '}', '"', '0', 'x', '\\')).map(([good, at, sign]) => {
        const place = at % (good.length + 1);
        return good.slice(0, place) + sign + good.slice(place + 1);
      }),
    );
    assert(
      property(text, (one) => {
        let expected: unknown;
        let isJson = true;
        try {
          expected = JSON.parse(one);
        } catch {
          isJson = false;
        }
        const read = readJson(one);
        expect(read.ok).toBe(isJson);
        if (read.ok) expect(read.value).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('finds the line of a value, and of what a missing one is missing from', () => {
    const read = readJson('{\n  "name": "Error spike",\n  "condition": {\n    "kind": "count"\n  }\n}');
    if (!read.ok) throw new Error(read.message);
    expect(read.placeOf(['name'])).toEqual({ line: 2, column: 11 });
    expect(read.placeOf(['condition', 'kind'])).toEqual({ line: 4, column: 13 });
    expect(read.placeOf(['condition', 'above'])).toEqual({ line: 3, column: 16 });
    expect(read.placeOf(['severity'])).toEqual({ line: 1, column: 1 });
  });

  it.each([
    ['{\n  "name": "x"\n  "severity": "P1"\n}', 3, 'a comma or a closing brace'],
    ['{\n  name: "x"\n}', 2, 'a name in double quotes'],
    ['{"a": [1, 2}', 1, 'a comma or a closing bracket'],
    ['{"a": "line\nbreak"}', 1, 'must be escaped'],
  ])('says where and what is wrong in %j', (text, line, words) => {
    expect(readJson(text)).toMatchObject({ ok: false, place: { line }, message: expect.stringContaining(words) });
  });
});
