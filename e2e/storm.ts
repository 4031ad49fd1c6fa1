/**
 * The storm of ux §6, goal 22: 10,000 incidents and 5,000 lines a second for ten minutes, and somebody who works in it:
 * `npm run storm` after `npm run build:gallery`. The journey `desk-storm.spec.ts` runs twenty seconds of it.
 *
 * node e2e/storm.ts [--minutes 10] [--incidents 10000]
 */
import { parseArgs } from 'node:util';
import { openBrowser } from './harness/open-browser.ts';
import { serveGallery } from './harness/serve-gallery.ts';
import { storm } from './harness/storm.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, incidents: { type: 'string', default: '10000' } },
});
const gallery = await serveGallery();
const browser = await openBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${gallery.url}?incidents=22`);
  await page.waitForTimeout(2500);
  for (const key of ['g', 'i', 'j', 'j', 'j']) {
    await page.keyboard.press(key);
    await page.waitForTimeout(300);
  }
  const { heap, ...report } = await storm(page, {
    seconds: Number(values.minutes) * 60,
    incidents: Number(values.incidents),
    linesPerSecond: 5000,
  });
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  for (const { atSecond, mb, nodes } of heap) {
    process.stdout.write(`${atSecond.toFixed(0).padStart(5)} s  ${mb.toFixed(1).padStart(6)} MB  ${nodes} nodes\n`);
  }
} finally {
  await browser.close();
  gallery.close();
}
