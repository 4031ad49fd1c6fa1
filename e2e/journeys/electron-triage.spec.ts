import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { addAgent, freshness, seesHeartbeat } from '../harness/console-page.ts';
import { fakeSlack, type FakeSlack } from '../harness/fake-slack.ts';
import { launchConsole, newProfile, type Profile } from '../harness/launch-console.ts';
import { liveTraffic, sendHistory } from '../harness/send-logs.ts';
import { attachLogOnFailure, startAgent, type RunningAgent } from '../harness/start-agent.ts';

const SERVICES = ['payment-service', 'order-service', 'gateway'];
/** Past the moment in which keys are taken for ones that were meant for another window. */
const SETTLED_MS = 1500;
const IN_THE_INBOX_MS = 2000;
/** The hold of an acknowledgement is four seconds: by then everything that was going to leave has left. */
const PAST_THE_HOLD_MS = 6000;

test.describe('an incident, from the log line to the desk and to Slack', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sentinellog-triage-'));
  let slack: FakeSlack;
  let agent: RunningAgent;
  let profile: Profile;

  test.beforeAll(async () => {
    profile = newProfile();
    slack = await fakeSlack();
    const config = join(folder, 'agent.yaml');
    const settings = { kind: 'slack', channel: 'C0123456789', apiUrl: slack.apiUrl };
    // JSON is YAML.
    writeFileSync(
      config,
      JSON.stringify({
        notify: { allowPrivateHosts: ['127.0.0.1'] },
        channels: [{ id: 'slack', settings, secrets: { botToken: { env: 'TRIAGE_SLACK_TOKEN' } } }],
      }),
    );
    process.env['TRIAGE_SLACK_TOKEN'] = 'xoxb-test';
    agent = await startAgent(['--config', config]);
    await sendHistory(agent, SERVICES, { seconds: 3600, perSecond: 8 });
  });
  test.afterEach(() => attachLogOnFailure(test.info(), agent));
  test.afterAll(async () => {
    await agent.remove();
    await slack.close();
    profile.remove();
    rmSync(folder, { recursive: true, force: true });
    delete process.env['TRIAGE_SLACK_TOKEN'];
  });

  test('is in the inbox at once; one key takes it, another takes that back before anybody hears of it', async () => {
    test.setTimeout(180_000);
    const traffic = liveTraffic(agent, SERVICES, 8);
    const desktop = await launchConsole(profile.path);
    const { page } = desktop;
    const row = page.getByRole('grid', { name: 'Incidents' }).getByRole('row').filter({ hasText: 'payment-service' });
    try {
      await addAgent(page, agent.url, agent.adminToken);
      await expect(freshness(page)).toContainText('LIVE');
      await seesHeartbeat(page);
      await page.waitForTimeout(SETTLED_MS);
      await page.keyboard.press('g');
      await page.keyboard.press('i');
      await expect(page.getByText('All clear')).toBeVisible();
      traffic.setRate('payment-service', 400);
      await test.step('it appears', async () => {
        await row.first().waitFor({ timeout: 60_000 });
        const seenMs = Date.now();
        const { incidents } = (await answerOf(agent, '/v1/incidents')) as { incidents: { opened_at_ms: number }[] };
        const tookMs = seenMs - Math.max(...incidents.map(({ opened_at_ms }) => opened_at_ms));
        process.stderr.write(`in the inbox ${tookMs} ms after it was opened\n`);
        expect(tookMs).toBeLessThan(IN_THE_INBOX_MS);
        await expect.poll(() => slack.messages.length, { timeout: 10_000 }).toBe(1);
      });
      await test.step('a takes it and z takes that back: nothing has left', async () => {
        await page.keyboard.press('n');
        await page.keyboard.press('a');
        await expect(page.getByRole('region', { name: 'Notifications' })).toContainText('Acknowledged');
        await page.keyboard.press('z');
        await expect(page.getByRole('region', { name: 'Notifications' })).toContainText('nothing had gone out');
        await page.waitForTimeout(PAST_THE_HOLD_MS);
        expect(slack.said.join('\n')).not.toMatch(/acknowledged/i);
      });
      await test.step('a, left to stand, is shown in Slack', async () => {
        await page.keyboard.press('n');
        await page.keyboard.press('a');
        await expect.poll(() => slack.messages[0], { timeout: 15_000 }).toContain('acknowledged by first admin');
      });
    } finally {
      await desktop.close();
      await traffic.stop();
    }
  });
});

async function answerOf({ url, adminToken }: RunningAgent, path: string): Promise<unknown> {
  const response = await fetch(url + path, { headers: { authorization: `Bearer ${adminToken}` } });
  return response.json();
}
