import { describe, expect, it } from 'vitest';
import { FakeBridge } from '../testing/fake-bridge.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { Console } from './console.ts';

const T = 1_767_229_200_000;

async function aConsole() {
  const clock = new FakeClock(T);
  const bridge = new FakeBridge({ now: clock.now });
  const console = new Console({
    bridge,
    now: clock.now,
    setTimer: clock.setTimer,
    shelf: { getItem: () => null, setItem: () => undefined },
    newKey: () => 'key-00000000',
  });
  await console.start();
  bridge.connect();
  clock.advance(300);
  let cursorMs: number | null = null;
  const chart = {
    moveCursor: (buckets: number) => {
      cursorMs = (cursorMs ?? T - 60_000) + buckets * 1000;
    },
    putCursor: () => undefined,
    clearCursor: () => undefined,
    cursorMs: () => cursorMs,
    focus: () => undefined,
    values: () => ({ value: [], lower: [], upper: [] }),
    describe: () => '',
  };
  console.attachChart(chart);
  return { console, clock, chart, brush: console.brush, view: () => console.view.getState() };
}

describe('the brush', () => {
  it('is moved by the arrow keys between two presses of v', async () => {
    const { brush, chart, view } = await aConsole();
    brush.toggle();
    expect(view().selection).toBeNull();
    chart.moveCursor(0);
    brush.toggle();
    for (let i = 0; i < 10; i++) {
      chart.moveCursor(-1);
      brush.follow();
    }
    expect(view().selection).toEqual({ fromMs: T - 70_000, toMs: T - 59_000 });
    brush.toggle();
    chart.moveCursor(-50);
    brush.follow();
    expect(view().selection).toEqual({ fromMs: T - 70_000, toMs: T - 59_000 });
    expect(view().explaining).toBe(false);
  });

  it('holds the axis while a pointer is down, and lets it go with the pointer', async () => {
    const { brush, console, view } = await aConsole();
    brush.hold();
    expect(view().window).toMatchObject({ type: 'fixed', by: 'drag' });
    console.resume('hover');
    expect(view().window).toMatchObject({ type: 'fixed', by: 'drag' });
    brush.select({ fromMs: T - 300_000, toMs: T - 240_000 }, true);
    brush.release();
    console.resume('hover');
    expect(view().window).toMatchObject({ type: 'live', seconds: 900 });
  });

  it('keeps on the screen what touches the live edge', async () => {
    const { brush, console, view } = await aConsole();
    brush.hold();
    const { window } = view();
    if (window.type !== 'fixed') throw new Error('not held');
    brush.select({ fromMs: window.toMs - 30_000, toMs: window.toMs }, true);
    brush.release();
    console.resume('hover');
    expect(view().window).toMatchObject({ type: 'fixed', by: 'key' });
  });

  it('goes back by whole gestures: a turn of the wheel is one zoom', async () => {
    const { brush, clock, view } = await aConsole();
    for (let i = 1; i <= 5; i++) {
      brush.slideTo({ fromMs: T - 600_000 + i * 1000, toMs: T - 300_000 - i * 1000 });
      clock.advance(100);
    }
    expect(view().zoomStack).toHaveLength(1);
    clock.advance(2000);
    brush.slideTo({ fromMs: T - 500_000, toMs: T - 400_000 });
    expect(view().zoomStack).toHaveLength(2);
    brush.zoomBackTo(0);
    expect(view().window).toMatchObject({ type: 'live', seconds: 900 });
  });

  it('cannot be panned into the future, nor beyond what is loaded', async () => {
    const { brush, view } = await aConsole();
    brush.slideTo({ fromMs: T + 1_000_000, toMs: T + 1_300_000 });
    expect(view().window).toMatchObject({ type: 'fixed' });
    const ahead = view().window;
    if (ahead.type === 'fixed') expect(ahead.toMs).toBeLessThanOrEqual(T + 300);
    brush.slideTo({ fromMs: T - 90_000_000, toMs: T - 89_700_000 });
    const behind = view().window;
    if (behind.type === 'fixed') expect(behind.fromMs).toBeGreaterThanOrEqual(T - 905_000);
  });

  it('looks at what lies further back by a wider range', async () => {
    const { brush, view } = await aConsole();
    brush.lookAt({ fromMs: T - 5 * 3_600_000, toMs: T - 5 * 3_600_000 + 90_500 });
    expect(view()).toMatchObject({ rangeId: '6h', explaining: true, view: 'heartbeat' });
    // Whole steps of that range.
    expect((view().selection?.toMs ?? 1) % 15_000).toBe(0);
  });
});
