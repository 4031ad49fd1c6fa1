/**
 * Every view at both sizes, from the console on made-up agents: `npm run screenshots:views` after `npm run build:gallery`.
 * `npm run screenshots` takes the pictures of a real agent.
 *
 * node e2e/view-screenshots.ts [FOLDER] [NAME …]
 */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openBrowser } from './harness/open-browser.ts';
import { serveGallery } from './harness/serve-gallery.ts';

const [folder = fileURLToPath(new URL('../docs/screenshots/views', import.meta.url)), ...names] = process.argv.slice(2);
const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
];
/** The chart has its history, the questions to the agents are answered, and the toasts of the start are gone. */
const SETTLE_MS = 2500;

/** What is looked at: the query of the gallery, then what is pressed. */
const SHOTS: Readonly<Record<string, { readonly query: string; readonly keys?: readonly string[] }>> = {
  batcave: { query: '?view=batcave' },
  'batcave-clusters': { query: '?view=batcave&agents=3' },
  'batcave-down': { query: '?view=batcave&agents=2&policies=down&down' },
  'batcave-empty': { query: '?view=batcave&incidents=0&policies=empty' },
  'batcave-first': { query: '?view=batcave&first' },
  'batcave-stale': { query: '?view=batcave&stale' },
  'batcave-wallboard': { query: '?wallboard' },
  heartbeat: { query: '?' },
  incidents: { query: '?', keys: ['n'] },
  'health-map': { query: '?view=map' },
  'health-map-table': { query: '?view=map', keys: ['Shift+D'] },
  'health-map-stale': { query: '?view=map&stale' },
  'live-feed': { query: '?', keys: ['g', 'l'] },
  patterns: { query: '?', keys: ['g', 'p'] },
  palette: { query: '?', keys: ['n', 'Control+k'] },
  setup: { query: '?view=setup&first' },
  timeline: { query: '?view=timeline' },
  rules: { query: '?view=rules' },
  'rules-editor': { query: '?view=rules&agents=2', keys: ['j', 'Enter', 'Control+Enter'] },
  'rules-down': { query: '?view=rules&policies=down' },
  'rules-empty': { query: '?view=rules&policies=empty' },
  automation: { query: '?view=automation&agents=2' },
  'automation-run': { query: '?view=automation', keys: ['Enter'] },
  'automation-viewer': { query: '?view=automation&viewer' },
  sources: { query: '?view=sources' },
  settings: { query: '?view=settings' },
  help: { query: '?view=help' },
};

mkdirSync(folder, { recursive: true });
const gallery = await serveGallery();
const browser = await openBrowser();
try {
  for (const viewport of SIZES) {
    const context = await browser.newContext({ viewport, colorScheme: 'dark', timezoneId: 'UTC' });
    for (const [name, { query, keys = [] }] of Object.entries(SHOTS)) {
      if (names.length > 0 && !names.includes(name)) continue;
      const page = await context.newPage();
      page.on('pageerror', (error) => process.stderr.write(`${name}: ${error.message}\n`));
      await page.goto(`${gallery.url}${query}`);
      await page.waitForTimeout(SETTLE_MS);
      for (const key of keys) {
        await page.keyboard.press(key);
        await page.waitForTimeout(500);
      }
      await page.waitForTimeout(query.includes('stale') ? 18_000 : 500);
      await page.screenshot({ path: `${folder}/${name}-${viewport.width}.png` });
      await page.close();
    }
    await context.close();
  }
} finally {
  await browser.close();
  gallery.close();
}
