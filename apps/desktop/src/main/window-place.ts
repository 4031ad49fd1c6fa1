import type { Rectangle } from 'electron';
import type { WindowPlace } from './settings.ts';

/** Below this the shell's rail, chart and inspector no longer fit (ux §2.1). */
export const MIN_WIDTH = 960;
export const MIN_HEIGHT = 640;
const FIRST_WIDTH = 1440;
const FIRST_HEIGHT = 900;
/** As much of the title bar must lie on a screen that a mouse can take hold of it. */
const GRIP_WIDTH = 120;
const GRIP_HEIGHT = 32;

/**
 * Where to open the window: where it was, if that is still on a screen, else in the middle of the first.
 *
 * @param workAreas the screens without their bars, the primary one first
 */
export function placeWindow(saved: WindowPlace | null, workAreas: readonly [Rectangle, ...Rectangle[]]): WindowPlace {
  const { width, height, maximised } = saved ?? { width: FIRST_WIDTH, height: FIRST_HEIGHT, maximised: false };
  const screen = saved === null ? undefined : workAreas.find((area) => showsGrip(saved, area));
  const area = screen ?? workAreas[0];
  const size = {
    width: Math.max(MIN_WIDTH, Math.min(width, area.width)),
    height: Math.max(MIN_HEIGHT, Math.min(height, area.height)),
  };
  if (saved !== null && screen !== undefined) return { x: saved.x, y: saved.y, ...size, maximised };
  return {
    x: area.x + Math.max(0, Math.round((area.width - size.width) / 2)),
    y: area.y + Math.max(0, Math.round((area.height - size.height) / 2)),
    ...size,
    maximised,
  };
}

function showsGrip(place: WindowPlace, area: Rectangle): boolean {
  const across = Math.min(place.x + place.width, area.x + area.width) - Math.max(place.x, area.x);
  const top = place.y >= area.y && place.y + GRIP_HEIGHT <= area.y + area.height;
  return across >= GRIP_WIDTH && top;
}
