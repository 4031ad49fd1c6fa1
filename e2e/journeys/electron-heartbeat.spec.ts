import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { addAgent, freshness, markers, seesHeartbeat } from '../harness/console-page.ts';
import { launchConsole, newProfile, type Profile } from '../harness/launch-console.ts';
import { liveTraffic, sendHistory } from '../harness/send-logs.ts';
import { attachLogOnFailure, startAgent, type RunningAgent } from '../harness/start-agent.ts';

const SERVICES = ['payment-service', 'order-service', 'gateway'];

test.describe('the console in Electron', () => {
  let agent: RunningAgent;
  let profile: Profile;

  test.beforeAll(async () => {
    profile = newProfile();
    agent = await startAgent();
    await sendHistory(agent, SERVICES, { seconds: 3600, perSecond: 8 });
  });
  test.afterEach(() => attachLogOnFailure(test.info(), agent));
  test.afterAll(async () => {
    await agent.remove();
    profile.remove();
  });

  test('shows a live heartbeat, a spike, the loss of its agent and its return', async () => {
    const traffic = liveTraffic(agent, SERVICES, 8);
    const desktop = await launchConsole(profile.path);
    const { page } = desktop;
    try {
      await test.step('a wrong token is refused in words', async () => {
        await addAgent(page, agent.url, 'not-the-token');
        await expect(page.getByText(/does not accept this access token/)).toBeVisible();
      });
      await test.step('the right token connects', async () => {
        await addAgent(page, agent.url, agent.adminToken);
        await expect(freshness(page)).toContainText('LIVE');
        await seesHeartbeat(page);
      });
      await test.step('a spike becomes a marker', async () => {
        traffic.setRate('payment-service', 400);
        await expect(markers(page, 'payment-service').first()).toBeVisible();
        traffic.setRate('payment-service', 8);
      });
      await test.step('the page holds neither token nor socket nor Node', async () => {
        expect(await leaks(page, agent.adminToken)).toEqual([]);
      });
      await test.step('an agent that dies is RECONNECTING, and LIVE when it is back', async () => {
        await agent.kill();
        await expect(freshness(page)).toContainText('RECONNECTING');
        agent = await agent.restart();
        await expect(freshness(page)).toContainText('LIVE', { timeout: 45_000 });
      });
      expect(desktop.log()).not.toContain(agent.adminToken);
    } finally {
      await desktop.close();
      await traffic.stop();
    }
    // Without a key store the token was only in memory.
    const saved = readFileSync(join(profile.path, 'agents.json'), 'utf8');
    expect(JSON.parse(saved)).toMatchObject({ agents: [{ url: agent.url, sealedToken: null }] });
    expect(saved).not.toContain(agent.adminToken);
  });

  test('without a key store asks for the token again after a restart', async () => {
    const desktop = await launchConsole(profile.path);
    await expect(desktop.page.getByText(/holds no access token/).first()).toBeVisible();
    await desktop.close();
  });

  test('with a key store keeps the agent over a restart, its token sealed', async () => {
    const own = newProfile();
    const keyring = { STAND_IN_KEYRING: 'gnome_libsecret' };
    const first = await launchConsole(own.path, keyring);
    await addAgent(first.page, agent.url, agent.adminToken);
    await seesHeartbeat(first.page);
    await first.close();
    expect(readFileSync(join(own.path, 'agents.json'), 'utf8')).not.toContain(agent.adminToken);

    const second = await launchConsole(own.path, keyring);
    await seesHeartbeat(second.page);
    await second.close();
    own.remove();
  });

  test('opens connected when npm start passes it the local agent', async () => {
    const own = newProfile();
    const desktop = await launchConsole(own.path, {
      SENTINELLOG_AGENT_URL: agent.url,
      SENTINELLOG_AGENT_TOKEN_FILE: join(agent.dataDir, 'credentials.json'),
    });
    await seesHeartbeat(desktop.page);
    await desktop.close();
    own.remove();
  });
});

/** Where in the page the token, or a way to it, can be found. */
async function leaks(page: Page, token: string): Promise<string[]> {
  return page.evaluate((secret) => {
    const found: string[] = [];
    const seen = new Set<unknown>();
    const visit = (value: unknown, path: string): void => {
      if (typeof value === 'string' && value.includes(secret)) found.push(path);
      if (value === null || typeof value !== 'object' || seen.has(value) || path.split('.').length > 6) return;
      seen.add(value);
      for (const key of Object.getOwnPropertyNames(value)) {
        const inner = Object.getOwnPropertyDescriptor(value, key);
        if (inner && 'value' in inner) visit(inner.value, `${path}.${key}`);
      }
    };
    visit(globalThis, 'window');
    if (document.documentElement.outerHTML.includes(secret)) found.push('document');
    for (const input of document.querySelectorAll('input')) if (input.value.includes(secret)) found.push('input');
    for (const name of ['require', 'process', 'Buffer', 'ipcRenderer', 'module'])
      if (name in globalThis) found.push(name);
    return found;
  }, token);
}
