import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TraceKin } from './trace-kin.ts';

const traces = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `4bf92f3577b34da6-${from + i}`);
const kinOf = (one: readonly string[], other: readonly string[]) => {
  const kin = new TraceKin();
  for (const trace of one) kin.saw('one', trace);
  for (const trace of other) kin.saw('other', trace);
  return kin;
};

describe('templates that come in the same traces', () => {
  it('are kin by the share of traces that both came in, within an eighth or two', () => {
    expect(kinOf(traces(0, 1000), traces(0, 1000)).kinship('one', 'other')).toBe(1);
    expect(kinOf(traces(0, 1000), traces(1000, 2000)).kinship('one', 'other')).toBe(0);
    expect(Math.abs(kinOf(traces(0, 900), traces(300, 1200)).kinship('one', 'other') - 0.5)).toBeLessThan(0.25);
  });

  it('are not kin by a handful of traces', () => {
    expect(kinOf(traces(0, 7), traces(0, 7)).kinship('one', 'other')).toBe(0);
    expect(kinOf(traces(0, 7), traces(0, 7)).templates()).toEqual([]);
  });

  it('are as much kin whatever the order in which their lines came, and however often', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(traces(0, 200), { minLength: 200 }), (shuffled) => {
        const kinship = kinOf([...shuffled, ...shuffled.slice(0, 50)], traces(100, 300)).kinship('one', 'other');
        expect(kinship).toBe(kinOf(traces(0, 200), traces(100, 300)).kinship('one', 'other'));
      }),
    );
  });

  it('stay few: the one that was seen longest ago is forgotten', () => {
    const kin = new TraceKin();
    for (let i = 0; i < 2100; i++) for (const trace of traces(0, 8)) kin.saw(`template ${i}`, trace);
    expect(kin.templates()).toHaveLength(2048);
    expect(kin.templates().at(-1)).toBe('template 2099');
  });
});
