import { describe, expect, it } from 'vitest';
import { fuzzyScore } from './fuzzy.ts';

const best = (query: string, ...texts: readonly string[]) =>
  texts.toSorted((a, b) => fuzzyScore(query, b) - fuzzyScore(query, a))[0];

describe('fuzzyScore', () => {
  it('is nothing when a letter is missing or out of order', () => {
    expect(fuzzyScore('xyz', 'acknowledge')).toBe(0);
    expect(fuzzyScore('kca', 'acknowledge')).toBe(0);
  });

  it('prefers whole words, then beginnings, then scattered letters', () => {
    expect(best('silence', 'show silenced', 'silence mute snooze')).toBe('silence mute snooze');
    expect(best('am', 'assign to me', 'next tab of the detail, a name')).toBe('assign to me');
  });

  it('finds by the first letters of words', () => {
    expect(fuzzyScore('gl', 'go live')).toBeGreaterThan(0);
  });
});
