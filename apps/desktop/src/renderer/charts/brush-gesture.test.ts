import { assert, constantFrom, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BrushGesture, snapped, withEdgeAt, withNearerEdgeAt, type Press } from './brush-gesture.ts';

const T = 1_767_229_200_000;
const STEP = 1000;
const pressAt = (overrides: Partial<Press> = {}): Press => ({
  x: 100,
  atMs: T + 100_400,
  button: 0,
  shift: false,
  alt: false,
  msPerPx: 1000,
  ...overrides,
});

/** Drags from x = 100 by so many pixels, each worth a second. */
function drag(byPx: number, press: Partial<Press> = {}, selection: { fromMs: number; toMs: number } | null = null) {
  const gesture = new BrushGesture();
  gesture.press(pressAt(press), selection);
  const preview = gesture.move(100 + byPx, T + (100.4 + byPx) * 1000, STEP);
  return { preview, end: gesture.release() };
}

describe('a pointer on the plot', () => {
  it('paints from six pixels on, in whole buckets', () => {
    expect(drag(5)).toEqual({ preview: null, end: { type: 'click', atMs: T + 100_400 } });
    const span = { fromMs: T + 100_000, toMs: T + 131_000 };
    expect(drag(30)).toEqual({ preview: { type: 'range', mode: 'select', span }, end: { type: 'select', span } });
  });

  it('paints backwards as well', () => {
    expect(drag(-30).end).toEqual({ type: 'select', span: { fromMs: T + 70_000, toMs: T + 101_000 } });
  });

  it('goes on painting when it comes back to where it began', () => {
    const gesture = new BrushGesture();
    gesture.press(pressAt(), null);
    gesture.move(130, T + 130_400, STEP);
    expect(gesture.move(101, T + 101_400, STEP)).toMatchObject({ type: 'range' });
    expect(gesture.release()).toMatchObject({ type: 'select' });
  });

  it('zooms with Shift', () => {
    expect(drag(30, { shift: true }).end).toMatchObject({ type: 'zoom' });
  });

  it('moves the nearer edge of the selection with Alt, and selects where there is none', () => {
    const selection = { fromMs: T + 60_000, toMs: T + 110_000 };
    expect(drag(30, { alt: true }, selection).end).toEqual({
      type: 'select',
      span: { fromMs: T + 60_000, toMs: T + 131_000 },
    });
    expect(drag(30, { alt: true }).end).toMatchObject({ type: 'select', span: { fromMs: T + 100_000 } });
  });

  it('pans with the middle button, by pixels and not by the moment under it', () => {
    const { preview, end } = drag(30, { button: 1 });
    expect(preview).toEqual({ type: 'pan', byMs: -30_000 });
    expect(end).toEqual({ type: 'pan' });
  });

  it('leaves the right button to others', () => {
    expect(new BrushGesture().press(pressAt({ button: 2 }), null)).toBe(false);
  });

  it('comes to nothing when it is cancelled', () => {
    const gesture = new BrushGesture();
    gesture.press(pressAt(), null);
    gesture.move(140, T + 140_400, STEP);
    gesture.cancel();
    expect(gesture.release()).toEqual({ type: 'none' });
  });
});

describe('a brushed range', () => {
  const moment = integer({ min: T, max: T + 86_400_000 });
  const step = constantFrom(1000, 2000, 15_000, 60_000);

  it('is whole buckets, never empty, and holds both ends of the drag', () => {
    assert(
      property(moment, moment, step, (a, b, stepMs) => {
        const { fromMs, toMs } = snapped({ fromMs: a, toMs: b }, stepMs);
        expect(fromMs % stepMs).toBe(0);
        expect((toMs - fromMs) % stepMs).toBe(0);
        expect(toMs).toBeGreaterThan(fromMs);
        expect(fromMs).toBeLessThanOrEqual(Math.min(a, b));
        expect(toMs).toBeGreaterThanOrEqual(Math.max(a, b));
      }),
    );
  });

  it('keeps its other edge and its order when an edge is moved', () => {
    assert(
      property(moment, moment, moment, step, (a, b, at, stepMs) => {
        const span = snapped({ fromMs: a, toMs: b }, stepMs);
        const moved = withNearerEdgeAt(span, at, stepMs);
        expect(moved.fromMs === span.fromMs || moved.toMs === span.toMs).toBe(true);
        expect(moved.toMs - moved.fromMs).toBeGreaterThanOrEqual(stepMs);
        expect(withEdgeAt(span, 'from', at, stepMs).toMs).toBe(span.toMs);
      }),
    );
  });
});
