/** The console's main process, wired in one straight function. It holds the sockets and the tokens; the page holds neither. */
import { join } from 'node:path';
import {
  app,
  autoUpdater,
  BrowserWindow,
  dialog,
  Menu,
  nativeImage,
  Notification,
  powerMonitor,
  protocol,
  safeStorage,
  screen,
  session,
  Tray,
} from 'electron';
import { LINK_SCHEME } from '../bridge/link-target.ts';
import type { DesktopFacts, DesktopSettings } from '../bridge/desktop.ts';
import type { BridgeEvent } from '../bridge/events.ts';
import { AgentVault, EMPTY_VAULT, VaultFileSchema } from './agent-vault.ts';
import { APP_SCHEME, createAppProtocol } from './app-protocol.ts';
import { createCallHandlers } from './call-handlers.ts';
import { AgentFleet } from './connections/agent-fleet.ts';
import { openSocket } from './connections/open-socket.ts';
import { Desk } from './desk/desk.ts';
import { Notifier } from './desk/notifier.ts';
import { trayMenu } from './desk/tray-menu.ts';
import { TRAY_PIXELS, trayPicture } from './desk/tray-picture.ts';
import type { TrayWords } from './desk/tray-words.ts';
import { guardContents, guardSession } from './guards.ts';
import { JsonFile } from './json-file.ts';
import { linkAmong, PendingLink } from './link-door.ts';
import { localAgent } from './local-agent.ts';
import { createLog } from './main-log.ts';
import { menuTemplate } from './menu.ts';
import { DEFAULT_SETTINGS, SettingsSchema, type Settings } from './settings.ts';
import { trustSystemCertificates } from './system-certificates.ts';
import { createTokenCipher } from './token-cipher.ts';
import { serveCalls } from './typed-ipc.ts';
import { Updates } from './updates.ts';
import { Windows } from './windows.ts';

/** Where releases are published, put in by electron.vite.config.ts; empty in every build that is no release. */
declare const UPDATE_FEED: string;

/** A start by the session itself, which is to stay in the tray. */
const HIDDEN_SWITCH = '--hidden';

const log = createLog((line) => process.stderr.write(line), Date.now);
const setTimer = (work: () => void, ms: number): (() => void) => {
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
};

// All of these must be said before the app is ready.
app.enableSandbox();
protocol.registerSchemesAsPrivileged([{ scheme: APP_SCHEME, privileges: { standard: true, secure: true } }]);
const links = new PendingLink();
app.on('open-url', (event, url) => {
  event.preventDefault();
  links.take(url);
});

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
  const save = (change: Partial<Settings>): void => {
    settings = { ...settings, ...change };
    settingsFile.write(settings).catch((error: unknown) => log('settings.write_failed', String(error)));
  };
  const cipher = await createTokenCipher(safeStorage, process.platform);
  if (cipher.unavailable !== null) log('vault.memory_only', cipher.unavailable);
  const vaultFile = new JsonFile(join(data, 'agents.json'), VaultFileSchema, EMPTY_VAULT);
  const vault = await AgentVault.open(vaultFile, cipher);

  let tray: Tray | null = null;
  // A page that has just been loaded asks for the agents first and listens already; what they said before follows the answer.
  let pageIsFresh = true;
  const windows = new Windows({
    create: (options) => new BrowserWindow(options),
    build: {
      preload: join(import.meta.dirname, '../preload/index.cjs'),
      version: app.getVersion(),
      devTools: !app.isPackaged,
    },
    workAreas: () => {
      const primary = screen.getPrimaryDisplay();
      const others = screen.getAllDisplays().filter(({ id }) => id !== primary.id);
      return [primary.workArea, ...others.map(({ workArea }) => workArea)];
    },
    settings: () => settings,
    save,
    // Without a tray a hidden window could never be found again.
    onClose: () => (tray === null ? 'quit' : settings.desktop.onClose),
    askOnClose: (window) => void askWhatCloseMeans(window),
    onPage: () => {
      pageIsFresh = true;
    },
    onFailure: log,
  });
  const fleet = new AgentFleet({
    vault,
    fetch,
    openSocket,
    now: Date.now,
    setTimer,
    random: Math.random,
    send: (event: BridgeEvent) => {
      desk.take(event);
      windows.send(event);
    },
    log,
  });
  const notifier = new Notifier({
    create: (options) => new Notification(options),
    supported: () => Notification.isSupported(),
    setTimer,
    follow: (target) => windows.follow(target),
    dismissed: (tag) => desk.dismissed(tag),
    log,
  });
  const desk = new Desk({
    now: Date.now,
    minuteOfDay: (ms) => new Date(ms).getHours() * 60 + new Date(ms).getMinutes(),
    setTimer,
    settings: () => settings.desktop,
    isFocused: () => windows.isFocused(),
    agents: () => fleet.list(),
    showToast: (toast) => notifier.show(toast),
    showTray: (words) => showTray(words),
  });
  const updates = new Updates({
    updater: autoUpdater,
    platform: process.platform,
    packaged: app.isPackaged,
    feed: UPDATE_FEED,
    setTimer,
    log,
  });

  let trayShows: TrayWords | null = null;
  const showTray = (words: TrayWords): void => {
    trayShows = words;
    const image = nativeImage.createFromBitmap(trayPicture(words.face, words.doubtful), {
      width: TRAY_PIXELS,
      height: TRAY_PIXELS,
      scaleFactor: 2,
    });
    tray ??= openTray(image);
    tray?.setImage(image);
    tray?.setToolTip(words.tooltip);
    if (process.platform === 'darwin') tray?.setTitle(words.title);
    app.setBadgeCount(words.badge);
    tray?.setContextMenu(
      Menu.buildFromTemplate(
        trayMenu(words, settings.desktop.pausedUntilMs, Date.now(), {
          follow: (target) => windows.follow(target),
          show: () => windows.showMain(),
          openWallboard: () => windows.openExtra({ kind: 'wallboard' }),
          pauseUntil: (pausedUntilMs) => applySettings({ ...settings.desktop, pausedUntilMs }),
          quit: () => app.quit(),
        }),
      ),
    );
  };
  const openTray = (image: Electron.NativeImage): Tray | null => {
    try {
      const opened = new Tray(image);
      opened.on('click', () => windows.showMain());
      return opened;
    } catch (error) {
      // A desktop without a tray: the window is all there is, and closing it must then close the console.
      log('tray.unavailable', String(error));
      return null;
    }
  };

  const loginItemSupported = process.platform !== 'linux';
  const facts = (): DesktopFacts => ({
    settings: settings.desktop,
    notificationsSupported: Notification.isSupported(),
    loginItemSupported,
    keyStoreProblem: cipher.unavailable,
    update: updates.state,
  });
  const applySettings = (wanted: DesktopSettings): DesktopFacts => {
    if (loginItemSupported && wanted.startAtLogin !== settings.desktop.startAtLogin) {
      app.setLoginItemSettings({ openAtLogin: wanted.startAtLogin, args: [HIDDEN_SWITCH] });
    }
    save({ desktop: wanted });
    if (trayShows !== null) showTray(trayShows);
    return facts();
  };
  const askWhatCloseMeans = async (window: BrowserWindow): Promise<void> => {
    const { response } = await dialog.showMessageBox(window, {
      type: 'question',
      message: 'Keep watching in the tray?',
      detail: 'Closed, SentinelLog can go on watching and notify you, or quit. The settings change this later.',
      buttons: ['Keep watching', 'Quit'],
      defaultId: 0,
      cancelId: 0,
    });
    applySettings({ ...settings.desktop, onClose: response === 1 ? 'quit' : 'hide' });
    if (response === 1) app.quit();
    else window.hide();
  };

  const onListed = (): void => {
    if (pageIsFresh) setImmediate(() => fleet.replay());
    pageIsFresh = false;
  };
  serveCalls(
    createCallHandlers(
      fleet,
      {
        facts,
        set: applySettings,
        tryNotification: () => notifier.try(),
        openWindow: (wanted) => windows.openExtra(wanted),
      },
      Date.now,
      onListed,
    ),
    log,
  );
  fleet.start();
  desk.start();
  updates.start();

  let saved = false;
  app.on('before-quit', () => windows.quitting());
  app.on('will-quit', (event) => {
    fleet.stop();
    desk.stop();
    updates.stop();
    if (saved) return;
    // The window's place is being written; Electron would not wait for it.
    event.preventDefault();
    void Promise.all([settingsFile.settled(), vaultFile.settled()]).finally(() => {
      saved = true;
      app.quit();
    });
  });
  powerMonitor.on('resume', () => fleet.retryAll());

  Menu.setApplicationMenu(
    Menu.buildFromTemplate(menuTemplate({ mac: process.platform === 'darwin', devTools: !app.isPackaged })),
  );
  // Registered by the installers too; run from source it would bind the scheme to a bare Electron.
  if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME);
  links.open((target) => windows.follow(target));
  app.on('second-instance', (_event, argv) => {
    const target = linkAmong(argv);
    if (target === null) windows.showMain();
    else windows.follow(target);
  });
  app.on('activate', () => windows.showMain());
  app.on('window-all-closed', () => {
    // On a Mac an app without windows lives on in the Dock, and so do its connections.
    if (process.platform !== 'darwin') app.quit();
  });
  if (process.argv.includes(HIDDEN_SWITCH) && tray !== null) windows.openHidden();
  else windows.showMain();
  const first = linkAmong(process.argv);
  if (first !== null) windows.follow(first);

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
