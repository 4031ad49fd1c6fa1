import type { BrowserWindow, BrowserWindowConstructorOptions, Rectangle } from 'electron';
import type { BridgeEvent } from '../bridge/events.ts';
import type { LinkTarget } from '../bridge/link-target.ts';
import type { DesktopSettings, ExtraWindow, WindowKind } from '../bridge/desktop.ts';
import { EVENT_CHANNEL } from '../bridge/channels.ts';
import type { Settings, WindowPlace } from './settings.ts';
import { placeWindow } from './window-place.ts';
import { runWindow, windowOptions, type WindowBuild } from './window.ts';

/** ux §2.15: more would be a window manager of our own. */
export const MAX_POP_OUTS = 4;

export interface WindowsOptions {
  readonly create: (options: BrowserWindowConstructorOptions) => BrowserWindow;
  readonly build: WindowBuild;
  /** The screens without their bars, the primary one first. */
  readonly workAreas: () => readonly [Rectangle, ...Rectangle[]];
  readonly settings: () => Settings;
  readonly save: (change: Partial<Settings>) => void;
  /** What the close button of the main window does. */
  readonly onClose: () => DesktopSettings['onClose'];
  /** The close button of the main window was pressed for the first time, and nobody has said yet what it means. */
  readonly askOnClose: (window: BrowserWindow) => void;
  readonly onPage: () => void;
  readonly onFailure: (event: string, detail: string) => void;
}

interface Opened {
  readonly window: BrowserWindow;
  readonly kind: WindowKind;
  /** Its page has run its scripts and listens. */
  loaded: boolean;
  /** To be followed as soon as the page listens. */
  link: LinkTarget | null;
}

/** The main window, at most four pop-outs and one wallboard. All of them hear the same events. */
export class Windows {
  readonly #options: WindowsOptions;
  readonly #opened = new Set<Opened>();
  #quitting = false;

  constructor(options: WindowsOptions) {
    this.#options = options;
  }

  send(event: BridgeEvent): void {
    for (const { window } of this.#opened) if (!window.isDestroyed()) window.webContents.send(EVENT_CHANNEL, event);
  }

  isFocused(): boolean {
    return [...this.#opened].some(({ window }) => window.isFocused());
  }

  /** From now on closing closes. */
  quitting(): void {
    this.#quitting = true;
  }

  showMain(): void {
    const main = this.#find('main');
    if (main === undefined) {
      this.#open('main', null);
      return;
    }
    bringUp(main.window);
  }

  /** Without showing it: the console starts with the session and stays in the tray. */
  openHidden(): void {
    if (this.#find('main') === undefined) this.#open('main', null, true);
  }

  /** Shows the main window and leads it there; a page that still loads follows when it listens. */
  follow(target: LinkTarget): void {
    this.showMain();
    const main = this.#find('main');
    if (main === undefined) return;
    main.link = target;
    if (main.loaded) deliver(main);
  }

  /** What was asked for, or why not. */
  openExtra(wanted: ExtraWindow): string | null {
    if (wanted.kind === 'wallboard') {
      const there = this.#find('wallboard');
      if (there === undefined) this.#open('wallboard', null);
      else bringUp(there.window);
      return null;
    }
    const popOuts = [...this.#opened].filter(({ kind }) => kind === 'pop-out').length;
    if (popOuts >= MAX_POP_OUTS)
      return `There are ${MAX_POP_OUTS} windows beside the main one: close one of them first`;
    this.#open('pop-out', wanted.link);
    return null;
  }

  #open(kind: WindowKind, link: LinkTarget | null, hidden = false): void {
    const { create, build, workAreas, settings, save, onPage, onFailure } = this.#options;
    const saved = kind === 'main' ? settings().window : kind === 'wallboard' ? settings().wallboard : null;
    const place = placeWindow(saved, workAreas());
    const window = create(windowOptions(place, build, kind));
    const opened: Opened = { window, kind, loaded: false, link };
    this.#opened.add(opened);
    window.on('closed', () => this.#opened.delete(opened));
    if (kind === 'main') window.on('close', (event) => this.#closing(event, window));
    window.webContents.on('did-finish-load', () => {
      opened.loaded = true;
      deliver(opened);
    });
    runWindow(window, place, hidden, {
      onPage: () => {
        opened.loaded = false;
        onPage();
      },
      onFailure,
      onPlace: (last: WindowPlace) => {
        if (kind === 'main') save({ window: last });
        if (kind === 'wallboard') save({ wallboard: last });
      },
    });
  }

  #closing(event: { preventDefault(): void }, window: BrowserWindow): void {
    const wanted = this.#quitting ? 'quit' : this.#options.onClose();
    if (wanted === 'quit') return;
    event.preventDefault();
    if (wanted === 'hide') window.hide();
    else this.#options.askOnClose(window);
  }

  #find(kind: WindowKind): Opened | undefined {
    return [...this.#opened].find((opened) => opened.kind === kind && !opened.window.isDestroyed());
  }
}

function deliver(opened: Opened): void {
  if (opened.link === null) return;
  opened.window.webContents.send(EVENT_CHANNEL, { type: 'link', target: opened.link } satisfies BridgeEvent);
  opened.link = null;
}

function bringUp(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
