import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldMarkers, labelSide, type Marked } from './marker-lanes.ts';

function aMark(atMs: number, overrides: Partial<Marked> = {}): Marked {
  return { id: `m${atMs}`, atMs, severity: 'P3', direction: 'high', ...overrides };
}

const fronts = (marks: readonly Marked[], reachMs: number) =>
  foldMarkers(marks, reachMs).map(({ front, members }) => `${front.id}×${members.length}`);

describe('foldMarkers', () => {
  it('gives each marker its own place where there is room', () => {
    expect(fronts([aMark(0), aMark(5000)], 1000)).toEqual(['m0×1', 'm5000×1']);
  });

  it('folds neighbours behind the loudest of them', () => {
    expect(fronts([aMark(0), aMark(400, { severity: 'P1' }), aMark(900)], 1000)).toEqual(['m400×3']);
  });

  it('keeps spikes and drops in lanes of their own', () => {
    expect(fronts([aMark(0), aMark(100, { direction: 'low' })], 1000)).toEqual(['m0×1', 'm100×1']);
  });

  it('does not regroup while the chart slides: only distances count', () => {
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 900_000 }), { maxLength: 40 });
    fc.assert(
      fc.property(times, fc.integer({ min: -1e6, max: 1e6 }), (atMs, shiftMs) => {
        const sizes = (shift: number) =>
          foldMarkers(
            atMs.map((at) => aMark(at + shift)),
            16_000,
          ).map(({ members }) => members.length);
        expect(sizes(shiftMs)).toEqual(sizes(0));
        expect(sizes(0).reduce((sum, size) => sum + size, 0)).toBe(atMs.length);
      }),
    );
  });
});

const side = (at: number, ...others: readonly number[]) => {
  const groups = foldMarkers(
    [at, ...others].map((atMs) => aMark(atMs)),
    1,
  );
  return labelSide(groups.find(({ front }) => front.atMs === at)!, groups, 1000);
};

describe('labelSide', () => {
  it('is right where there is room, else left, else nowhere', () => {
    expect(side(5000)).toBe('right');
    expect(side(5000, 5500)).toBe('left');
    expect(side(5000, 5500, 4000)).toBeNull();
    expect(side(5000, 5500, 2500)).toBe('left');
  });
});
