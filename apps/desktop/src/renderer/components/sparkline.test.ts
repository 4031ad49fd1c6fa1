import { describe, expect, it } from 'vitest';
import { bandPath, linePath } from './sparkline.tsx';

const same = (n: number) => n;

describe('the line of a sparkline', () => {
  it('lifts its pen at a gap', () => {
    expect(linePath([1, 2, null, 4, 5], same, same)).toBe('M0.0 1.0L1.0 2.0M3.0 4.0L4.0 5.0');
  });

  it('draws the band of each known stretch as a closed shape', () => {
    expect(bandPath({ lower: [0, 0, null, 0, 0], upper: [2, 2, 2, 2, 2] }, same, same)).toBe(
      'M0.0 2.0L1.0 2.0L1.0 0.0L0.0 0.0ZM3.0 2.0L4.0 2.0L4.0 0.0L3.0 0.0Z',
    );
  });
});
