/**
 * Goal P9 in the running console: from letting go of a brushed quarter of an hour to the first row and to the last, on a real
 * agent with a day of the simulator's history, and pictures of the panel at both sizes.
 * Run after `npm run build`, on a machine that does nothing else: node e2e/explain-figures.ts [FOLDER [HISTORY]]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from '@playwright/test';
import { CHROMIUM_ARGS, CHROMIUM_ENV, findChromium } from './harness/chromium.ts';
import { signIn } from './harness/console-page.ts';
import { startAgent } from './harness/start-agent.ts';

const [folder = join(tmpdir(), 'sentinellog-explain'), history = '24h'] = process.argv.slice(2);
const AGENT = fileURLToPath(new URL('../apps/agent/src/main.ts', import.meta.url));
const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
];
/** The history is through, and the chart has it. */
const SETTLE_MS = 40_000;
const BRUSHES = 20;
const MARKS = ['explain:first-row', 'explain:complete'] as const;

mkdirSync(folder, { recursive: true });
const agent = await startAgent();
const browser = await chromium.launch({
  executablePath: await findChromium(),
  args: [...CHROMIUM_ARGS],
  env: { ...process.env, ...CHROMIUM_ENV },
});
let simulator: ChildProcess | undefined;
try {
  const context = await browser.newContext({ colorScheme: 'dark', timezoneId: 'UTC' });
  const page = await context.newPage();
  await page.setViewportSize({ width: 1440, height: 900 });
  const options = ['--data-dir', agent.dataDir, '--url', agent.url, '--history', history];
  simulator = spawn(process.execPath, [AGENT, 'simulate', ...options], { stdio: ['ignore', 'ignore', 'inherit'] });
  await page.waitForTimeout(SETTLE_MS);
  await signIn(page, agent);
  await page.goto(`${agent.url}/#/heartbeat?range=1h`);
  await page.waitForTimeout(5000);
  const took = new Map<string, number[]>(MARKS.map((mark) => [mark, []]));
  for (let n = 0; n < BRUSHES; n++) {
    // A quarter of the hour that is shown, each time another one.
    await brush(page, 0.1 + n / 40, 0.35 + n / 40);
    for (const [mark, all] of took) all.push(await lastOf(page, mark));
    if (n < BRUSHES - 1) await page.keyboard.press('Escape');
    if (n < BRUSHES - 1) await page.keyboard.press('Escape');
  }
  for (const [mark, all] of took) {
    const sorted = all.toSorted((a, b) => a - b);
    const at = (share: number) =>
      Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
    process.stdout.write(`${mark}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, of ${all.length}\n`);
  }
  for (const reference of ['usual', 'before']) {
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await page.waitForTimeout(2500);
      await page.screenshot({ path: join(folder, `explain-${reference}-${size.width}.png`) });
    }
    await page.keyboard.press('c');
  }
} finally {
  await browser.close();
  simulator?.kill('SIGINT');
  await agent.remove();
}

/** Drags over the plot between two places, 0 is its left edge and 1 its right. */
async function brush(page: Page, from: number, to: number): Promise<void> {
  const box = await page.locator('.u-over').first().boundingBox();
  if (box === null) throw new Error('there is no plot');
  const y = box.y + box.height / 2;
  await page.evaluate(() => performance.clearMeasures());
  await page.mouse.move(box.x + box.width * from, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * to, y, { steps: 8 });
  await page.mouse.up();
}

async function lastOf(page: Page, mark: string): Promise<number> {
  await page.waitForFunction((name) => performance.getEntriesByName(name).length > 0, mark, { timeout: 20_000 });
  return page.evaluate((name) => performance.getEntriesByName(name).at(-1)?.duration ?? Number.NaN, mark);
}
