import { describe, expect, it } from 'vitest';
import { differenceWords, estimateAt, newOnes, type TriedColumns } from './what-if.ts';

/** A mean of 100 with σ = 10, whose band is drawn at 3 σ; `peaks` are σ by minute. */
function minutes(peaks: Readonly<Record<number, number>>, length = 240): TriedColumns {
  const t = Array.from({ length }, (_, i) => 1_767_225_600 + i * 60);
  return {
    t,
    value: t.map((_, i) => 100 + 10 * (peaks[i] ?? 0)),
    mean: t.map(() => 100),
    lower: t.map(() => 70),
    upper: t.map(() => 130),
  };
}

describe('a sensitivity that is tried', () => {
  const columns = minutes({ 10: 2.2, 60: 3.2, 61: 4.1, 120: -3.1, 200: 6 });

  it('tells of what lies outside its σ, both ways, and of the worst once', () => {
    expect(estimateAt(columns, 3, 'high').bySeverity).toEqual({ P1: 1, P2: 1, P3: 1, P4: 1 });
    expect(estimateAt(columns, 3, 'medium').bySeverity).toEqual({ P1: 1, P2: 1, P3: 1, P4: 0 });
    expect(estimateAt(columns, 3, 'low').bySeverity).toEqual({ P1: 1, P2: 0, P3: 0, P4: 0 });
  });

  it('takes deviations within the cooldown for one', () => {
    expect(estimateAt(minutes({ 10: 4, 30: 4, 50: 4, 100: 4 }), 3, 'medium').incidents).toHaveLength(2);
  });

  it('knows nothing where nothing is learnt or seen', () => {
    const { t } = columns;
    const nothing = t.map(() => null);
    expect(
      estimateAt({ t, value: nothing, mean: nothing, lower: nothing, upper: nothing }, 3, 'high').incidents,
    ).toEqual([]);
  });

  it('names what would be new, and not what would only begin earlier', () => {
    const earlier = minutes({ 10: 2.2, 60: 2.4, 61: 4.1 });
    const [only, ...more] = newOnes(estimateAt(earlier, 3, 'medium'), estimateAt(earlier, 3, 'high'));
    expect(more).toEqual([]);
    expect(only).toMatchObject({ atSecond: earlier.t[10], severity: 'P4' });
  });

  it('says what changes and what can never come', () => {
    const now = estimateAt(columns, 3, 'medium');
    expect(differenceWords(now, estimateAt(columns, 3, 'high'), 'high')).toBe('+1 P4');
    expect(differenceWords(now, estimateAt(columns, 3, 'low'), 'low')).toBe('−1 P2, −1 P3; never P2 or P3 or P4');
  });
});
