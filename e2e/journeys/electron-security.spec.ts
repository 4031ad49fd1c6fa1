import { expect, test } from '@playwright/test';
import { launchConsole, newProfile, startAgain, type Profile, type RunningConsole } from '../harness/launch-console.ts';

test.describe('the console in Electron is closed', () => {
  let profile: Profile;
  let running: RunningConsole;

  test.beforeAll(async () => {
    profile = newProfile();
    running = await launchConsole(profile.path);
  });
  test.afterAll(async () => {
    await running.close();
    profile.remove();
  });

  test('serves its page with the policy and nothing outside its bundle', async () => {
    const response = await running.page.reload();
    const policy = response?.headers()['content-security-policy'] ?? '';
    for (const rule of ["default-src 'none'", "connect-src 'none'", "require-trusted-types-for 'script'"]) {
      expect(policy).toContain(rule);
    }
    const broken: string[] = [];
    running.page.on('console', (message) => {
      if (message.type() === 'error') broken.push(message.text());
    });
    await running.page.reload();
    await expect(running.page.getByRole('main')).toBeVisible();
    expect(broken, 'the page itself keeps to its policy').toEqual([]);
  });

  test('lets the page neither open windows nor leave nor call a network', async () => {
    const { page, application } = running;
    const url = page.url();
    expect(await page.evaluate(() => window.open('https://example.com/'))).toBeNull();
    await page.evaluate(() => {
      const link = document.createElement('a');
      link.href = 'https://example.com/';
      document.body.append(link);
      link.click();
      link.remove();
    });
    expect(
      await page.evaluate(() =>
        fetch('https://example.com/')
          .then(() => 'answered')
          .catch(() => 'refused'),
      ),
    ).toBe('refused');
    expect(page.url()).toBe(url);
    expect(application.windows()).toHaveLength(1);
  });

  test('runs no script that text could bring along', async () => {
    const executed = await running.page.evaluate(async () => {
      const payloads = [
        '<img src=x onerror="window.__ran=1">',
        '<svg onload="window.__ran=1">',
        '<script>window.__ran=1</script>',
      ];
      let refused = 0;
      for (const payload of payloads) {
        try {
          document.createElement('div').innerHTML = payload;
        } catch {
          refused++;
        }
      }
      const script = document.createElement('script');
      script.append('window.__ran=1');
      document.body.append(script);
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { ran: '__ran' in window, refused };
    });
    expect(executed).toEqual({ ran: false, refused: 3 });
  });

  test('grants the page notifications and the writing of its clipboard, and nothing else', async () => {
    const granted = await running.application.evaluate(({ session, BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      if (window === undefined) throw new Error('no window');
      const asked = [
        'notifications',
        'clipboard-sanitized-write',
        'media',
        'geolocation',
        'openExternal',
        'usb',
        'clipboard-read',
      ];
      const { permissionRequestHandler } = session.defaultSession as typeof session.defaultSession & {
        permissionRequestHandler?: (contents: unknown, permission: string, answer: (granted: boolean) => void) => void;
      };
      // Real Electron does not give its handlers back; there the unit test of guards.ts speaks for them.
      if (permissionRequestHandler === undefined) return null;
      return asked.filter((permission) => {
        let allowed = false;
        permissionRequestHandler(window.webContents, permission, (answer) => {
          allowed = answer;
        });
        return allowed;
      });
    });
    if (granted !== null) expect(granted).toEqual(['notifications', 'clipboard-sanitized-write']);
  });

  test('a second start shows the first window instead', async () => {
    expect(await startAgain(profile.path)).toBe(0);
    expect(running.application.windows()).toHaveLength(1);
  });
});
