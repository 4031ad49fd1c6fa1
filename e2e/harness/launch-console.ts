/** The Electron console from its real bundles, on a profile that goes away afterwards. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication, type Page } from '@playwright/test';

const APP = fileURLToPath(new URL('../../apps/desktop', import.meta.url));

export interface RunningConsole {
  readonly application: ElectronApplication;
  readonly page: Page;
  readonly profile: string;
  /** Everything that the main process wrote to its own log. */
  log(): string;
  close(): Promise<void>;
}

/** A console's data folder: settings, saved agents. */
export interface Profile {
  readonly path: string;
  remove(): void;
}

export function newProfile(): Profile {
  const path = mkdtempSync(join(tmpdir(), 'sentinellog-console-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

export async function launchConsole(
  profile: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningConsole> {
  const application = await _electron.launch({
    args: [APP, `--user-data-dir=${profile}`],
    // Left as it is: the stand-in's pages take no emulated scheme from Playwright.
    colorScheme: null,
    env: { ...process.env, LANG: 'en_US.UTF-8', ...environment },
  });
  let log = '';
  application
    .process()
    .stderr?.setEncoding('utf8')
    .on('data', (piece: string) => {
      log += piece;
    });
  const page = await application.firstWindow();
  // A window is empty for a moment before it loads the page.
  await page.waitForURL(/\/index\.html$/);
  return { application, page, profile, log: () => log, close: () => application.close() };
}

/** A second start on a profile that is in use, with a link say. Resolves with its exit code. */
export async function startAgain(profile: string, ...more: readonly string[]): Promise<number> {
  const electron: unknown = createRequire(import.meta.url)('electron');
  const sandbox = process.platform === 'linux' ? ['--no-sandbox'] : [];
  const child = spawn(String(electron), [...sandbox, APP, `--user-data-dir=${profile}`, ...more], { stdio: 'ignore' });
  const [code] = await once(child, 'exit');
  return Number(code);
}
