import { describe, expect, it } from 'vitest';
import { earned, StepMemory } from './step-memory.ts';

const CHANCE = 0.001;
const TENFOLD = Math.log(10);

describe('a season', () => {
  it('is not believed while it could be chance, and more with every visit after that', () => {
    expect(earned(0.05, CHANCE, 1)).toBe(0);
    const believed = [2, 5, 20, 100].map((visits) => earned(0.05, CHANCE, visits));
    expect(believed).toEqual(believed.toSorted((a, b) => a - b));
    expect(believed.at(-1)).toBeGreaterThan(0.045);
    expect(earned(0.05, CHANCE, 0)).toBe(0);
  });
});

describe('a slot', () => {
  it('that an anomaly ran through learns nothing from it, unless it comes back', () => {
    const day = new StepMemory(288);
    day.learn(24, 0.01, 0, CHANCE);
    day.learnQuarantined(24, TENFOLD, CHANCE);
    expect(day.surpriseAround(24)).toBe(0);
    day.learnQuarantined(24, TENFOLD, CHANCE);
    expect(Math.sqrt(day.surpriseAround(24))).toBeCloseTo(TENFOLD, 5);
    expect(day.step(24)).toBeCloseTo(0.01, 6);
  });

  it('never seen without one takes it for its habit at once', () => {
    const day = new StepMemory(288);
    day.learnQuarantined(24, TENFOLD, CHANCE);
    expect(day.surpriseAround(24)).toBeGreaterThan(5);
  });

  it('lends its habit to the slots beside it, across midnight', () => {
    const day = new StepMemory(288);
    day.learnQuarantined(0, TENFOLD, CHANCE);
    expect(day.surpriseAround(287)).toBeGreaterThan(5);
    expect(day.surpriseAround(1)).toBeGreaterThan(5);
    expect(day.surpriseAround(2)).toBe(0);
  });

  it('loses a habit over weeks, not on a day off', () => {
    const day = new StepMemory(288);
    day.learnQuarantined(24, TENFOLD, CHANCE);
    const before = day.surpriseAround(24);
    day.learn(24, 0, 0, CHANCE);
    expect(day.surpriseAround(24)).toBeGreaterThan(before * 0.8);
    for (let visit = 0; visit < 40; visit++) day.learn(24, 0, 0, CHANCE);
    expect(day.surpriseAround(24)).toBeLessThan(0.05);
  });
});
