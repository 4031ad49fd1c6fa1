/** Twelve pieces of everyday work, each done by somebody who has no mouse (ux §6 goal 23). */
import { expect, test, type Locator, type Page } from '@playwright/test';
import { openDesk, press } from '../harness/desk-page.ts';
import { serveGallery, type Gallery } from '../harness/serve-gallery.ts';

let gallery: Gallery;
test.beforeAll(async () => {
  gallery = await serveGallery();
});
test.afterAll(() => gallery.close());

const opens = (page: Page, query = '') => openDesk(page, `${gallery.url}${query}`);

/** Walks by Tab to it, as people do who see where the focus is. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  await expect(wanted).toBeVisible();
  for (let steps = 0; steps < 120; steps++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('Tab does not come there');
}

const title = (page: Page, name: string | RegExp) => page.getByRole('heading', { name, level: 1 });
const tab = (page: Page, name: string) =>
  page.getByRole('group', { name: 'Which incidents' }).getByRole('button', { name });

const TASKS: readonly (readonly [task: string, query: string, work: (page: Page) => Promise<void>])[] = [
  [
    'acknowledge the worst, and take it back',
    '',
    async (page) => {
      await press(page, 'n', 'a');
      await expect(tab(page, 'Acked')).toContainText('2');
      await press(page, 'z');
      await expect(tab(page, 'Acked')).toContainText('1');
    },
  ],
  [
    'silence it for an hour',
    '',
    async (page) => {
      await press(page, 'n', 's');
      await expect(page.getByRole('dialog', { name: 'Silence' })).toBeVisible();
      await press(page, '2');
      await expect(tab(page, 'Silenced')).toContainText('1');
    },
  ],
  [
    'resolve one that still fires',
    '',
    async (page) => {
      await press(page, 'n', 'r');
      await expect(page.getByRole('dialog', { name: 'Resolve' })).toBeVisible();
      await press(page, 'y');
      await expect(tab(page, 'Resolved')).toContainText('2');
    },
  ],
  [
    'write a note',
    '',
    async (page) => {
      await press(page, 'n', 'c');
      await expect(page.getByRole('textbox', { name: 'Note' })).toBeFocused();
      await page.keyboard.type('Rolling back 4.18');
      await press(page, 'Control+Enter');
      await expect(page.getByRole('dialog')).toHaveCount(0);
      await press(page, '>', '>', '>');
      await expect(page.getByRole('tab', { name: 'Timeline' })).toHaveAttribute('aria-selected', 'true');
      await expect(page.getByRole('tabpanel', { name: 'Timeline' })).toContainText('Rolling back 4.18');
    },
  ],
  [
    'hand it to somebody',
    '',
    async (page) => {
      await press(page, 'n', 'Shift+I');
      await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused();
      await page.keyboard.type('lena');
      await press(page, 'Enter');
      await expect(page.getByRole('dialog')).toHaveCount(0);
      await press(page, '>', '>', '>');
      await expect(page.getByRole('tabpanel', { name: 'Timeline' })).toContainText('assigned');
    },
  ],
  [
    'find an incident by a word',
    '',
    async (page) => {
      await press(page, 'g', 'i');
      await expect(page.getByRole('grid', { name: 'Incidents' })).toBeVisible();
      await press(page, '/');
      await page.keyboard.type('catalog');
      await expect(page.getByRole('grid', { name: 'Incidents' }).getByRole('row')).toHaveCount(1);
    },
  ],
  [
    'learn what a stretch of time is made of',
    '',
    async (page) => {
      await expect(page.locator('.brush-label')).toBeAttached();
      await page.getByRole('application').first().focus();
      await press(page, 'Shift+ArrowLeft', 'Shift+ArrowLeft', 'Shift+ArrowLeft', 'Shift+ArrowLeft', 'v');
      await press(page, 'Shift+ArrowLeft', 'Shift+ArrowLeft', 'Shift+ArrowLeft', 'Shift+ArrowLeft', 'Enter');
      await expect(page.getByRole('treegrid', { name: 'Patterns in the range' })).toContainText('pool exhausted');
    },
  ],
  [
    'read the chart as a table',
    '',
    async (page) => {
      await press(page, 'Shift+D');
      await expect(page.getByRole('table').first()).toBeVisible();
    },
  ],
  [
    'stop the live feed and let it go on',
    '',
    async (page) => {
      await press(page, 'g', 'l');
      await expect(title(page, 'Live feed')).toBeVisible();
      await page.waitForTimeout(1000);
      await press(page, 'Space');
      await expect(page.getByRole('main')).toContainText(/paused/i);
      await press(page, 'Space');
      await expect(page.getByRole('main')).not.toContainText(/paused/i);
    },
  ],
  [
    'make a source less sensitive',
    '?view=sources',
    async (page) => {
      await tabTo(page, page.getByRole('radio', { name: /^Medium/, checked: true }).first());
      const before = await page.getByRole('radio', { name: /^Low/, checked: true }).count();
      await press(page, 'ArrowLeft');
      await expect(page.getByRole('radio', { name: /^Low/, checked: true })).toHaveCount(before + 1);
    },
  ],
  [
    'switch a rule off, and on again',
    '?view=rules',
    async (page) => {
      const row = page.getByRole('row', { name: /Error spike/ });
      await expect(row).toBeVisible();
      await press(page, 'j', 'Space');
      await expect(row.getByRole('switch')).not.toBeChecked();
      await press(page, 'Space');
      await expect(row.getByRole('switch')).toBeChecked();
    },
  ],
  [
    'restart a service by its hook',
    '?view=automation',
    async (page) => {
      await expect(page.getByRole('heading', { name: 'Restart payment-service' })).toBeVisible();
      await press(page, 'Enter');
      const box = page.getByRole('dialog', { name: 'Run' });
      await expect(box).toContainText('POST https://hooks.eu.example/sentinel/restart');
      await tabTo(page, box.getByLabel(/Type its code/));
      await page.keyboard.type('EU');
      await tabTo(page, box.getByRole('button', { name: 'Run' }));
      await press(page, 'Enter');
      await expect(page.getByRole('list', { name: 'The run that was started' })).toContainText('succeeded');
    },
  ],
];

test('there are twelve of them', () => {
  expect(TASKS).toHaveLength(12);
});

for (const [task, query, work] of TASKS) {
  test(`without a mouse: ${task}`, async ({ page }) => {
    await page.addInitScript(() => {
      addEventListener('pointerdown', () => Object.assign(window, { touched: true }), { capture: true });
    });
    await opens(page, query);
    await work(page);
    expect(await page.evaluate(() => 'touched' in window), 'a mouse was used').toBe(false);
  });
}
