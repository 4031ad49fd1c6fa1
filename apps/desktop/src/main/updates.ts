import type { AutoUpdater } from 'electron';
import type { UpdateState } from '../bridge/desktop.ts';
import type { Log } from './main-log.ts';

const FIRST_CHECK_MS = 60_000;
const CHECK_EVERY_MS = 6 * 60 * 60_000;

export interface UpdatesOptions {
  readonly updater: Pick<AutoUpdater, 'setFeedURL' | 'checkForUpdates'> & {
    on(event: 'checking-for-update' | 'update-available' | 'update-not-available', listener: () => void): unknown;
    on(event: 'error', listener: (error: Error) => void): unknown;
    on(event: 'update-downloaded', listener: (event: unknown, notes: string, name: string) => void): unknown;
  };
  readonly platform: NodeJS.Platform;
  readonly packaged: boolean;
  /** `https://…` folder of the release; empty: updates are off. */
  readonly feed: string;
  readonly setTimer: (run: () => void, ms: number) => () => void;
  readonly log: Log;
}

/**
 * Updates by Electron's own updater, which takes a package only when it is signed by whoever signed the running one. It
 * works on macOS; on the other systems the installer or the package manager brings the next version, and the screen says so.
 * An update is put in place when the console quits, never under somebody's hands.
 */
export class Updates {
  readonly #options: UpdatesOptions;
  #state: UpdateState;
  #cancel: (() => void) | null = null;

  constructor(options: UpdatesOptions) {
    this.#options = options;
    const why = whyOff(options);
    this.#state =
      why === null
        ? { type: 'current', detail: 'Looks for a new version every six hours.' }
        : { type: 'off', detail: why };
  }

  get state(): UpdateState {
    return this.#state;
  }

  start(): void {
    const { updater, feed, log } = this.#options;
    if (this.#state.type === 'off') return;
    updater.setFeedURL({ url: feed, serverType: 'json' });
    updater.on('checking-for-update', () => this.#say('checking', 'Asking for a new version.'));
    updater.on('update-available', () => this.#say('loading', 'A new version is being fetched.'));
    updater.on('update-not-available', () => this.#say('current', 'This is the newest version.'));
    updater.on('update-downloaded', (_event, _notes, name) =>
      this.#say('ready', `Version ${name.slice(0, 40)} is put in place when the console quits.`),
    );
    updater.on('error', ({ message }) => {
      log('update.failed', message);
      this.#say('failed', 'The last look for a new version failed; it is tried again within six hours.');
    });
    this.#checkIn(FIRST_CHECK_MS);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #checkIn(ms: number): void {
    this.#cancel = this.#options.setTimer(() => {
      this.#checkIn(CHECK_EVERY_MS);
      // Once one lies ready there is nothing more to look for before the restart.
      if (this.#state.type !== 'ready') this.#options.updater.checkForUpdates();
    }, ms);
  }

  #say(type: UpdateState['type'], detail: string): void {
    this.#state = { type, detail };
  }
}

function whyOff({ platform, packaged, feed }: UpdatesOptions): string | null {
  if (!packaged) return 'Run from source: `git pull` is the update.';
  if (platform !== 'darwin') return 'On this system the next version comes by its installer or package.';
  if (!feed.startsWith('https://')) return 'This build names no place to look for new versions.';
  return null;
}
