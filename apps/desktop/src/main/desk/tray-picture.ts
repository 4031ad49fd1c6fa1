/**
 * The tray's icon as pixels, drawn here because it says two things at once: a shape for the worst severity, told apart
 * without colour, and a "?" when the figures cannot be trusted. BGRA, premultiplied, as `nativeImage` wants it.
 */
import type { DeskFace } from '../../bridge/desk-status.ts';

/** Trays draw 16 to 24 pixels; twice that is sharp on dense screens. */
export const TRAY_PIXELS = 32;
const SAMPLES = 4;

type Shape = (x: number, y: number) => boolean;
type Colour = readonly [red: number, green: number, blue: number];

/** The severity colours and shapes of the page (ux §4.2): octagon, triangle, diamond, dot; a ring for "all is well". */
const FACES: Readonly<Record<DeskFace, { readonly colour: Colour; readonly shape: Shape }>> = {
  P1: {
    colour: [0xff, 0x4f, 0x7b],
    shape: (x, y) => Math.max(Math.abs(x), Math.abs(y), (Math.abs(x) + Math.abs(y)) / 1.38) < 0.88,
  },
  P2: { colour: [0xf5, 0x9a, 0x4a], shape: (x, y) => y < 0.75 && Math.abs(x) < (y + 0.9) * 0.56 },
  P3: { colour: [0xff, 0xf0, 0x4d], shape: (x, y) => Math.abs(x) + Math.abs(y) < 0.92 },
  P4: { colour: [0x58, 0xa6, 0xff], shape: (x, y) => Math.hypot(x, y) < 0.6 },
  ok: { colour: [0x2f, 0xd6, 0xb5], shape: (x, y) => Math.hypot(x, y) < 0.85 && Math.hypot(x, y) > 0.58 },
  unknown: { colour: [0xa6, 0xb0, 0xc2], shape: isQuestionMark },
};
const DOUBT: Colour = [0xff, 0xff, 0xff];

export function trayPicture(face: DeskFace, doubtful: boolean): Buffer {
  const pixels = Buffer.alloc(TRAY_PIXELS * TRAY_PIXELS * 4);
  const { colour, shape } = FACES[face];
  // A severity stays readable beside its "?": it moves up and to the left, the mark takes the corner.
  const withMark = doubtful && face !== 'unknown';
  for (let row = 0; row < TRAY_PIXELS; row++) {
    for (let column = 0; column < TRAY_PIXELS; column++) {
      const main = covered(row, column, withMark ? (x, y) => shape((x + 0.22) / 0.75, (y + 0.22) / 0.75) : shape);
      const mark = withMark ? covered(row, column, (x, y) => isQuestionMark((x - 0.58) / 0.42, (y - 0.5) / 0.48)) : 0;
      const alpha = Math.max(main, mark);
      const [red, green, blue] = mark > 0 ? DOUBT : colour;
      const at = (row * TRAY_PIXELS + column) * 4;
      pixels[at] = Math.round(blue * alpha);
      pixels[at + 1] = Math.round(green * alpha);
      pixels[at + 2] = Math.round(red * alpha);
      pixels[at + 3] = Math.round(255 * alpha);
    }
  }
  return pixels;
}

/** How much of a pixel lies in the shape, 0 to 1; the picture reaches from -1 to 1. */
function covered(row: number, column: number, shape: Shape): number {
  let inside = 0;
  for (let i = 0; i < SAMPLES; i++) {
    for (let j = 0; j < SAMPLES; j++) {
      const x = ((column + (j + 0.5) / SAMPLES) / TRAY_PIXELS) * 2 - 1;
      const y = ((row + (i + 0.5) / SAMPLES) / TRAY_PIXELS) * 2 - 1;
      if (shape(x, y)) inside++;
    }
  }
  return inside / SAMPLES ** 2;
}

/** Three quarters of a ring, a stem and a dot. */
function isQuestionMark(x: number, y: number): boolean {
  const radius = Math.hypot(x, y + 0.38);
  const hook = radius > 0.32 && radius < 0.58 && !(x < 0 && y > -0.38);
  const stem = Math.abs(x) < 0.13 && y >= 0.06 && y < 0.38;
  const dot = Math.hypot(x, y - 0.68) < 0.17;
  return hook || stem || dot;
}
