/** What a page can tell of its own speed. Runs in the page before anything else does. */
import type { Page } from '@playwright/test';

export interface Probe {
  /** Event Timing: from the key to the next paint, in steps of 8 ms; what took less than 16 ms is not reported. */
  readonly slowKeys: number[];
  /** Every key, from its time stamp to the task after the frame in which its handlers ran. */
  readonly keys: number[];
  /** Between two animation frames. */
  readonly frames: number[];
  /** Layout shift scores, also the ones right after an input. */
  readonly shifts: number[];
  /** Animation frames of more than 50 ms. */
  readonly longFrames: number[];
  /** When the first chart and the first live second were there, since the navigation began. */
  readonly seen: { chart?: number; live?: number };
}

export async function installProbe(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const probe: Probe = { slowKeys: [], keys: [], frames: [], shifts: [], longFrames: [], seen: {} };
    Object.assign(window, { probe });
    const observe = (
      type: string,
      list: 'slowKeys' | 'shifts' | 'longFrames',
      valueOf: (entry: PerformanceEntry) => number | null,
      options: object = {},
    ): void => {
      const take = (entry: PerformanceEntry): void => {
        const value = valueOf(entry);
        if (value !== null) probe[list].push(value);
      };
      new PerformanceObserver((seen) => seen.getEntries().forEach(take)).observe({ type, buffered: true, ...options });
    };
    observe('event', 'slowKeys', ({ name, duration }) => (name === 'keydown' ? duration : null), {
      durationThreshold: 16,
    });
    observe('layout-shift', 'shifts', (entry) => ('value' in entry ? Number(entry.value) : null));
    observe('long-animation-frame', 'longFrames', ({ duration }) => duration);
    // A message posted in an animation frame is a task of its own, after the frame.
    const { port1, port2 } = new MessageChannel();
    const waiting: (() => void)[] = [];
    port1.addEventListener('message', () => waiting.shift()?.());
    port1.start();
    const afterPaint = (run: () => void): void => {
      requestAnimationFrame(() => {
        waiting.push(run);
        port2.postMessage(null);
      });
    };
    addEventListener('keydown', ({ timeStamp }) => afterPaint(() => probe.keys.push(performance.now() - timeStamp)), {
      capture: true,
    });
    let last = 0;
    const frame = (now: number): void => {
      if (last > 0) probe.frames.push(now - last);
      last = now;
      const { seen } = probe;
      if (seen.chart === undefined && document.querySelector('.u-wrap canvas') !== null)
        afterPaint(() => (seen.chart ??= performance.now()));
      const chip = document.querySelector('header')?.textContent ?? '';
      if (seen.live === undefined && /LIVE|LAG/.test(chip)) afterPaint(() => (seen.live ??= performance.now()));
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}

export function readProbe(page: Page): Promise<Probe> {
  return page.evaluate(() => Reflect.get(window, 'probe') as Probe);
}

/** Forgets what was before. */
export function resetProbe(page: Page): Promise<void> {
  return page.evaluate(() => {
    const probe = Reflect.get(window, 'probe') as Probe;
    for (const list of [probe.slowKeys, probe.keys, probe.frames, probe.shifts, probe.longFrames]) list.length = 0;
  });
}
