import { expect, test, type Page } from '@playwright/test';
import { SETTLED_MS } from '../harness/desk-page.ts';
import { graveFaults } from '../harness/grave-faults.ts';
import { serveGallery, type Gallery } from '../harness/serve-gallery.ts';

let gallery: Gallery;
test.beforeAll(async () => {
  gallery = await serveGallery();
});
test.afterAll(() => gallery.close());

async function opens(page: Page, query = ''): Promise<void> {
  await page.goto(`${gallery.url}${query}`);
  await expect(page.getByRole('heading', { name: 'Heartbeat', level: 1 })).toBeVisible();
  // What a hand does on the chart is loaded after the chart.
  await expect(page.locator('.brush-label')).toBeAttached();
  await page.waitForTimeout(SETTLED_MS);
}

/** Drags over the plot between two places, 0 is its left edge and 1 its right. */
async function drags(page: Page, from: number, to: number, hold?: 'Shift' | 'Alt'): Promise<void> {
  const box = await page.locator('.u-over').first().boundingBox();
  if (box === null) throw new Error('there is no plot');
  const y = box.y + box.height / 2;
  if (hold !== undefined) await page.keyboard.down(hold);
  await page.mouse.move(box.x + box.width * from, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * to, y, { steps: 8 });
  await page.mouse.up();
  if (hold !== undefined) await page.keyboard.up(hold);
}

const grid = (page: Page) => page.getByRole('treegrid', { name: 'Patterns in the range' });
const rows = (page: Page) => grid(page).getByRole('row');
const edge = (page: Page, name: 'Start' | 'End') => page.getByRole('slider', { name: `${name} of the range` });

test.describe('brushing a spike', () => {
  test('with the mouse tells what it is made of, in a sum that comes out', async ({ page }) => {
    await opens(page);
    await drags(page, 0.86, 0.96);
    await expect(grid(page)).toContainText('Connection pool exhausted');
    await expect(grid(page)).toContainText('NEW');
    await expect(page.locator('#explain')).toContainText(/pattern.* (explain|brought)/);
    await expect(page.locator('#explain')).not.toContainText('unaccounted');
    await expect(page.locator('#explain')).not.toContainText('so far');
    // The focus has not been taken.
    await expect(grid(page)).not.toBeFocused();
    const firstRow = await page.evaluate(() => performance.getEntriesByName('explain:first-row').length);
    expect(firstRow).toBe(1);
    expect(await graveFaults(page)).toEqual([]);
  });

  test('with the keyboard alone, down to the lines and back', async ({ page }) => {
    await opens(page);
    await page.getByRole('application').first().focus();
    for (let i = 0; i < 4; i++) await page.keyboard.press('Shift+ArrowLeft');
    await page.keyboard.press('v');
    for (let i = 0; i < 5; i++) await page.keyboard.press('Shift+ArrowLeft');
    await page.keyboard.press('Enter');
    await expect(grid(page)).toContainText('Connection pool exhausted');
    await page.keyboard.press('Enter');
    await expect(grid(page)).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(grid(page)).toContainText('for a free one (jdbc:postgresql://db-eu-3/payments)');
    await page.keyboard.press('j');
    await page.keyboard.press('s');
    await expect(page.getByRole('region', { name: 'Notifications' })).toContainText('until it gets worse');
    await page.keyboard.press('f');
    await expect(page.getByRole('heading', { name: 'Live feed', level: 1 })).toBeVisible();
    await page.keyboard.press('[');
    await expect(page.getByRole('heading', { name: 'Heartbeat', level: 1 })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(edge(page, 'Start')).toHaveCount(0);
  });

  test('keeps its time through a reload, a resize and a link', async ({ page }) => {
    await opens(page);
    await drags(page, 0.5, 0.6);
    const time = await edge(page, 'Start').getAttribute('aria-valuenow');
    await page.setViewportSize({ width: 1024, height: 700 });
    await expect(edge(page, 'Start')).toHaveAttribute('aria-valuenow', time ?? '');
    await expect(page).toHaveURL(/sel=\d+-\d+/);
    await page.reload();
    await expect(edge(page, 'Start')).toHaveAttribute('aria-valuenow', time ?? '');
    await expect(rows(page).first()).toBeVisible();
  });

  test('is taken back by Escape while it goes on, and its edges are moved by key', async ({ page }) => {
    await opens(page);
    const box = await page.locator('.u-over').first().boundingBox();
    if (box === null) throw new Error('there is no plot');
    await page.mouse.move(box.x + 100, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + 200, box.y + 60, { steps: 4 });
    await expect(page.locator('.brush-label')).toContainText('lines');
    await page.keyboard.press('Escape');
    await page.mouse.up();
    await expect(edge(page, 'Start')).toHaveCount(0);
    await drags(page, 0.3, 0.5);
    const before = Number(await edge(page, 'End').getAttribute('aria-valuenow'));
    await edge(page, 'End').focus();
    await page.keyboard.press('ArrowRight');
    await expect(edge(page, 'End')).toHaveAttribute('aria-valuenow', String(before + 1000));
    await drags(page, 0.9, 0.55, 'Alt');
    expect(Number(await edge(page, 'End').getAttribute('aria-valuenow'))).toBeGreaterThan(before);
  });

  test('zooms with Shift, and each zoom is a step back', async ({ page }) => {
    await opens(page);
    await drags(page, 0.2, 0.6, 'Shift');
    await drags(page, 0.2, 0.6, 'Shift');
    const trail = page.getByRole('navigation', { name: 'Zooms' });
    await expect(trail.getByRole('button')).toHaveText(['15 m', /^\d+ m/]);
    await trail.getByRole('button').first().click();
    await expect(trail).toHaveCount(0);
  });

  test('tries another sensitivity before it is set, and takes it back', async ({ page }) => {
    await opens(page);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('3');
    await expect(page.getByText('can be P1–P4')).toBeVisible();
    await expect(page.getByText('replayed by the detector')).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('region', { name: 'Notifications' })).toContainText('fires at sensitivity high');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(page.getByRole('region', { name: 'Notifications' })).toContainText('fires at sensitivity medium');
  });
});

test.describe('the live feed', () => {
  test('stops where somebody reads, counts on, and goes on', async ({ page }) => {
    await opens(page);
    await page.keyboard.press('g');
    await page.keyboard.press('l');
    const feed = page.getByRole('grid', { name: 'Live lines' });
    await expect(feed.getByRole('row').first()).toBeVisible();
    await page.waitForTimeout(SETTLED_MS);
    await page.keyboard.press('k');
    await expect(page.getByText('Paused')).toBeVisible();
    await expect(page.getByText(/[1-9]\d* new/)).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('region', { name: 'Line' })).toBeVisible();
    expect(await graveFaults(page)).toEqual([]);
    await page.keyboard.press('o');
    await expect(page.getByText('How often')).toBeVisible();
    expect(await graveFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect(page.getByText('What messages say')).toBeVisible();
  });
});
