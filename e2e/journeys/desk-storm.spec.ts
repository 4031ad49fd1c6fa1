import { expect, test } from '@playwright/test';
import { SETTLED_MS } from '../harness/desk-page.ts';
import { serveGallery, type Gallery } from '../harness/serve-gallery.ts';
import { storm } from '../harness/storm.ts';

let gallery: Gallery;
test.beforeAll(async () => {
  gallery = await serveGallery();
});
test.afterAll(() => gallery.close());

test('a storm of incidents and lines moves no row, loses no key and stays within its memory', async ({ page }) => {
  await page.goto(`${gallery.url}?incidents=22`);
  await expect(page.getByRole('heading', { name: 'Heartbeat', level: 1 })).toBeVisible();
  await page.waitForTimeout(SETTLED_MS);
  for (const key of ['g', 'i', 'j', 'j']) await page.keyboard.press(key);
  await expect(page.locator('.incident-row[data-focused]')).toBeVisible();
  const report = await storm(page, { seconds: 20, incidents: 2000, linesPerSecond: 5000 });
  expect(report).toMatchObject({ movedPx: 0, keysLost: 0 });
  expect(report.incidents).toBeGreaterThan(1500);
  expect(report.keys).toBeGreaterThan(0);
  for (const { mb } of report.heap) expect(mb).toBeLessThan(250);
});
