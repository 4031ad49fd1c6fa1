import { assert, integer, oneof, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, escapeHtml, oneLine, unlinked } from './plain-words.ts';

const anyText = oneof(string({ unit: 'binary' }), string({ unit: 'grapheme' }));

describe('words of others', () => {
  it('are one line without controls, never longer than asked', () => {
    assert(
      property(anyText, integer({ min: 1, max: 200 }), (text, limit) => {
        const line = oneLine(text, limit);
        return line.length <= limit && !/[\p{Cc}\u2028\u2029\u202A-\u202E]/u.test(line);
      }),
    );
  });

  it('are never cut inside a character', () => {
    assert(
      property(string({ unit: 'grapheme' }), integer({ min: 1, max: 50 }), (text, limit) =>
        cut(text, limit).isWellFormed(),
      ),
    );
    expect(cut('🙂🙂🙂', 4)).toBe('🙂…');
  });

  it('lose the commands of a terminal', () => {
    expect(oneLine('\u001B[31mred\u001B[0m \u001B]8;;https://evil.example\u0007link', 100)).toBe('red link');
  });

  it('are no address to any program', () => {
    for (const text of ['https://evil.example', 'www.evil.example', 'boss@example.com', 'javascript:alert(1)'])
      expect(unlinked(text)).not.toMatch(/:\/\/|www\.|@e|javascript:/);
  });

  it('are no element of HTML', () => {
    assert(property(anyText, (text) => !/[<>"']/.test(escapeHtml(text))));
  });
});
