/**
 * The pictures of the README, from the running product: `npm run screenshots`. A real agent, a day of the simulator's
 * history so that the baseline is learnt, live traffic, and a cascade that raises anomalies.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { anomalyRows, goToSources, signIn } from './harness/console-page.ts';
import { openBrowser } from './harness/open-browser.ts';
import { startAgent, type RunningAgent } from './harness/start-agent.ts';

const FOLDER = fileURLToPath(new URL('../docs/screenshots', import.meta.url));
const AGENT = fileURLToPath(new URL('../apps/agent/src/main.ts', import.meta.url));
const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
];
/** So much live traffic before the cascade, and so much of the cascade, is in the picture. */
const CALM_SECONDS = 90;
const CASCADE_SECONDS = 45;
/** The day of history is two million lines; a busy machine takes minutes over them. */
const HISTORY_SECONDS = 900;

mkdirSync(FOLDER, { recursive: true });
const agent = await startAgent();
const simulator = simulate(agent, `cascade@${CALM_SECONDS}s`);
const browser = await openBrowser();
try {
  // Twice the pixels: the README is read on good screens.
  const context = await browser.newContext({ deviceScaleFactor: 2, colorScheme: 'dark', timezoneId: 'UTC' });
  const page = await context.newPage();
  await page.goto(agent.url);
  await eachSize(page, 'login');
  await signIn(page, agent);
  const anomaly = anomalyRows(page, 'payment-service').first();
  await anomaly.waitFor({ timeout: (HISTORY_SECONDS + CALM_SECONDS) * 1000 });
  await page.waitForTimeout(CASCADE_SECONDS * 1000);
  // A machine that was too busy for the past has it by now; a pointer over the chart would hold it.
  const retry = page.getByRole('button', { name: 'Retry' });
  if (await retry.isVisible()) await retry.click();
  await page.mouse.move(0, 0);
  await eachSize(page, 'heartbeat');
  await page.setViewportSize({ width: 1440, height: 900 });
  await anomaly.click();
  await eachSize(page, 'anomaly');
  await page.keyboard.press('Escape');
  await goToSources(page);
  await eachSize(page, 'sources');
} finally {
  await browser.close();
  simulator.kill('SIGINT');
  await agent.remove();
}

async function eachSize(page: Page, name: string): Promise<void> {
  for (const size of SIZES) {
    await page.setViewportSize(size);
    // The chart fits itself to the new width and a transition ends.
    await page.waitForTimeout(1500);
    await page.screenshot({ path: `${FOLDER}/${name}-${size.width}.png` });
  }
}

function simulate({ dataDir, url }: RunningAgent, scenario: string): ChildProcess {
  const options = ['--data-dir', dataDir, '--url', url, '--history', '24h', '--scenario', scenario];
  const child = spawn(process.execPath, [AGENT, 'simulate', ...options], { stdio: ['ignore', 'ignore', 'inherit'] });
  child.once('exit', (code) => {
    if (code !== 0 && code !== null) process.stderr.write(`the simulator ended with ${code}\n`);
  });
  return child;
}
