import { describe, expect, it } from 'vitest';
import { thinned } from './mini-plot.ts';
import type { LineColumns } from './plot-source.ts';

function columns(value: (number | null)[], from = 0): LineColumns {
  const t = value.map((_, i) => from + i);
  const flat = value.map(() => 100);
  return { t, value, mean: flat, lower: flat, upper: flat };
}

const wave = (from: number) =>
  columns(
    Array.from({ length: 900 }, (_, i) => 100 + ((from + i) % 7)),
    from,
  );
const shared = (thin: LineColumns) => thin.t.filter((second) => second >= 30 && second < 880);

describe('thinned', () => {
  it('leaves alone what fits', () => {
    const few = columns([1, 2, 3]);
    expect(thinned(few, 300)).toBe(few);
  });

  it('keeps every spike and every drop', () => {
    const value: number[] = Array.from({ length: 900 }, () => 100);
    value[451] = 900;
    value[700] = 2;
    const thin = thinned(columns(value), 300);
    expect(thin.t.length).toBeLessThanOrEqual(301);
    expect(thin.value).toContain(900);
    expect(thin.value).toContain(2);
  });

  it('keeps a gap a gap', () => {
    const value = Array.from({ length: 900 }, (_, i) => (i >= 300 && i < 340 ? null : 100));
    expect(thinned(columns(value), 300).value.filter((one) => one === null).length).toBeGreaterThan(10);
  });

  it('keeps a hole of a single bucket that begins a group', () => {
    const value = Array.from({ length: 900 }, (_, i) => (i === 450 ? null : 300));
    expect(thinned(columns(value), 300).value).toContain(null);
  });

  it('chooses the same points while the chart slides', () => {
    expect(shared(thinned(wave(10), 300))).toEqual(shared(thinned(wave(0), 300)));
  });
});
