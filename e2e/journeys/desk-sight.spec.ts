/** Who does not see colours, or not these, reads every severity all the same (ux §6 goals 23 and 25). */
import { expect, test, type Page } from '@playwright/test';
import { SETTLED_MS } from '../harness/desk-page.ts';
import { graveFaults } from '../harness/grave-faults.ts';
import { decodePng } from '../harness/png.ts';
import { serveGallery, type Gallery } from '../harness/serve-gallery.ts';

let gallery: Gallery;
test.beforeAll(async () => {
  gallery = await serveGallery();
});
test.afterAll(() => gallery.close());

async function opens(page: Page, query: string): Promise<void> {
  await page.goto(`${gallery.url}${query}`);
  await expect(page.locator('h1').first()).toBeVisible();
  await page.waitForTimeout(SETTLED_MS);
}

const VISIONS = ['achromatopsia', 'protanopia', 'deuteranopia', 'tritanopia'] as const;
const PLACES = [
  '?',
  '?view=incidents&agents=2',
  '?view=batcave',
  '?view=map',
  '?view=timeline',
  '?view=rules',
] as const;
/** WCAG 1.4.11: a shape that means something stands out from its ground by as much. */
const MIN_CONTRAST = 3;

for (const vision of VISIONS) {
  test(`severity is read by word and shape with ${vision}`, async ({ page }) => {
    const cdp = await page.context().newCDPSession(page);
    const silhouettes = new Map<string, Set<string>>();
    for (const place of PLACES) {
      await opens(page, place);
      await cdp.send('Emulation.setEmulatedVisionDeficiency', { type: vision });
      const badges = page.locator('[data-severity]:visible');
      const read = await badges.evaluateAll((elements) =>
        elements.map((element) => ({
          severity: element.getAttribute('data-severity') ?? '',
          words: element.textContent,
          // A badge's own; the chart's markers are triangles that point where the deviation went, with the word beside them.
          shape: element.querySelector('svg path')?.getAttribute('d') ?? null,
        })),
      );
      for (const { severity, words, shape } of read) {
        expect(words, `${place}: a severity is a word`).toContain(severity);
        if (shape !== null) silhouettes.set(severity, (silhouettes.get(severity) ?? new Set()).add(shape));
      }
      if (read.length === 0) continue;
      expect(contrastIn(await badges.first().screenshot()), `${place}: a badge stands out`).toBeGreaterThan(
        MIN_CONTRAST,
      );
    }
    // One shape a severity, and no two alike.
    const all = [...silhouettes.values()];
    expect(all.length).toBe(4);
    expect(all.every((shapes) => shapes.size === 1)).toBe(true);
    expect(new Set(all.flatMap((shapes) => [...shapes])).size).toBe(4);
  });
}

/** Between the lightest and the darkest of a picture (WCAG 2.2, relative luminance). */
function contrastIn(png: Buffer): number {
  const { pixels } = decodePng(png);
  let [lightest, darkest] = [0, 1];
  for (let i = 0; i < pixels.length; i += 4) {
    const [red = 0, green = 0, blue = 0] = [...pixels.subarray(i, i + 3)].map((channel) => {
      const share = channel / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    lightest = Math.max(lightest, luminance);
    darkest = Math.min(darkest, luminance);
  }
  return (lightest + 0.05) / (darkest + 0.05);
}

/** Views and states that no other journey looks at with axe. */
const STATES: readonly (readonly [name: string, query: string, ...keys: readonly string[]])[] = [
  ['heartbeat', '?'],
  ['heartbeat, stale', '?stale'],
  ['heartbeat, disconnected', '?down'],
  ['heartbeat of three clusters', '?agents=3'],
  ['heartbeat as a table', '?', 'Shift+D'],
  ['nothing sends yet', '?first'],
  ['sign in', '?login'],
  ['live feed', '?', 'g', 'l'],
  ['patterns', '?', 'g', 'p'],
  ['timeline of two clusters', '?view=timeline&agents=2'],
  ['automation', '?view=automation'],
  ['automation, a run', '?view=automation', 'Enter'],
  ['sources', '?view=sources'],
  ['setup', '?view=setup&first'],
  ['map as a table', '?view=map', 'Shift+D'],
  ['map, not known', '?view=map&policies=down'],
  ['wallboard', '?view=batcave', 'F11'],
  ['incidents of a viewer', '?view=incidents&viewer', 'n'],
];

for (const [name, query, ...keys] of STATES) {
  test(`stands in nobody's way: ${name}`, async ({ page }) => {
    await opens(page, query);
    for (const key of keys) {
      await page.keyboard.press(key);
      await page.waitForTimeout(300);
    }
    await page.waitForTimeout(700);
    expect(await graveFaults(page)).toEqual([]);
  });
}
