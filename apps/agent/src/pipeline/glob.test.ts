import { describe, expect, it } from 'vitest';
import { matchesGlob } from './glob.ts';

describe('a service pattern', () => {
  it.each([
    ['payment-*', 'payment-service', true],
    ['payment-*', 'payment-', true],
    ['payment-*', 'prepayment-service', false],
    ['*-service', 'order-service', true],
    ['*a*b*', 'xaxxbx', true],
    ['*a*b*', 'xbxxax', false],
    ['db-?', 'db-1', true],
    ['db-?', 'db-12', false],
    ['a.c', 'abc', false],
    ['*', '', true],
    ['', 'a', false],
  ])('%j and %j: %j', (pattern, text, expected) => {
    expect(matchesGlob(pattern, text)).toBe(expected);
  });

  it('of many stars does not take long', () => {
    expect(matchesGlob('*a'.repeat(120) + 'b', 'a'.repeat(256))).toBe(false);
  });
});
