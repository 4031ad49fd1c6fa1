import { describe, expect, it } from 'vitest';
import { durationMs } from './duration.ts';

const read = (text: string) => {
  const bytes = Buffer.from(`{"duration":${text}}`);
  return durationMs(bytes, 12, bytes.length - 1);
};

describe('a duration', () => {
  it.each([
    ['12', 12],
    ['0.25', 0.25],
    ['250us', 0.25],
    ['250µs', 0.25],
    ['800ns', 0.0008],
    ['12ms', 12],
    ['1.5s', 1500],
    ['1.5 s', 1500],
    ['2m', 120_000],
    ['1h', 3_600_000],
  ])('of %s is %d ms', (text, ms) => {
    expect(read(text)).toBeCloseTo(ms, 9);
  });

  it.each(['', '-5', 'fast', '12 apples', '1.2.3', 'ms', '5x', '9'.repeat(30)])('is not to be had from %j', (text) => {
    expect(read(text)).toBeNaN();
  });
});
