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
    const observe = (type: string, take: (entry: PerformanceEntry) => void, options: object = {}): void => {
      new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true, ...options });
    };
    observe('event', (entry) => entry.name === 'keydown' && probe.slowKeys.push(entry.duration), {
      durationThreshold: 16,
    });
    observe('layout-shift', (entry) => 'value' in entry && probe.shifts.push(Number(entry.value)));
    observe('long-animation-frame', ({ duration }) => probe.longFrames.push(duration));
    const afterPaint = (run: () => void): void => {
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = run;
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
