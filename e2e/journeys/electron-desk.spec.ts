/** Around the window: notifications, tray, links, more windows. Looked at through the stand-in; real Electron keeps them to itself. */
import { expect, test, type ElectronApplication } from '@playwright/test';
import { addAgent, freshness, seesHeartbeat } from '../harness/console-page.ts';
import { launchConsole, newProfile, startAgain, type Profile, type RunningConsole } from '../harness/launch-console.ts';
import { liveTraffic, sendHistory, type LiveTraffic } from '../harness/send-logs.ts';
import { attachLogOnFailure, startAgent, type RunningAgent } from '../harness/start-agent.ts';

const SERVICES = ['payment-service', 'order-service'];
const REAL_ELECTRON = process.env['ELECTRON_OVERRIDE_DIST_PATH'] === undefined;

interface Shown {
  readonly tooltip: string;
  readonly badge: number;
  readonly titles: readonly string[];
}

test.describe
  .serial('around the window', () => {
    test.skip(REAL_ELECTRON, 'real Electron gives neither its trays nor its notifications back');

    let agent: RunningAgent;
    let profile: Profile;
    let desktop: RunningConsole;
    let traffic: LiveTraffic;

    test.beforeAll(async () => {
      profile = newProfile();
      agent = await startAgent();
      await sendHistory(agent, SERVICES, { seconds: 3600, perSecond: 8 });
      traffic = liveTraffic(agent, SERVICES, 8);
      desktop = await launchConsole(profile.path, { STAND_IN_KEYRING: 'gnome_libsecret' });
      await addAgent(desktop.page, agent.url, agent.adminToken);
      await seesHeartbeat(desktop.page);
      // An hour came at once; the agent is to have caught up with the present before something happens in it.
      await desktop.page.waitForTimeout(6000);
    });
    test.afterEach(() => attachLogOnFailure(test.info(), agent));
    test.afterAll(async () => {
      await desktop.close();
      await traffic.stop();
      await agent.remove();
      profile.remove();
    });

    test('a fresh and quiet desk is green in the tray', async () => {
      await expect.poll(async () => (await shown(desktop.application)).tooltip).toMatch(/no open incident\n(LIVE|LAG)/);
    });

    test('a link only leads somewhere, and one that is not ours leads nowhere', async () => {
      const { page } = desktop;
      expect(await startAgain(profile.path, 'sentinellog://view/sources')).toBe(0);
      await expect(page.getByRole('heading', { name: /^Sources/, level: 1 })).toBeVisible();
      expect(await startAgain(profile.path, 'sentinellog://incident/../ack')).toBe(0);
      expect(await startAgain(profile.path, 'sentinellog://heartbeat?cluster=MARS')).toBe(0);
      await expect(page.getByText('This link is for MARS, which is not connected here').first()).toBeVisible();
    });

    test('the wallboard shows, and takes no keys that change anything', async () => {
      const { application, page } = desktop;
      const opened = application.waitForEvent('window');
      await page.keyboard.press('Control+Shift+W');
      const wallboard = await opened;
      await wallboard.waitForURL(/\/index\.html$/);
      await expect(wallboard.getByRole('heading', { name: 'Batcave', level: 1 })).toBeVisible();
      await expect(wallboard.getByRole('navigation', { name: 'Views' })).toBeHidden();
      await wallboard.keyboard.press('n');
      await wallboard.keyboard.press('r');
      await expect(wallboard.getByText(/Resolved INC/)).toHaveCount(0);
      await wallboard.close();
    });

    test('closed, it asks once and then stays in the tray', async () => {
      const { application } = desktop;
      const state = () =>
        application.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((one) => one.isVisible()));
      await application.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
      await expect.poll(state).toEqual([false]);
      expect(await startAgain(profile.path)).toBe(0);
      await expect.poll(state).toEqual([true]);
    });

    test('a notification is acknowledged with two inputs: press it, press a', async () => {
      const { application, page } = desktop;
      await application.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
      traffic.setRate('payment-service', 400);
      await expect
        .poll(async () => (await shown(application)).titles.join(), { timeout: 40_000 })
        .toMatch(/P[12] payment/);
      traffic.setRate('payment-service', 8);
      await application.evaluate(() => {
        const { notifications } = Reflect.get(globalThis, Symbol.for('stand-in.shown'));
        notifications.at(-1).emit('click', {});
      });
      await expect(page.getByRole('heading', { name: 'Incidents', level: 1 })).toBeAttached();
      // Keys that come with the window are not taken for an answer (ux §2.5).
      await page.waitForTimeout(400);
      await page.keyboard.press('a');
      await expect(page.getByText(/Acknowledged/).first()).toBeVisible();
    });

    test('tray, badge, title and chip say the same, also when the agent dies', async () => {
      const { application, page } = desktop;
      const { P1, P2 } = await openOnPage(desktop);
      const worst = P1 > 0 ? `P1 ${P1}` : `P2 ${P2}`;
      await expect.poll(async () => (await shown(application)).badge).toBe(P1 + P2);
      expect(await page.title()).toContain(worst);
      for (const [severity, count] of Object.entries({ P1, P2 })) {
        if (count > 0) expect((await shown(application)).tooltip).toContain(`${count} ${severity}`);
      }
      await agent.kill();
      await expect(freshness(page)).toContainText('RECONNECTING');
      await expect.poll(async () => (await shown(application)).tooltip).toMatch(/RECONNECTING: the figures are old/);
      expect((await shown(application)).badge).toBe(P1 + P2);
      agent = await agent.restart();
      await expect(freshness(page)).toContainText('LIVE', { timeout: 45_000 });
      await expect.poll(async () => (await shown(application)).tooltip).toMatch(/LIVE|LAG/);
    });
  });

/** What tray, badge and notifications show at the moment. */
function shown(application: ElectronApplication): Promise<Shown> {
  return application.evaluate(({ app }) => {
    const { trays, notifications } = Reflect.get(globalThis, Symbol.for('stand-in.shown'));
    return {
      tooltip: String(trays[0]?.toolTip),
      badge: Number(Reflect.get(app, 'badge')),
      titles: notifications.map((one: { title: string }) => one.title),
    };
  });
}

async function openOnPage({ page }: RunningConsole): Promise<{ readonly P1: number; readonly P2: number }> {
  const count = async (severity: string): Promise<number> => {
    const chip = page.getByRole('button', { name: new RegExp(`^${severity} \\d+ open$`) });
    return Number(/(\d+)\D*$/.exec(((await chip.textContent()) ?? '').replace(severity, ''))?.[1]);
  };
  return { P1: await count('P1'), P2: await count('P2') };
}
