import { expect, test, type Page } from '@playwright/test';
import { SETTLED_MS } from '../harness/desk-page.ts';
import { graveFaults } from '../harness/grave-faults.ts';
import { serveGallery, type Gallery } from '../harness/serve-gallery.ts';

let gallery: Gallery;
test.beforeAll(async () => {
  gallery = await serveGallery();
});
test.afterAll(() => gallery.close());

/** Counts every key that goes into the page. */
class Hand {
  keys = 0;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      this.keys++;
      await this.#page.keyboard.press(key);
    }
  }
}

async function opens(page: Page, query = ''): Promise<Hand> {
  await page.goto(`${gallery.url}${query}`);
  await expect(page.getByRole('heading', { name: 'Heartbeat', level: 1 })).toBeVisible();
  await expect(page.getByRole('list', { name: 'Open incidents' })).not.toContainText('–');
  await page.waitForTimeout(SETTLED_MS);
  return new Hand(page);
}

const rows = (page: Page) => page.getByRole('grid', { name: 'Incidents' }).getByRole('row');
const tab = (page: Page, name: string) =>
  page.getByRole('group', { name: 'Which incidents' }).getByRole('button', { name });
const focusedRow = (page: Page) => page.locator('.incident-row[data-focused]');
const toast = (page: Page) => page.getByRole('region', { name: 'Notifications' });

test.describe('the desk', () => {
  test('acknowledges the worst incident from anywhere in two keys', async ({ page }) => {
    const hand = await opens(page);
    await hand.press('n');
    await expect(focusedRow(page)).toContainText('P1');
    await hand.press('a');
    await expect(toast(page)).toContainText(/Acknowledged INC-\d+ payment-service@EU \+2/);
    await expect(page.locator('#incident-detail')).toBeVisible();
    expect(hand.keys).toBe(2);
  });

  test('triages twenty incidents in at most 45 keys, without a mouse', async ({ page }) => {
    const hand = await opens(page, '?incidents=22');
    await hand.press('n');
    await expect(tab(page, 'For review')).toContainText('20');
    for (let i = 0; i < 10; i++) await hand.press('a');
    await expect(tab(page, 'Acked')).toContainText('11');
    for (let i = 0; i < 5; i++) {
      await hand.press('s');
      await expect(page.getByRole('dialog', { name: 'Silence' })).toBeVisible();
      await hand.press('2');
    }
    await expect(tab(page, 'Silenced')).toContainText('5');
    for (let i = 0; i < 5; i++) {
      await hand.press('r');
      // What still fires asks first; y is the answer.
      const asked = page.getByRole('dialog', { name: 'Resolve' });
      const done = tab(page, 'Resolved').filter({ hasText: String(2 + i) });
      await expect(asked.or(done)).toBeVisible();
      if (await asked.isVisible()) await hand.press('y');
      await expect(done).toBeVisible();
    }
    await expect(page.getByText('All clear')).toBeVisible();
    expect(hand.keys).toBeLessThanOrEqual(45);
  });

  test('takes back, and does again', async ({ page }) => {
    const hand = await opens(page);
    await hand.press('n', 'a');
    await expect(tab(page, 'For review')).toContainText('4');
    await hand.press('z');
    await expect(tab(page, 'For review')).toContainText('5');
    await expect(toast(page)).toContainText('nothing had gone out');
    await hand.press('Shift+Z');
    await expect(tab(page, 'For review')).toContainText('4');
  });

  test('stands on what an undo has brought back to an empty list', async ({ page }) => {
    const hand = await opens(page, '?incidents=1');
    await hand.press('n', 'a');
    await expect(page.getByText('All clear')).toBeVisible();
    await hand.press('z');
    await expect(focusedRow(page)).toBeVisible();
    await hand.press('s', '1');
    await expect(tab(page, 'Silenced')).toContainText('1');
  });

  test('acknowledges all that is shown after y, and takes all of it back', async ({ page }) => {
    const hand = await opens(page);
    await hand.press('g', 'i');
    await expect(rows(page).first()).toBeVisible();
    await hand.press('Control+Shift+A');
    await expect(page.getByRole('dialog', { name: 'Acknowledge' })).toContainText('2 P2');
    await hand.press('Enter');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(tab(page, 'Acked')).toContainText('1');
    await hand.press('Control+Shift+A', 'y');
    await expect(tab(page, 'Acked')).toContainText('6');
    await hand.press('z');
    await expect(tab(page, 'Acked')).toContainText('1');
    await expect(tab(page, 'For review')).toContainText('5');
  });

  test('keeps a held key from doing its work over and over', async ({ page }) => {
    const hand = await opens(page);
    await hand.press('n');
    await page.keyboard.down('a');
    for (let i = 0; i < 10; i++) await page.keyboard.down('a');
    await page.keyboard.up('a');
    await expect(tab(page, 'Acked')).toContainText('2');
  });

  test('says so when the agent is away, sends what may wait and refuses the rest', async ({ page }) => {
    const hand = await opens(page, '?down');
    await page.waitForTimeout(1000);
    await hand.press('n', 'a');
    await expect(page.getByRole('contentinfo')).toContainText('1 pending');
    await hand.press('f', 'a');
    await expect(rows(page).first()).toContainText('waiting');
    await expect(page.getByText(/prod-eu is not reporting/)).toBeVisible();
    await expect(
      page.getByRole('toolbar', { name: 'Actions' }).getByRole('button', { name: /Resolve/ }),
    ).toHaveAttribute('aria-disabled', 'true');
  });

  test('finds every command by its name, with its key', async ({ page }) => {
    const hand = await opens(page);
    await hand.press('n', 'Control+k');
    await page.keyboard.type('mute');
    const option = page.getByRole('option').first();
    await expect(option).toContainText('Silence');
    await expect(option).toContainText('s');
    await hand.press('Enter');
    await expect(page.getByRole('option', { name: /4 hours/ })).toBeVisible();
    await page.keyboard.type('4');
    await hand.press('Enter', 'Enter');
    await expect(tab(page, 'Silenced')).toContainText('1');
  });

  test('tells what happened while nobody was there', async ({ page }) => {
    const hand = await opens(page, '?away');
    await hand.press('g', 'i');
    await expect(page.getByRole('region', { name: 'While you were away' })).toContainText('still open');
  });

  test('does not move the row in focus while incidents pour in', async ({ page }) => {
    const hand = await opens(page);
    await hand.press('n', 'j');
    const before = await focusedRow(page).boundingBox();
    const id = await focusedRow(page).getAttribute('data-incident');
    await page.evaluate('galleryBridge.storm(500)');
    await expect(page.getByRole('button', { name: /500 new/ })).toBeVisible();
    expect(await focusedRow(page).getAttribute('data-incident')).toBe(id);
    expect(await focusedRow(page).boundingBox()).toEqual(before);
    await hand.press('.');
    await expect(tab(page, 'For review')).toContainText('505');
  });

  test('lets its keys be changed', async ({ page }) => {
    const hand = await opens(page);
    await hand.press('g', ',');
    await page.getByRole('button', { name: 'Record keys for Acknowledge', exact: true }).click();
    await hand.press('q', 'Enter');
    await hand.press('n');
    await expect(focusedRow(page)).toBeVisible();
    await hand.press('q');
    await expect(toast(page)).toContainText('Acknowledged');
  });

  for (const [name, query, keys] of [
    ['inbox and detail', '', ['n']],
    ['inbox at two clusters', '?agents=2', ['g', 'i']],
    ['while away', '?away', ['g', 'i']],
    ['all clear', '?incidents=0', ['g', 'i']],
    ['disconnected', '?down', ['n', 'a']],
    ['silence', '', ['n', 's']],
    ['severity', '', ['n', 'p']],
    ['assign', '', ['n', 'Shift+I']],
    ['note', '', ['n', 'c']],
    ['still firing', '', ['n', 'r']],
    ['palette', '', ['Control+k']],
    ['timeline', '', ['g', 't']],
    ['settings', '', ['g', ',']],
    ['keys', '', ['n', '?']],
  ] as const) {
    test(`has no serious accessibility fault: ${name}`, async ({ page }) => {
      const hand = await opens(page, query);
      await hand.press(...keys);
      await page.waitForTimeout(500);
      expect(await graveFaults(page)).toEqual([]);
    });
  }
});
