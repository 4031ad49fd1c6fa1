import { describe, expect, it } from 'vitest';
import { reachableSeverities, SENSITIVITY_SIGMA, severityOf } from './severity.ts';

describe('severity', () => {
  it('follows |z| with the limits of 5, 3.5, 2.5 and 2', () => {
    expect([14.2, 5, 4.99, 3.5, 3.49, 2.5, 2.49, 2].map((z) => severityOf(z))).toEqual([
      'P1',
      'P1',
      'P2',
      'P2',
      'P3',
      'P3',
      'P4',
      'P4',
    ]);
    expect(severityOf(-7)).toBe('P1');
  });

  it('tells which severities a sensitivity can still produce', () => {
    expect(reachableSeverities(SENSITIVITY_SIGMA.low)).toEqual(['P1']);
    expect(reachableSeverities(SENSITIVITY_SIGMA.medium)).toEqual(['P1', 'P2', 'P3']);
    expect(reachableSeverities(SENSITIVITY_SIGMA.high)).toEqual(['P1', 'P2', 'P3', 'P4']);
  });
});
