import { describe, expect, it } from 'vitest';
import { binomial, gamma, hashedNormal, normal, overdispersed, poisson, Sfc32 } from './random.ts';

/** Mean and variance of many draws. */
function moments(draw: () => number, count = 40_000): { mean: number; variance: number } {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < count; i++) {
    const value = draw();
    sum += value;
    squares += value * value;
  }
  const mean = sum / count;
  return { mean, variance: squares / count - mean * mean };
}

const first = (...keys: number[]) => new Sfc32(...keys).uint32();

describe('seeded chance', () => {
  it('is the same for the same keys and another for each neighbouring key', () => {
    expect(first(7, 2, 1_767_225_600)).toBe(first(7, 2, 1_767_225_600));
    const neighbours = [
      [7, 2, 1_767_225_600],
      [8, 2, 1_767_225_600],
      [7, 3, 1_767_225_600],
      [7, 2, 1_767_225_601],
      [2, 7, 1_767_225_600],
    ];
    expect(new Set(neighbours.map((keys) => first(...keys))).size).toBe(neighbours.length);
  });

  it('begins again where reseed says', () => {
    const random = new Sfc32(1);
    random.next();
    random.reseed(42, 3);
    expect(random.uint32()).toBe(new Sfc32(42, 3).uint32());
  });

  it('fills [0, 1) evenly', () => {
    const random = new Sfc32(3);
    const { mean, variance } = moments(() => random.next());
    expect(mean).toBeCloseTo(0.5, 2);
    expect(variance).toBeCloseTo(1 / 12, 2);
  });

  it('takes the first number after each of many neighbouring seeds evenly too', () => {
    let second = 0;
    const { mean, variance } = moments(() => new Sfc32(9, 1, second++).next());
    expect(mean).toBeCloseTo(0.5, 2);
    expect(variance).toBeCloseTo(1 / 12, 2);
  });
});

describe('samplers', () => {
  const random = new Sfc32(11);

  it('normal has mean 0 and variance 1, drawn or hashed', () => {
    let index = 0;
    for (const draw of [() => normal(random), () => hashedNormal(5, 1, index++)]) {
      const { mean, variance } = moments(draw);
      expect(Math.abs(mean)).toBeLessThan(0.02);
      expect(Math.abs(variance - 1)).toBeLessThan(0.03);
    }
  });

  it.each([0.3, 2.5, 40])('gamma of shape %d has mean and variance of its shape', (shape) => {
    const { mean, variance } = moments(() => gamma(random, shape));
    expect(mean / shape).toBeCloseTo(1, 1);
    expect(Math.abs(variance / shape - 1)).toBeLessThan(0.06);
  });

  it.each([0.05, 1.4, 12, 80, 900])('poisson of mean %d has its variance equal to its mean', (expected) => {
    const { mean, variance } = moments(() => poisson(random, expected), 20_000);
    expect(Math.abs(mean / expected - 1)).toBeLessThan(0.06);
    expect(Math.abs(variance / expected - 1)).toBeLessThan(0.08);
  });

  it.each([
    [0.4, 1.5],
    [8, 1.6],
    [50, 3],
  ])('a mean of %d with dispersion %d has a variance of their product', (expected, dispersion) => {
    const { mean, variance } = moments(() => overdispersed(random, expected, dispersion));
    expect(Math.abs(mean / expected - 1)).toBeLessThan(0.05);
    expect(Math.abs(variance / (expected * dispersion) - 1)).toBeLessThan(0.08);
  });

  it('no mean gives no events, and no more events fail than there are', () => {
    expect(overdispersed(random, 0, 2)).toBe(0);
    expect(binomial(random, 12, 1)).toBe(12);
    expect(binomial(random, 12, 0)).toBe(0);
  });
});
