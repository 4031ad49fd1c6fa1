import type { BrowserWindow, BrowserWindowConstructorOptions } from 'electron';
import { VERSION_ARGUMENT, WINDOW_ARGUMENT } from '../bridge/channels.ts';
import type { WindowKind } from '../bridge/desktop.ts';
import { APP_PAGE } from './app-protocol.ts';
import type { WindowPlace } from './settings.ts';
import { MIN_HEIGHT, MIN_WIDTH } from './window-place.ts';

/** `--bg-0` of the Midnight Pro tokens: no white flash before the first paint. */
const BACKGROUND = '#0B0F17';
/** A page that dies again and again is left dead: reloading for ever would hide it and heat the machine. */
const MAX_RELOADS_PER_WINDOW = 3;

export interface WindowBuild {
  /** Path of the preload bundle. */
  readonly preload: string;
  readonly version: string;
  /** True only when run from source. */
  readonly devTools: boolean;
}

/** Reliability §4, row 1: what is already Electron's default is spelt out, so that a change of default changes nothing. */
export function windowOptions(
  place: WindowPlace,
  build: WindowBuild,
  kind: WindowKind = 'main',
): BrowserWindowConstructorOptions {
  const { x, y, width, height } = place;
  return {
    x,
    y,
    width,
    height,
    minWidth: MIN_WIDTH,
    minHeight: MIN_HEIGHT,
    backgroundColor: BACKGROUND,
    title: 'SentinelLog',
    show: false,
    webPreferences: {
      preload: build.preload,
      additionalArguments: [`${VERSION_ARGUMENT}${build.version}`, `${WINDOW_ARGUMENT}${kind}`],
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      spellcheck: false,
      navigateOnDragDrop: false,
      devTools: build.devTools,
    },
  };
}

/** Shows the page in a window made from `windowOptions`, and keeps it alive and remembered. */
export function runWindow(
  window: BrowserWindow,
  place: WindowPlace,
  hidden: boolean,
  report: {
    readonly onPlace: (place: WindowPlace) => void;
    /** A new document is there, which knows nothing yet. */
    readonly onPage: () => void;
    readonly onFailure: (event: string, detail: string) => void;
  },
): void {
  window.once('ready-to-show', () => {
    if (hidden) return;
    if (place.maximised) window.maximize();
    window.show();
  });
  window.on('close', () => report.onPlace({ ...window.getNormalBounds(), maximised: window.isMaximized() }));
  window.webContents.on('did-navigate', report.onPage);
  let reloads = 0;
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    report.onFailure('window.page_died', reason);
    if (reason === 'clean-exit' || ++reloads > MAX_RELOADS_PER_WINDOW) return;
    load();
  });
  const load = (): void => {
    window.loadURL(APP_PAGE).catch((error: unknown) => report.onFailure('window.load_failed', String(error)));
  };
  load();
}
