import { describe, expect, it } from 'vitest';
import { ShapeCache } from './shape-cache.ts';

describe('the shape cache', () => {
  it('finds what was added by both hashes', () => {
    const cache = new ShapeCache(16);
    cache.set(7, 1, 0);
    cache.set(7, 2, 5);
    expect([cache.find(7, 1), cache.find(7, 2), cache.find(7, 3), cache.find(8, 1)]).toEqual([0, 5, -1, -1]);
  });

  it('when full, forgets what was not used lately', () => {
    const cache = new ShapeCache(16);
    for (let i = 0; i < 8; i++) cache.set(i, i, i);
    cache.find(3, 3);
    cache.find(5, 5);
    cache.set(100, 100, 42);
    const left = Array.from({ length: 8 }, (_, i) => cache.find(i, i)).filter((value) => value >= 0);
    expect(left).toEqual([3, 5]);
    expect(cache.find(100, 100)).toBe(42);
  });

  it('renumbers what it keeps', () => {
    const cache = new ShapeCache(16);
    for (let i = 0; i < 4; i++) cache.set(i, i, i);
    cache.renumber((value) => (value % 2 === 0 ? value + 10 : -1));
    expect(Array.from({ length: 4 }, (_, i) => cache.find(i, i))).toEqual([10, -1, 12, -1]);
  });
});
