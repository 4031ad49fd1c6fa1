import { describe, expect, it } from 'vitest';
import type { DeskFace } from '../../bridge/desk-status.ts';
import { TRAY_PIXELS, trayPicture } from './tray-picture.ts';

const FACES: readonly DeskFace[] = ['ok', 'unknown', 'P1', 'P2', 'P3', 'P4'];

/** The shape alone, as somebody sees it who sees no colour: true where it is drawn. */
function shape(face: DeskFace, doubtful: boolean): readonly boolean[] {
  const pixels = trayPicture(face, doubtful);
  return Array.from({ length: TRAY_PIXELS ** 2 }, (_pixel, at) => (pixels[at * 4 + 3] ?? 0) > 127);
}

function differing(a: readonly boolean[], b: readonly boolean[]): number {
  return a.filter((drawn, at) => drawn !== b[at]).length;
}

describe('the icon in the tray', () => {
  it('has a shape of its own for every state, with and without doubt', () => {
    const shapes = FACES.flatMap((face) => [shape(face, false), ...(face === 'unknown' ? [] : [shape(face, true)])]);
    for (const [i, one] of shapes.entries()) {
      expect(one).toContain(true);
      // 32 pixels are what an eye can tell at the size of a tray.
      for (const other of shapes.slice(i + 1)) expect(differing(one, other)).toBeGreaterThan(32);
    }
  });

  it('is premultiplied: no channel is brighter than its cover', () => {
    const pixels = trayPicture('P3', true);
    for (let at = 0; at < pixels.length; at += 4) {
      expect(Math.max(...pixels.subarray(at, at + 3))).toBeLessThanOrEqual(pixels[at + 3] ?? 0);
    }
  });
});
