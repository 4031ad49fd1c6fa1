import { describe, expect, it } from 'vitest';
import { placeWindow } from './window-place.ts';

const LAPTOP = { x: 0, y: 25, width: 1512, height: 920 };
const DESK = { x: 1512, y: 0, width: 2560, height: 1400 };

describe('the place of a window', () => {
  it('is the middle of the first screen at the first start', () => {
    expect(placeWindow(null, [LAPTOP])).toEqual({ x: 36, y: 35, width: 1440, height: 900, maximised: false });
  });

  it('is where the window was', () => {
    const saved = { x: 1700, y: 100, width: 1600, height: 1000, maximised: true };
    expect(placeWindow(saved, [LAPTOP, DESK])).toEqual(saved);
  });

  it('is brought back from a screen that is no longer there', () => {
    const saved = { x: 1700, y: 100, width: 1600, height: 1000, maximised: false };
    expect(placeWindow(saved, [LAPTOP])).toEqual({ x: 0, y: 25, width: 1512, height: 920, maximised: false });
  });

  it.each([
    ['above the screen', { x: 100, y: -500 }],
    ['with only a sliver left', { x: 1500, y: 100 }],
    ['below the screen', { x: 100, y: 940 }],
    ['far away', { x: -40_000, y: -40_000 }],
  ])('is repaired when the title bar lies %s', (_where, { x, y }) => {
    const place = placeWindow({ x, y, width: 1000, height: 700, maximised: false }, [LAPTOP]);
    expect(place).toEqual({ x: 256, y: 135, width: 1000, height: 700, maximised: false });
  });

  it('is never smaller than what the shell needs, also on a small screen', () => {
    const place = placeWindow({ x: 0, y: 0, width: 300, height: 200, maximised: false }, [
      { x: 0, y: 0, width: 800, height: 600 },
    ]);
    expect(place).toMatchObject({ width: 960, height: 640, x: 0, y: 0 });
  });
});
