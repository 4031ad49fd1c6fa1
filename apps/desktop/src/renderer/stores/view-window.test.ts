import { describe, expect, it } from 'vitest';
import { held, resumed, spanOf, zoomedIn, zoomedTo, type ViewWindow } from './view-window.ts';

const EDGE = 1_767_229_200_000;
const LIVE: ViewWindow = { type: 'live', seconds: 900 };
const minutes = (window: ViewWindow) => {
  const { fromMs, toMs } = spanOf(window, EDGE);
  return [(fromMs - EDGE) / 60_000, (toMs - EDGE) / 60_000];
};

describe('the window of the chart', () => {
  it('slides with the edge, and stands still when it is held', () => {
    const still = held(LIVE, EDGE, EDGE, 'key');
    expect(spanOf(LIVE, EDGE + 5000).toMs).toBe(EDGE + 5000);
    expect(spanOf(still, EDGE + 5000).toMs).toBe(EDGE);
  });

  it('goes on as wide as it was', () => {
    expect(resumed(held(LIVE, EDGE, EDGE, 'hover'))).toEqual(LIVE);
  });

  it('lets a key take over what the pointer holds, never the other way round', () => {
    const hovered = held(LIVE, EDGE, EDGE, 'hover');
    expect(held(hovered, EDGE + 9000, EDGE + 9000, 'key')).toMatchObject({ by: 'key', toMs: EDGE, sinceMs: EDGE });
    const pressed = held(LIVE, EDGE, EDGE, 'key');
    expect(held(pressed, EDGE, EDGE, 'hover')).toBe(pressed);
  });

  it('zooms towards the live edge and stays live, or around the cursor and stands still', () => {
    expect(zoomedIn(LIVE, EDGE, EDGE, null)).toEqual({ type: 'live', seconds: 450 });
    expect(minutes(zoomedIn(LIVE, EDGE, EDGE, EDGE - 7.5 * 60_000))).toEqual([-11.25, -3.75]);
  });

  it('never zooms out of what was shown, nor below half a minute', () => {
    expect(minutes(zoomedIn(LIVE, EDGE, EDGE, EDGE - 14 * 60_000))).toEqual([-15, -7.5]);
    expect(zoomedTo({ fromMs: EDGE - 60_000, toMs: EDGE - 58_000 }, EDGE)).toMatchObject({
      fromMs: EDGE - 74_000,
      toMs: EDGE - 44_000,
    });
    let window: ViewWindow = LIVE;
    for (let i = 0; i < 20; i++) window = zoomedIn(window, EDGE, EDGE, null);
    expect(window).toEqual({ type: 'live', seconds: 30 });
  });
});
