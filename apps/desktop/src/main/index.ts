/** The console's main process, wired in one straight function. It holds the sockets and the tokens; the page holds neither. */
import { join } from 'node:path';
import { app, BrowserWindow, Menu, powerMonitor, protocol, safeStorage, screen, session } from 'electron';
import { EVENT_CHANNEL } from '../bridge/channels.ts';
import type { BridgeEvent } from '../bridge/events.ts';
import { AgentVault, EMPTY_VAULT, VaultFileSchema } from './agent-vault.ts';
import { APP_SCHEME, createAppProtocol } from './app-protocol.ts';
import { createCallHandlers } from './call-handlers.ts';
import { AgentFleet } from './connections/agent-fleet.ts';
import { openSocket } from './connections/open-socket.ts';
import { guardContents, guardSession } from './guards.ts';
import { JsonFile } from './json-file.ts';
import { localAgent } from './local-agent.ts';
import { createLog } from './main-log.ts';
import { menuTemplate } from './menu.ts';
import { DEFAULT_SETTINGS, SettingsSchema, type Settings } from './settings.ts';
import { trustSystemCertificates } from './system-certificates.ts';
import { createTokenCipher } from './token-cipher.ts';
import { serveCalls } from './typed-ipc.ts';
import { placeWindow } from './window-place.ts';
import { runWindow, windowOptions } from './window.ts';

const log = createLog((line) => process.stderr.write(line), Date.now);

// Both must be said before the app is ready.
app.enableSandbox();
protocol.registerSchemesAsPrivileged([{ scheme: APP_SCHEME, privileges: { standard: true, secure: true } }]);

if (app.requestSingleInstanceLock()) {
  app.on('web-contents-created', (_event, contents) => guardContents(contents));
  app
    .whenReady()
    .then(run)
    .catch((error: unknown) => {
      log('console.start_failed', error instanceof Error ? (error.stack ?? error.message) : String(error));
      app.exit(1);
    });
} else {
  // The first instance hears of it as `second-instance` and shows its window.
  app.quit();
}

async function run(): Promise<void> {
  trustSystemCertificates();
  guardSession(session.defaultSession);
  protocol.handle(APP_SCHEME, await createAppProtocol(join(import.meta.dirname, '../renderer')));

  const data = app.getPath('userData');
  const settingsFile = new JsonFile<Settings>(join(data, 'settings.json'), SettingsSchema, DEFAULT_SETTINGS);
  let settings = await settingsFile.read();
  const cipher = await createTokenCipher(safeStorage, process.platform);
  if (cipher.unavailable !== null) log('vault.memory_only', cipher.unavailable);
  const vaultFile = new JsonFile(join(data, 'agents.json'), VaultFileSchema, EMPTY_VAULT);
  const vault = await AgentVault.open(vaultFile, cipher);

  const fleet = new AgentFleet({
    vault,
    fetch,
    openSocket,
    now: Date.now,
    setTimer: (work, ms) => {
      const timer = setTimeout(work, ms);
      return () => clearTimeout(timer);
    },
    random: Math.random,
    send: sendToWindows,
    log,
  });
  // A page that has just been loaded asks for the agents first and listens already; what they said before follows the answer.
  let pageIsFresh = true;
  const replayOnce = (): void => {
    if (pageIsFresh) setImmediate(() => fleet.replay());
    pageIsFresh = false;
  };
  serveCalls(createCallHandlers(fleet, replayOnce), log);
  fleet.start();
  let saved = false;
  app.on('will-quit', (event) => {
    fleet.stop();
    if (saved) return;
    // The window's place is being written; Electron would not wait for it.
    event.preventDefault();
    void Promise.all([settingsFile.settled(), vaultFile.settled()]).finally(() => {
      saved = true;
      app.quit();
    });
  });
  powerMonitor.on('resume', () => fleet.retryAll());

  const kind = {
    preload: join(import.meta.dirname, '../preload/index.cjs'),
    version: app.getVersion(),
    devTools: !app.isPackaged,
  };
  const openWindow = (): void => {
    const primary = screen.getPrimaryDisplay();
    const others = screen.getAllDisplays().filter(({ id }) => id !== primary.id);
    const place = placeWindow(settings.window, [primary.workArea, ...others.map(({ workArea }) => workArea)]);
    runWindow(new BrowserWindow(windowOptions(place, kind)), place, {
      onFailure: log,
      onPage: () => {
        pageIsFresh = true;
      },
      onPlace: (window) => {
        settings = { ...settings, window };
        settingsFile.write(settings).catch((error: unknown) => log('settings.write_failed', String(error)));
      },
    });
  };
  const showWindow = (): void => {
    const [window] = BrowserWindow.getAllWindows();
    if (window === undefined) return openWindow();
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  };

  Menu.setApplicationMenu(
    Menu.buildFromTemplate(menuTemplate({ mac: process.platform === 'darwin', devTools: kind.devTools })),
  );
  app.on('second-instance', showWindow);
  app.on('activate', showWindow);
  app.on('window-all-closed', () => {
    // On a Mac an app without windows lives on in the Dock, and so do its connections.
    if (process.platform !== 'darwin') app.quit();
  });
  openWindow();

  await addLocalAgent(fleet);
}

async function addLocalAgent(fleet: AgentFleet): Promise<void> {
  try {
    const agent = await localAgent(process.env);
    if (agent === null) return;
    const added = await fleet.add(agent, 'session');
    if (!added.ok) log('local_agent.not_added', added.error.detail);
  } catch (error) {
    // Zod and JSON.parse quote what they read, and that would be the token.
    const kind = error instanceof Error ? ('code' in error ? String(error.code) : error.name) : 'unknown';
    log('local_agent.unreadable', `the file that SENTINELLOG_AGENT_TOKEN_FILE names cannot be used: ${kind}`);
  }
}

function sendToWindows(event: BridgeEvent): void {
  for (const window of BrowserWindow.getAllWindows()) {
    if (!window.isDestroyed()) window.webContents.send(EVENT_CHANNEL, event);
  }
}
