import { expect, test } from '@playwright/test';
import { goToSources, markers, signIn, volumeChart } from '../harness/console-page.ts';
import { graveFaults } from '../harness/grave-faults.ts';
import { liveTraffic, logLine, sendHistory, sendLogs, type LiveTraffic } from '../harness/send-logs.ts';
import { attachLogOnFailure, startAgent, type RunningAgent } from '../harness/start-agent.ts';

const SERVICES = ['payment-service', 'order-service', 'gateway'];

test.describe('the console in a browser', () => {
  let agent: RunningAgent;
  let traffic: LiveTraffic;

  test.beforeAll(async () => {
    agent = await startAgent();
    await sendHistory(agent, SERVICES, { seconds: 3600, perSecond: 8 });
    traffic = liveTraffic(agent, SERVICES, 8);
  });
  test.afterEach(() => attachLogOnFailure(test.info(), agent));
  test.afterAll(async () => {
    await traffic.stop();
    await agent.remove();
  });

  test('starts without an error of its own, before anybody has signed in', async ({ page }) => {
    const errors: string[] = [];
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.goto(agent.url);
    await expect(page.getByLabel('Access token')).toBeVisible();
    await page.waitForTimeout(2000);
    expect(errors).toEqual([]);
  });

  test('lets nobody in without the right token, and says why', async ({ page }) => {
    await page.goto(agent.url);
    await page.getByLabel('Access token').fill('wrong-token');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('alert')).toContainText(/token/i);
    await expect(page.getByRole('heading', { name: 'Heartbeat', level: 1 })).toHaveCount(0);
  });

  test('keeps the token out of the page: an HttpOnly cookie speaks for it', async ({ page, context }) => {
    await signIn(page, agent);
    const cookies = await context.cookies();
    expect(cookies.map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite }))).toEqual([
      { httpOnly: true, sameSite: 'Strict' },
    ]);
    expect(JSON.stringify(cookies)).not.toContain(agent.adminToken);
    const kept = await page.evaluate(() =>
      [...Object.values(localStorage), ...Object.values(sessionStorage), document.cookie].join(' '),
    );
    expect(kept).not.toContain(agent.adminToken);
  });

  test('moves with the traffic and marks a spike', async ({ page }) => {
    await signIn(page, agent);
    const chart = volumeChart(page);
    const before = await chart.screenshot();
    await page.waitForTimeout(3000);
    expect(before.equals(await chart.screenshot()), 'three seconds later the chart is another picture').toBe(false);

    traffic.setRate('payment-service', 400);
    const marker = markers(page, 'payment-service').first();
    await expect(marker).toBeVisible();
    traffic.setRate('payment-service', 8);
    await marker.click();
    await expect(page.getByRole('complementary', { name: 'Inspector' })).toContainText('payment-service');
  });

  test('shows what the agent refused, so that a wrong sender is found', async ({ page }) => {
    await signIn(page, agent);
    await sendLogs(agent, `${JSON.stringify(logLine('order-service', Date.now(), 1))}\n{"timestamp": broken\n`);
    await sendLogs(agent, [logLine('order-service', Date.now(), 2)], 'a-key-that-is-none');
    await goToSources(page);
    await expect(page.getByText(/invalid_json|not valid JSON/i).first()).toBeVisible();
    await expect(page.getByText(/unauthenticated|valid key/i).first()).toBeVisible();
  });

  test('is driven by the keyboard', async ({ page }) => {
    await signIn(page, agent);
    await goToSources(page);
    await page.keyboard.press('g');
    await page.keyboard.press('h');
    await expect(page.getByRole('heading', { name: 'Heartbeat', level: 1 })).toBeVisible();
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  });

  test('has no serious or critical accessibility fault', async ({ page }) => {
    await page.goto(agent.url);
    expect(await graveFaults(page)).toEqual([]);
    await signIn(page, agent);
    expect(await graveFaults(page)).toEqual([]);
    await goToSources(page);
    expect(await graveFaults(page)).toEqual([]);
  });
});
