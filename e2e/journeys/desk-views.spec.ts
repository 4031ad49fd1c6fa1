import { expect, test, type Page } from '@playwright/test';
import { openDesk, press, SETTLED_MS } from '../harness/desk-page.ts';
import { graveFaults } from '../harness/grave-faults.ts';
import { serveGallery, type Gallery } from '../harness/serve-gallery.ts';

let gallery: Gallery;
test.beforeAll(async () => {
  gallery = await serveGallery();
});
test.afterAll(() => gallery.close());

const opens = (page: Page, query = '') => openDesk(page, `${gallery.url}${query}`);

const title = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 });
const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

test.describe('the Batcave', () => {
  test('shows its six panels, and each title leads to its view', async ({ page }) => {
    await opens(page);
    await press(page, 'g', 'b');
    await expect(title(page, 'Batcave')).toBeFocused();
    for (const name of ['Heartbeat', 'Health map', 'Alert summary', 'Incident timeline', 'Rules & policies'])
      await expect(panel(page, name)).toBeVisible();
    await expect(panel(page, 'Automation hooks')).toContainText('Restart payment-service');
    await expect(panel(page, 'Heartbeat').locator('canvas').first()).toBeVisible();
    await panel(page, 'Rules & policies').getByRole('button', { name: 'Rules & policies' }).press('Enter');
    await expect(title(page, 'Rules & policies')).toBeVisible();
  });

  test('counts as the top bar does, and a count leads to its incidents', async ({ page }) => {
    await opens(page, '?view=batcave');
    const cell = panel(page, 'Alert summary').getByRole('button', { name: /P1 1 at payment-service/ });
    await expect(cell).toContainText('1');
    await cell.click();
    await expect(page.getByRole('grid', { name: 'Incidents' }).getByRole('row')).toHaveCount(1);
    await expect(page.getByRole('grid', { name: 'Incidents' })).toContainText('payment-service');
  });

  test('leads to the explanation of what is brushed on its chart', async ({ page }) => {
    await opens(page, '?view=batcave');
    await expect(panel(page, 'Heartbeat').locator('.brush-label')).toBeAttached();
    const box = await panel(page, 'Heartbeat').locator('.u-over').boundingBox();
    if (box === null) throw new Error('there is no plot');
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.8, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.95, y, { steps: 8 });
    await page.mouse.up();
    await expect(title(page, 'Heartbeat')).toBeVisible();
    await expect(page.getByRole('treegrid', { name: 'Patterns in the range' })).toContainText(
      'Connection pool exhausted',
    );
  });

  test('keeps two panels in one place on a small screen', async ({ page }) => {
    await page.setViewportSize({ width: 1024, height: 700 });
    await opens(page, '?view=batcave');
    await expect(panel(page, 'Health map')).toBeHidden();
    await page.getByRole('button', { name: 'Map', exact: true }).click();
    await expect(panel(page, 'Health map')).toBeVisible();
    await expect(panel(page, 'Alert summary')).toBeHidden();
  });

  test('is all there is on the wallboard, where keys change nothing', async ({ page }) => {
    await page.goto(`${gallery.url}?wallboard`);
    await expect(panel(page, 'Alert summary')).toContainText('P1');
    await page.waitForTimeout(SETTLED_MS);
    await expect(page.getByRole('navigation')).toBeHidden();
    const fired = page.getByRole('contentinfo');
    await press(page, 'a');
    await expect(fired).not.toContainText('Acknowledged');
  });

  test('says of each panel what did not come, and keeps the rest', async ({ page }) => {
    await opens(page, '?view=batcave&policies=down');
    await expect(panel(page, 'Health map')).toContainText('could not be had');
    await expect(panel(page, 'Rules & policies')).toContainText('not known');
    await expect(panel(page, 'Incident timeline').getByRole('listitem').first()).toBeVisible();
    await page.evaluate("galleryBridge.policies().mood = 'well'");
    await panel(page, 'Health map').getByRole('button', { name: 'Retry' }).click();
    await expect(panel(page, 'Health map')).toContainText('payment-service');
  });
});

test.describe('the health map', () => {
  test('is walked by arrows from node to node, and opened', async ({ page }) => {
    await opens(page);
    await press(page, 'g', 'm');
    await expect(title(page, 'Health map')).toBeFocused();
    await page.getByRole('button', { name: /^api-gateway/ }).focus();
    await press(page, 'ArrowRight', 'ArrowRight');
    await expect(page.locator('button:focus')).toHaveText(/^(payment|inventory|catalog)-service/);
    await press(page, 'Enter');
    await expect(page.getByRole('complementary', { name: 'Service' })).toContainText('Called by');
    await press(page, 'Escape');
    await expect(page.getByRole('complementary', { name: 'Service' })).toHaveCount(0);
  });

  test('has everything as a table, too', async ({ page }) => {
    await opens(page, '?view=map');
    await press(page, 'Shift+D');
    const row = page.getByRole('row', { name: /^(P\d|not known|ok) email-worker/ });
    await expect(row).toContainText('payment-service');
  });
});

test.describe('rules', () => {
  test('switches one off and back with keys and the toast', async ({ page }) => {
    await opens(page);
    await press(page, 'g', 'r');
    const row = page.getByRole('row', { name: /Error spike/ });
    await expect(row).toBeVisible();
    await press(page, 'j');
    await expect(row).toHaveAttribute('aria-selected', 'true');
    await press(page, 'Space');
    await expect(row.getByRole('switch')).not.toBeChecked();
    await page.getByRole('region', { name: 'Notifications' }).getByRole('button', { name: 'Undo' }).click();
    await expect(row.getByRole('switch')).toBeChecked();
  });

  test('shows a mistake on its line, tries the rule, and saves it', async ({ page }) => {
    await opens(page, '?view=rules');
    await expect(page.getByRole('row', { name: /Error spike/ })).toBeVisible();
    await press(page, 'j', 'Enter');
    const text = page.getByRole('textbox', { name: 'The rule as JSON' });
    const good = await text.inputValue();
    await text.fill(good.replace('"P2"', '"P9"'));
    await expect(page.getByRole('list', { name: 'Mistakes' })).toContainText('4:');
    await text.fill(good.replace('"P2",', '"P2"'));
    await expect(page.getByRole('list', { name: 'Mistakes' })).toContainText('a comma');
    await text.fill(good.replace('0.05', '0.2'));
    await press(page, 'Control+Enter');
    await expect(page.getByText(/Would have fired 12 times in the last 7 days/)).toBeVisible();
    await press(page, 'Control+S');
    await expect(page.getByRole('row', { name: /Error spike/ })).toContainText('20 %');
  });

  test('shows what an import would change before it changes anything', async ({ page }) => {
    await opens(page, '?view=rules');
    await expect(page.getByRole('row', { name: /Error spike/ })).toBeVisible();
    await press(page, 'Control+O');
    const box = page.getByRole('dialog', { name: 'Import rules' });
    const rule = { severity: 'P3', condition: { kind: 'count', above: 3 }, window_seconds: 60, message: 'x' };
    const rules = [
      { ...rule, name: 'Card declined' },
      { ...rule, name: 'Error spike' },
    ];
    await box.getByRole('textbox').fill(JSON.stringify({ schemaVersion: 1, rules }));
    await box.getByRole('button', { name: 'Show what would change' }).click();
    await expect(box.getByRole('status')).toContainText('+ 1 new');
    await expect(page.getByRole('row', { name: /Card declined/ })).toHaveCount(0);
    await box.getByRole('button', { name: 'Apply 2 changes' }).click();
    await expect(page.getByRole('row', { name: /Card declined/ })).toBeVisible();
  });

  test('removes only after y, and says why a viewer may not', async ({ page }) => {
    await opens(page, '?view=rules');
    await expect(page.getByRole('row', { name: /Database connection/ })).toBeVisible();
    await press(page, 'Delete', 'Enter');
    await expect(page.getByRole('row', { name: /Database connection/ })).toBeVisible();
    await press(page, 'Delete', 'y');
    await expect(page.getByRole('row', { name: /Database connection/ })).toHaveCount(0);
    await opens(page, '?view=rules&viewer');
    await expect(page.getByRole('switch').first()).toHaveAttribute('title', /needs policy.write on EU/);
  });

  test('ends a silence, lists planned work, and says who would be told', async ({ page }) => {
    await opens(page, '?view=rules');
    await page.getByRole('tab', { name: 'Silences' }).click();
    await page.getByRole('button', { name: 'End it' }).click();
    await expect(page.getByText('was ended by hand')).toBeVisible();
    await page.getByRole('tab', { name: 'Maintenance windows' }).click();
    await expect(page.getByRole('row', { name: /Weekly reindex/ })).toBeVisible();
    await page.getByRole('tab', { name: 'Who is told?' }).click();
    await page.getByRole('button', { name: 'Who is told?' }).click();
    await expect(page.getByRole('tabpanel').getByText('P1 pages PagerDuty at once')).toBeVisible();
  });
});

test.describe('automation', () => {
  test('previews, asks for the code of a protected cluster, runs, and tells how it went', async ({ page }) => {
    await opens(page, '?view=automation');
    await expect(page.getByRole('heading', { name: 'Restart payment-service' })).toBeVisible();
    await press(page, 'Enter');
    const box = page.getByRole('dialog', { name: 'Run' });
    await expect(box).toContainText('POST https://hooks.eu.example/sentinel/restart');
    await press(page, 'y');
    await expect(box).toBeVisible();
    await box.getByLabel(/Type its code/).fill('EU');
    await box.getByRole('button', { name: 'Run' }).click();
    await expect(page.getByRole('list', { name: 'The run that was started' })).toContainText(
      /queued.*running.*succeeded/s,
    );
  });

  test('is made in the console, and shown as it would be sent before anybody can run it', async ({ page }) => {
    await opens(page, '?view=automation');
    await press(page, 'Control+n');
    const editor = page.getByRole('dialog', { name: 'Hook' });
    await expect(editor.getByText('Save is off: it needs a name')).toBeVisible();
    await editor.getByLabel('Name', { exact: true }).fill('Scale payment-service');
    await editor.getByLabel('Address, called with POST').fill('https://ops.example/scale');
    await editor.getByLabel('For services (empty: every one)').fill('payment-*');
    await editor.getByRole('button', { name: 'Save and preview' }).click();
    const preview = editor.getByRole('region', { name: 'Preview' });
    await expect(preview).toContainText('POST https://ops.example/scale');
    await expect(preview).toContainText(/"incident": "INC-\d+/);
    await press(page, 'Escape');
    await expect(editor).toBeHidden();
    const card = page.getByRole('listitem').filter({ hasText: 'Scale payment-service' });
    await expect(card.getByRole('switch')).toHaveAttribute('aria-checked', 'false');
    await expect(card.getByRole('button', { name: /^Run/ })).toHaveAttribute('aria-disabled', 'true');
  });

  test('asks for the code in a cluster that its person protects', async ({ page }) => {
    await opens(page, '?view=settings');
    await page.getByRole('button', { name: 'Protect', exact: true }).click();
    await press(page, 'g', 'r');
    await expect(title(page, 'Rules & policies')).toBeVisible();
    await press(page, 'Delete');
    const question = page.getByRole('dialog', { name: 'Remove' });
    await expect(question.getByText('Remove is off: type EU first')).toBeVisible();
    await press(page, 'y');
    await expect(question).toBeVisible();
    await question.getByRole('textbox').fill('EU');
    await question.getByRole('button', { name: /^Remove/ }).click();
    await expect(question).toBeHidden();
  });

  test('is reached from an incident by Shift+H', async ({ page }) => {
    await opens(page);
    await press(page, 'n');
    await expect(page.locator('#incident-detail')).toBeVisible();
    await press(page, 'Shift+H');
    await expect(page.getByRole('tab', { name: 'Hooks' })).toHaveAttribute('aria-selected', 'true');
    await expect(page.locator('#incident-tab')).toContainText('Restart payment-service');
  });
});

test('practice teaches the keys on an incident that is not there', async ({ page }) => {
  await opens(page, '?view=help');
  await page.getByRole('button', { name: 'Start' }).click();
  await press(page, 'a', 'z', 'a', 'r');
  await expect(page.getByText('That is all of it: n goes to the worst')).toBeVisible();
  await expect(page.getByRole('contentinfo')).not.toContainText('pending');
});

for (const query of [
  '?view=batcave',
  '?view=batcave&first',
  '?view=batcave&agents=2&policies=down&down',
  '?view=batcave&incidents=0&policies=empty',
  '?view=map',
  '?view=map&policies=empty',
  '?view=rules',
  '?view=rules&policies=down',
  '?view=rules&policies=empty',
  '?view=automation&viewer',
  '?view=help',
]) {
  test(`nothing stands in the way of assistive technology: ${query}`, async ({ page }) => {
    await opens(page, query);
    if (query === '?view=rules') {
      await press(page, 'Enter');
      await expect(page.getByRole('textbox', { name: 'The rule as JSON' })).toBeVisible();
    }
    expect(await graveFaults(page)).toEqual([]);
  });
}

for (const view of ['batcave', 'map', 'rules', 'automation', 'help']) {
  test(`Tab walks through ${view} and comes out again`, async ({ page }) => {
    await opens(page, `?view=${view}`);
    const seen = new Set<string>();
    let rounds = 0;
    await page.evaluate(() => document.body.focus());
    for (let i = 0; i < 150 && rounds === 0; i++) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate(() => {
        const element = document.activeElement;
        return element === null || element === document.body
          ? 'body'
          : `${element.tagName} ${element.closest('nav, header, main, footer')?.tagName}`;
      });
      if (at === 'body') rounds++;
      seen.add(at);
    }
    expect(rounds).toBe(1);
    expect([...seen].some((one) => one.endsWith('MAIN'))).toBe(true);
  });
}
