import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LiteralFinder } from './literal-finder.ts';
import { compilePattern, parseQuery } from './parse-query.ts';
import { foldCase } from './query.ts';
import { hasEscapedLiteral, requiredLiterals } from './required-literals.ts';

const literalsOf = (query: string) => requiredLiterals(parseQuery(query));

describe('required literals', () => {
  it('are the rarest texts that the raw bytes must hold', () => {
    expect(literalsOf('pool "Connection refused"')).toEqual(['connection refused']);
    expect(literalsOf('timeout OR "pool exhausted"')).toEqual(['timeout', 'pool exhausted']);
    expect(literalsOf('user_id:U-4711* level:error')).toEqual(['u-4711']);
    expect(literalsOf(String.raw`/took \d+ ms after (a|b)? retries\./`)).toBeNull();
    expect(literalsOf(String.raw`/took \d+ ms after [ab]? retries\.x/`)).toEqual([' ms after ']);
    expect(literalsOf('"a/b<longer>c"')).toEqual(['longer']);
  });

  it('are none where nothing is sure', () => {
    for (const query of [
      '',
      'NOT pool',
      'pool OR NOT x',
      'level:error',
      'service:pay',
      'took:>5',
      'ü',
      'message:1000',
    ]) {
      expect(literalsOf(query), query).toBeNull();
    }
  });

  it('lie in every text that a pattern matches', () => {
    const part = fc.constantFrom(
      'ab',
      'k',
      'S',
      'x+',
      'y*',
      'z?',
      'w{0,2}',
      '[a-c]',
      '(de)',
      '(fg)?',
      '\\d',
      '\\.',
      '.',
      '^',
      '$',
      '\\x41',
      '\\Qa.b\\E',
    );
    const text = fc.array(
      fc.constantFrom(
        'ab',
        'k',
        'K',
        '\u212a',
        's',
        '\u017f',
        'x',
        'y',
        'z',
        'w',
        'a',
        'de',
        'fg',
        '1',
        '.',
        'A',
        'a.b',
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), text, fc.boolean(), (parts, texts, ignoresCase) => {
        const [source, value] = [parts.join(''), texts.join('')];
        if (!compilePattern(source, ignoresCase).matcher(value).find()) return true;
        const literals = requiredLiterals({ type: 'value', test: { type: 'pattern', source, ignoresCase } });
        return literals === null || literals.some((literal) => foldCase(value).includes(literal));
      }),
      { numRuns: 20_000 },
    );
  });

  it('are not relied on where a letter is written as an escape', () => {
    expect(hasEscapedLiteral(Buffer.from(String.raw`{"a":"\u001b[31m\u003c\u00e9\u0022"}`))).toBe(false);
    expect(hasEscapedLiteral(Buffer.from(String.raw`{"a":"\u001b\u0041"}`))).toBe(true);
    expect(hasEscapedLiteral(Buffer.from(String.raw`{"a":"\u005F"}`))).toBe(true);
  });
});

describe('literal finder', () => {
  it('finds every place a plain look finds, also across its pieces', () => {
    const filler = fc.integer({ min: 65_520, max: 65_540 });
    fc.assert(
      fc.property(
        filler,
        fc.array(fc.constantFrom('ab', 'AB', 'aba', 'b.c', 'xx'), { maxLength: 6 }),
        (length, tail) => {
          const raw = Buffer.from('-'.repeat(length) + tail.join(''));
          const found: number[] = [];
          new LiteralFinder(['aba', 'b.c']).find(raw, found);
          const lower = raw.toString('latin1').toLowerCase();
          const wanted = Array.from({ length: lower.length }, (_, at) => at).filter(
            (at) => lower.startsWith('aba', at) || lower.startsWith('b.c', at),
          );
          expect(found).toEqual(wanted);
        },
      ),
      { numRuns: 200 },
    );
  });
});
