/**
 * The moving picture of the README: a real agent, a spike from its first line to acknowledged by two keys.
 * `npm run screenshots:spike` after `npm run build` writes docs/screenshots/spike.png (an animated PNG).
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { anomalyRows, signIn } from './harness/console-page.ts';
import { openBrowser } from './harness/open-browser.ts';
import { decodePng, encodeApng, type Frame } from './harness/png.ts';
import { liveTraffic, sendHistory } from './harness/send-logs.ts';
import { startAgent } from './harness/start-agent.ts';

const FILE = fileURLToPath(new URL('../docs/screenshots/spike.png', import.meta.url));
/** What the README can carry. */
const MAX_BYTES = 3_000_000;
const SERVICES = ['payment-service', 'order-service', 'gateway'];
const CALM_PER_SECOND = 12;
const SPIKE_PER_SECOND = 90;
const FRAME_MS = 400;
const LAST_FRAME_MS = 3000;

const agent = await startAgent();
await sendHistory(agent, SERVICES, { seconds: 3600, perSecond: CALM_PER_SECOND });
const traffic = liveTraffic(agent, SERVICES, CALM_PER_SECOND);
const browser = await openBrowser();
try {
  const page = await browser.newPage({
    viewport: { width: 1024, height: 700 },
    colorScheme: 'dark',
    timezoneId: 'UTC',
  });
  await signIn(page, agent);
  // The last quarter of an hour, and some of it live.
  for (const key of ['t', '1']) await page.keyboard.press(key);
  await page.waitForTimeout(20_000);
  const frames: Frame[] = [];
  await film(page, frames, 6);
  traffic.setRate('payment-service', SPIKE_PER_SECOND);
  const noticed = anomalyRows(page, 'payment-service').first().waitFor({ timeout: 60_000 });
  await filmUntil(page, frames, noticed);
  await film(page, frames, 6);
  await page.keyboard.press('n');
  await page.locator('.incident-row[data-focused]').waitFor();
  await film(page, frames, 6);
  await page.keyboard.press('a');
  await page
    .getByRole('region', { name: 'Notifications' })
    .getByText(/Acknowledged/)
    .waitFor();
  await film(page, frames, 6);
  const last = frames.at(-1);
  if (last !== undefined) frames[frames.length - 1] = { ...last, shownMs: LAST_FRAME_MS };
  const file = encodeApng(frames);
  if (file.length > MAX_BYTES) throw new Error(`${file.length} bytes are more than the README can carry`);
  writeFileSync(FILE, file);
  process.stdout.write(`${FILE}: ${frames.length} frames, ${Math.round(file.length / 1000)} KB\n`);
} finally {
  await browser.close();
  await traffic.stop();
  await agent.remove();
}

async function film(page: Page, frames: Frame[], count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    frames.push({ picture: decodePng(await page.screenshot({ type: 'png' })), shownMs: FRAME_MS });
    await page.waitForTimeout(FRAME_MS);
  }
}

async function filmUntil(page: Page, frames: Frame[], done: Promise<unknown>): Promise<void> {
  const state = { isDone: false };
  const waiting = done.finally(() => {
    state.isDone = true;
  });
  while (!state.isDone) await film(page, frames, 1);
  await waiting;
}
