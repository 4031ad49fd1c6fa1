/** Goals 10, 11 and 19: what a frame costs, in CPU of the page's main thread, so that neighbours on the machine do not count. */
import type { Browser, Page } from '@playwright/test';
import { ms, quantile, type Measured } from './measured.ts';
import { installProbe, readProbe, resetProbe } from './page-probe.ts';

const SETTLE_MS = 4000;
const CATEGORIES = ['devtools.timeline', 'disabled-by-default-devtools.timeline', '__metadata'];
const DRAWING = new Set(['UpdateLayoutTree', 'Layout', 'PrePaint', 'Paint', 'Layerize', 'Commit', 'UpdateLayer']);

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** µs since the trace began. */
  readonly ts: number;
  /** µs of wall clock. */
  readonly dur?: number;
  /** µs of processor. */
  readonly tdur?: number;
}

export async function measureFrames(
  browser: Browser,
  galleryUrl: string,
  seconds: number,
): Promise<readonly Measured[]> {
  const figures: Measured[] = [];
  for (const deviceScaleFactor of [1, 2]) {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, deviceScaleFactor });
    await installProbe(page);
    await page.goto(galleryUrl);
    await page.waitForTimeout(SETTLE_MS);
    await resetProbe(page);
    await browser.startTracing(page, { categories: CATEGORIES });
    await page.waitForTimeout(seconds * 1000);
    const trace = JSON.parse((await browser.stopTracing()).toString('utf8')) as { traceEvents: readonly TraceEvent[] };
    const { frames, longFrames } = await readProbe(page);
    const cost = frameCosts(trace.traceEvents);
    const late = (100 * frames.filter((delta) => delta > 20).length) / frames.length;
    const script = quantile(cost.script, 0.99);
    figures.push(
      {
        goal: 10,
        what: `frames of the heartbeat and 8 small charts, DPR ${deviceScaleFactor}, software raster, ${seconds} s`,
        target: deviceScaleFactor === 1 ? 'p99 ≤ 17 ms' : '≤ 1 % later than 20 ms',
        measured:
          `between frames p50 ${ms(quantile(frames, 0.5))}, p99 ${ms(quantile(frames, 0.99))}, ${late.toFixed(1)} % later than 20 ms; ` +
          `CPU of script + layout + paint p50 ${ms(quantile(cost.all, 0.5))}, p99 ${ms(quantile(cost.all, 0.99))}`,
        isMet: deviceScaleFactor === 1 ? quantile(frames, 0.99) <= 17 : late <= 1,
      },
      {
        goal: 11,
        what: `script a frame, DPR ${deviceScaleFactor}, ${cost.script.length} frames`,
        target: 'p99 ≤ 8 ms, no frame > 50 ms',
        measured: `p50 ${ms(quantile(cost.script, 0.5))}, p99 ${ms(script)}; ${longFrames.length} long frames`,
        isMet: script <= 8 && longFrames.length === 0,
      },
    );
    await page.close();
  }
  return [...figures, await hidden(browser, galleryUrl, seconds)];
}

/** The page's main thread is the one that runs animation frames. */
function frameCosts(events: readonly TraceEvent[]): { readonly script: number[]; readonly all: number[] } {
  const fired = events.filter(({ name }) => name === 'FireAnimationFrame').toSorted((a, b) => a.ts - b.ts);
  const [first] = fired;
  if (first === undefined) throw new Error('the trace holds no animation frame: was the page hidden?');
  const cpuMs = ({ tdur, dur = 0 }: TraceEvent): number => (tdur ?? dur) / 1000;
  const ofPage = events.filter(({ pid, tid }) => pid === first.pid && tid === first.tid);
  const drawn = ofPage.filter(({ name }) => DRAWING.has(name)).toSorted((a, b) => a.ts - b.ts);
  // Several callbacks share a frame: those that begin within 2 ms.
  const starts: TraceEvent[][] = [];
  for (const event of fired) {
    const frame = starts.at(-1);
    if (frame?.[0] !== undefined && event.ts - frame[0].ts < 2000) frame.push(event);
    else starts.push([event]);
  }
  const script = starts.map((frame) => frame.reduce((sum, event) => sum + cpuMs(event), 0));
  let at = 0;
  const all = starts.map((frame, i) => {
    const end = starts[i + 1]?.[0]?.ts ?? Number.POSITIVE_INFINITY;
    let sum = script[i] ?? 0;
    for (; at < drawn.length && (drawn[at]?.ts ?? 0) < end; at++) {
      const event = drawn[at];
      if (event !== undefined && event.ts >= (frame[0]?.ts ?? 0)) sum += cpuMs(event);
    }
    return sum;
  });
  return { script, all };
}

/** Behind another tab, as a minimised window is: it goes on listening and draws nothing. */
async function hidden(browser: Browser, galleryUrl: string, seconds: number): Promise<Measured> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await installProbe(page);
  await page.goto(galleryUrl);
  await page.waitForTimeout(SETTLE_MS);
  const cdp = await context.newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const visible = await taskShare(page, cdp, seconds);
  await cdp.send('Emulation.setFocusEmulationEnabled', { enabled: false });
  const other = await context.newPage();
  await other.bringToFront();
  await page.waitForTimeout(2000);
  const isHidden = (await page.evaluate(() => document.visibilityState)) === 'hidden';
  await resetProbe(page);
  const share = await taskShare(page, cdp, seconds);
  const { frames } = await readProbe(page);
  await context.close();
  return {
    goal: 19,
    what: 'hidden: processor of the page’s main thread, 8 services, one agent',
    target: '≤ 1 % of a core, 0 frames',
    measured: isHidden
      ? `${(100 * share).toFixed(2)} %, ${frames.length} frames (shown: ${(100 * visible).toFixed(1)} %)`
      : `this Chromium does not hide a page behind another; shown it takes ${(100 * visible).toFixed(1)} %`,
    isMet: isHidden ? share <= 0.01 && frames.length === 0 : null,
  };
}

async function taskShare(
  page: Page,
  cdp: Awaited<ReturnType<ReturnType<Page['context']>['newCDPSession']>>,
  seconds: number,
): Promise<number> {
  const busy = async (): Promise<number> => {
    const { metrics } = await cdp.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
  };
  const before = await busy();
  await page.waitForTimeout(seconds * 1000);
  return ((await busy()) - before) / seconds;
}
