import { describe, expect, it } from 'vitest';
import { parseInstantMs, parseStepSeconds } from './time.ts';

describe('a step', () => {
  it('is a number and a unit', () => {
    expect(['1s', '10s', '5m', '1h', '1d'].map(parseStepSeconds)).toEqual([1, 10, 300, 3600, 86_400]);
  });
  it('is nothing else', () => {
    expect(['', '0s', '-1s', '1', '1w', '1.5m', 's'].map(parseStepSeconds)).toEqual(Array(7).fill(undefined));
  });
});

describe('an instant', () => {
  it('is milliseconds or ISO 8601', () => {
    expect(parseInstantMs('1767225600000')).toBe(1_767_225_600_000);
    expect(parseInstantMs('2026-01-01T00:00:00Z')).toBe(1_767_225_600_000);
    expect(parseInstantMs('yesterday')).toBeUndefined();
  });
});
