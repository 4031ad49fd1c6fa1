/** The whole way: a failure spreads, a person takes it in the console, and everybody outside hears who has it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test, type Page } from '@playwright/test';
import { signIn } from '../harness/console-page.ts';
import { openOutsideWorld, type OutsideWorld } from '../harness/outside-world.ts';
import { attachLogOnFailure, startAgent, type RunningAgent } from '../harness/start-agent.ts';

const MAIN = fileURLToPath(new URL('../../apps/agent/src/main.ts', import.meta.url));
/** An hour of history takes some seconds to send; the cascade begins well after it. */
const CASCADE_AFTER_MS = 45_000;
/** What an acknowledgement waits for on the server, so that it can be taken back without a trace outside. */
const HOLD_MS = 4000;
const ROUNDS = Number(process.env['SENTINELLOG_TRIAGE_ROUNDS'] ?? 2);

const row = (page: Page) => page.getByRole('grid', { name: 'Incidents' }).getByRole('row').first();
const tab = (page: Page, name: string) =>
  page.getByRole('group', { name: 'Which incidents' }).getByRole('button', { name });

test.describe('a cascade, from the logs to the colleague who reads Slack', () => {
  let outside: OutsideWorld;
  let agent: RunningAgent;
  let shop: ChildProcess;

  test.beforeAll(async () => {
    outside = await openOutsideWorld();
    agent = await startAgent(outside.environment, outside.options);
    const begins = new Date(Math.floor((Date.now() + CASCADE_AFTER_MS) / 1000) * 1000).toISOString();
    const how = ['--history=1h', '--seed=7', `--scenario=cascade@${begins}`, '--duration=300s'];
    shop = spawn(process.execPath, [MAIN, 'simulate', `--data-dir=${agent.dataDir}`, ...how], { stdio: 'ignore' });
  });
  test.afterEach(() => attachLogOnFailure(test.info(), agent));
  test.afterAll(async () => {
    shop.kill('SIGKILL');
    await agent.remove();
    await outside.close();
  });

  const incident = async () => {
    const response = await fetch(`${agent.url}/v1/incidents`, {
      headers: { authorization: `Bearer ${agent.adminToken}` },
    });
    const { incidents } = (await response.json()) as { incidents: { state: string; services: string[] }[] };
    return incidents[0];
  };
  const slackSays = async () => (await outside.heard()).slack[0] ?? '';
  const acksOnPagerDuty = async () => (await outside.heard()).acknowledged;

  test('is one incident with the root first, and two keys in the console tell everybody who has it', async ({
    page,
  }) => {
    test.setTimeout(240_000);
    await expect.poll(async () => (await incident())?.services.length, { timeout: 120_000 }).toBe(3);
    await signIn(page, agent);
    await expect.poll(slackSays, { timeout: 30_000 }).toContain('payment-service');
    await expect.poll(async () => (await outside.heard()).opened, { timeout: 30_000 }).toBe(1);
    await page.keyboard.press('n');
    await expect(row(page)).toContainText('P1');
    await expect(row(page)).toContainText('payment-service');
    await expect(page.locator('#incident-detail')).toContainText(/payment-service led order-service by/);
    await expect(page.locator('#incident-detail')).toContainText('payment-service first');

    const tookMs: Record<string, number[]> = { console: [], API: [], Slack: [], PagerDuty: [] };
    for (let round = 0; round < ROUNDS; round++) {
      const acksBefore = await acksOnPagerDuty();
      const began = performance.now();
      const seen = async (place: string, arrival: Promise<unknown>) => {
        await arrival;
        tookMs[place]?.push(performance.now() - began);
      };
      await page.keyboard.press('a');
      const quickly = { intervals: [20], timeout: 30_000 };
      await Promise.all([
        seen('console', expect(tab(page, 'Acked')).toContainText('1')),
        seen('API', expect.poll(async () => (await incident())?.state, quickly).toBe('ACK')),
        seen('Slack', expect.poll(slackSays, quickly).toMatch(/acknowledged by first admin/i)),
        seen('PagerDuty', expect.poll(acksOnPagerDuty, quickly).toBe(acksBefore + 1)),
      ]);
      // Taken back after it was told: whoever reads Slack hears of that, too.
      await page.keyboard.press('z');
      await expect.poll(async () => (await incident())?.state).toBe('OPEN');
      await expect.poll(slackSays, { timeout: 30_000 }).not.toMatch(/acknowledged by/i);
      await page.waitForTimeout(1500);
    }
    const words = Object.entries(tookMs).map(([place, all]) => `${place} ${median(all)} ms`);
    process.stderr.write(`key to seen, median of ${ROUNDS}, ${HOLD_MS} ms of it held outside: ${words.join(', ')}\n`);
    // What is held is held: nobody outside hears before an undo could have been pressed.
    for (const place of ['Slack', 'PagerDuty'])
      expect(Math.min(...(tookMs[place] ?? []))).toBeGreaterThanOrEqual(HOLD_MS - 100);
    const { slack, slackProblems, opened } = await outside.heard();
    expect({ messages: slack.length, slackProblems, opened }).toEqual({ messages: 1, slackProblems: [], opened: 1 });
  });
});

function median(all: readonly number[]): number {
  return Math.round(all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN);
}
