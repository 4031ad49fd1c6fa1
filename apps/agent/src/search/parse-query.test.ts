import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseQuery, QueryError } from './parse-query.ts';

const word = (text: string) => ({ type: 'value', test: { type: 'contains', text } });
const is = (field: string, ...pieces: string[]) => ({ type: 'field', field, test: { type: 'is', pieces } });

describe('query language', () => {
  it('takes words, phrases, patterns and fields, joined by AND, OR, NOT and brackets', () => {
    expect(parseQuery('  ')).toEqual({ type: 'any' });
    expect(parseQuery('Connection "Refused By"')).toEqual({
      type: 'and',
      parts: [word('connection'), word('refused by')],
    });
    expect(parseQuery('a OR b AND NOT c')).toEqual({
      type: 'or',
      parts: [word('a'), { type: 'and', parts: [word('b'), { type: 'not', part: word('c') }] }],
    });
    expect(parseQuery('(a OR b)user_id:U-1*')).toEqual({
      type: 'and',
      parts: [{ type: 'or', parts: [word('a'), word('b')] }, is('user_id', 'u-1', '')],
    });
    expect(parseQuery('path:/v\\d+\\/pay/i')).toEqual({
      type: 'field',
      field: 'path',
      test: { type: 'pattern', source: String.raw`v\d+/pay`, ignoresCase: true },
    });
    expect(parseQuery('took:>=1.5')).toMatchObject({ field: 'took', test: { operator: '>=', number: 1.5 } });
    expect(parseQuery('service:Pay level:WARNING')).toEqual({
      type: 'and',
      parts: [is('service', 'Pay'), is('level', 'warn')],
    });
    expect(parseQuery('level:>=warn')).toMatchObject({ test: { operator: '>=', number: 2 } });
    expect(parseQuery(String.raw`message:"a \"b\" *"`)).toMatchObject({ test: { type: 'contains', text: 'a "b" *' } });
  });

  it('takes as text what only looks like something else', () => {
    expect(parseQuery('10:32:55')).toEqual(word('10:32:55'));
    expect(parseQuery('https://a.example/x')).toEqual(word('https://a.example/x'));
    expect(parseQuery('ORDER NOTHING ANDROID')).toMatchObject({
      parts: [word('order'), word('nothing'), word('android')],
    });
    expect(parseQuery('"AND"')).toEqual(word('and'));
  });

  it.each([
    ['a OR', 5, 'must stand here'],
    ['a AND AND b', 7, 'a word must stand before AND'],
    ['(a b', 1, 'never closed'],
    ['a b)', 4, 'closes nothing'],
    ['x "abc', 3, 'never closed'],
    ['x ""', 3, 'nothing between'],
    ['/a(/', 1, 'not a pattern of RE2'],
    ['/abc', 1, 'never closed'],
    ['/a/g', 4, 'only the letter i'],
    ['took:>fast', 7, 'a number must follow >'],
    ['level:loud', 7, 'levels are debug, info, warn, error, fatal, other'],
    ['level:/e/', 7, 'a level is one of its names'],
    ['NOT', 4, 'NOT needs something behind it'],
  ])('says where %s goes wrong', (text, column, what) => {
    const error = (() => {
      try {
        return parseQuery(text);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(QueryError);
    expect(error).toMatchObject({ column, message: expect.stringContaining(what) as string });
  });

  it('gives a query or a QueryError for whatever is typed, and stays within its bounds', () => {
    const token = fc.constantFrom(
      'a',
      '"',
      '/',
      '(',
      ')',
      ' ',
      'NOT ',
      'OR ',
      'AND ',
      'x:',
      '*',
      '\\',
      '>',
      'level:',
      '[',
      '+',
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 40 }), (tokens) => {
        try {
          parseQuery(tokens.join(''));
        } catch (error) {
          if (!(error instanceof QueryError)) throw error;
        }
      }),
      { numRuns: 5000 },
    );
    expect(() => parseQuery('('.repeat(4000))).toThrow('nest at most');
    expect(() => parseQuery('a '.repeat(2000))).toThrow('at most 100 terms');
    expect(() => parseQuery('x'.repeat(5000))).toThrow('at most 4096 characters');
  });
});
