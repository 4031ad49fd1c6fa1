/** A storm over the inbox: incidents and lines pour in while somebody works. The journey runs a short one, `npm run storm` the long one. */
import type { Page } from '@playwright/test';

export interface StormSize {
  readonly seconds: number;
  /** New incidents in all, evenly spread; as many changes of known ones come with them. */
  readonly incidents: number;
  readonly linesPerSecond: number;
}

export interface StormReport {
  readonly incidents: number;
  readonly keys: number;
  /** Keys after which the focus was not where they lead. */
  readonly keysLost: number;
  /** How far the focused row moved on the screen while no key was pressed, at most. */
  readonly movedPx: number;
  /** Megabytes of the page's heap after a collection, once a minute or at least at both ends, with the DOM's nodes. */
  readonly heap: readonly { readonly atSecond: number; readonly mb: number; readonly nodes: number }[];
  readonly longestFrameMs: number;
}

/** Another row under the hand is as bad as any distance. */
const ROW_LOST_PX = 9999;

/** The page shows the gallery's inbox with a row in focus that has another one below it. */
export async function storm(page: Page, { seconds, incidents, linesPerSecond }: StormSize): Promise<StormReport> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  const heap: StormReport['heap'][number][] = [];
  const look = async (atSecond: number): Promise<void> => {
    await cdp.send('HeapProfiler.collectGarbage');
    const { metrics } = await cdp.send('Performance.getMetrics');
    const of = (wanted: string): number => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
    heap.push({ atSecond, mb: of('JSHeapUsedSize') / 1e6, nodes: of('Nodes') });
  };
  // Somebody stands in the list: only then does it promise to hold still for longer than a few seconds.
  await page.locator('#inbox').focus();
  await look(0);
  await begin(page, incidents / seconds, linesPerSecond);
  let [keys, keysLost, movedPx] = [0, 0, 0];
  const startMs = Date.now();
  let lookedAt = 0;
  for (;;) {
    const atSecond = (Date.now() - startMs) / 1000;
    if (atSecond >= seconds) break;
    if (atSecond - lookedAt >= 60) {
      lookedAt = atSecond;
      await look(atSecond);
    }
    const before = await focusedRow(page);
    await page.waitForTimeout(700);
    const after = await focusedRow(page);
    movedPx = Math.max(movedPx, Math.abs(after.y - before.y), after.id === before.id ? 0 : ROW_LOST_PX);
    for (const key of ['j', 'k', 'j']) await page.keyboard.press(key);
    const down = await focusedRow(page);
    await page.keyboard.press('k');
    const up = await focusedRow(page);
    keys += 4;
    keysLost += (down.id === after.id ? 1 : 0) + (up.id === after.id ? 0 : 1);
  }
  const told = await end(page);
  await look((Date.now() - startMs) / 1000);
  return { ...told, keys, keysLost, movedPx, heap };
}

async function focusedRow(page: Page): Promise<{ readonly id: string; readonly y: number }> {
  return page.evaluate(() => {
    const row = document.querySelector('.incident-row[data-focused]');
    return { id: row?.getAttribute('data-incident') ?? '', y: row?.getBoundingClientRect().y ?? Number.NaN };
  });
}

interface GalleryDesk {
  readonly incidents: ReadonlyMap<string, unknown>;
  change(id: string, change: object): void;
}
interface GalleryBridge {
  linesPerSecond: number;
  storm(count: number): void;
  desk(): GalleryDesk;
  watchLines(wish: object): Promise<unknown>;
}

async function begin(page: Page, perSecond: number, linesPerSecond: number): Promise<void> {
  await page.evaluate(
    ([rate, lines]) => {
      const bridge = Reflect.get(window, 'galleryBridge') as GalleryBridge;
      bridge.linesPerSecond = lines;
      // The most that an agent sends of them.
      void bridge.watchLines({ agentIds: ['agent-eu'], wish: { filter: {}, rate: 500 } });
      const known = bridge.desk().incidents.size;
      let [came, longest, last] = [0, 0, performance.now()];
      const startMs = last;
      const timer = setInterval(() => {
        const due = Math.floor(((performance.now() - startMs) / 1000) * rate) - came;
        came += due;
        bridge.storm(due);
        // Known ones change as well, also those on the screen: they get worse, and better again.
        const ids = [...bridge.desk().incidents.keys()];
        for (let i = 0; i < due; i++) {
          const id = ids[(came * 7919 + i * 104_729) % Math.min(ids.length, known + 200)];
          if (id !== undefined)
            bridge.desk().change(id, { peak_score: 3 + (i % 9), severity: i % 2 === 0 ? 'P1' : 'P3' });
        }
      }, 100);
      const frame = (now: number): void => {
        longest = Math.max(longest, now - last);
        last = now;
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
      Object.assign(window, {
        endStorm: () => {
          clearInterval(timer);
          return { incidents: bridge.desk().incidents.size, longestFrameMs: longest };
        },
      });
    },
    [perSecond, linesPerSecond] as const,
  );
}

function end(page: Page): Promise<{ readonly incidents: number; readonly longestFrameMs: number }> {
  return page.evaluate('endStorm()');
}
