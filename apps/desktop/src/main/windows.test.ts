import { EventEmitter } from 'node:events';
import type { BrowserWindow, BrowserWindowConstructorOptions } from 'electron';
import { describe, expect, it, vi } from 'vitest';
import { EVENT_CHANNEL } from '../bridge/channels.ts';
import type { DesktopSettings } from '../bridge/desktop.ts';
import { DEFAULT_SETTINGS, type Settings } from './settings.ts';
import { MAX_POP_OUTS, Windows } from './windows.ts';

class FakeWindow extends EventEmitter {
  readonly options: BrowserWindowConstructorOptions;
  readonly webContents = Object.assign(new EventEmitter(), { send: vi.fn() });
  readonly show = vi.fn();
  readonly hide = vi.fn();
  readonly focus = vi.fn();
  readonly restore = vi.fn();
  minimized = false;
  gone = false;
  constructor(options: BrowserWindowConstructorOptions) {
    super();
    this.options = options;
  }
  loadURL = async () => undefined;
  isMinimized = () => this.minimized;
  isMaximized = () => false;
  isFocused = () => false;
  isDestroyed = () => this.gone;
  getNormalBounds = () => ({ x: 1, y: 2, width: 1000, height: 700 });
  /** As a person presses the button. True when it is closed. */
  press(): boolean {
    let kept = false;
    this.emit('close', {
      preventDefault: () => {
        kept = true;
      },
    });
    if (kept) return false;
    this.gone = true;
    this.emit('closed');
    return true;
  }
}

function someWindows(onClose: DesktopSettings['onClose'] = 'quit') {
  const made: FakeWindow[] = [];
  const asked: unknown[] = [];
  let settings: Settings = DEFAULT_SETTINGS;
  const windows = new Windows({
    create: (options) => {
      const window = new FakeWindow(options);
      made.push(window);
      return window as EventEmitter as BrowserWindow;
    },
    build: { preload: '/preload.cjs', version: '0.1.0', devTools: false },
    workAreas: () => [{ x: 0, y: 0, width: 1920, height: 1040 }],
    settings: () => settings,
    save: (change) => {
      settings = { ...settings, ...change };
    },
    onClose: () => onClose,
    askOnClose: (window) => asked.push(window),
    onPage: () => undefined,
    onFailure: () => undefined,
  });
  return { windows, made, asked, settings: () => settings };
}

describe('the windows', () => {
  it('are all walled in alike and told apart by one argument', () => {
    const { windows, made } = someWindows();
    windows.showMain();
    windows.openExtra({ kind: 'wallboard' });
    windows.openExtra({ kind: 'pop-out', link: { to: 'view', view: 'timeline', query: '' } });
    const preferences = made.map(({ options }) => options.webPreferences);
    expect(preferences.map((one) => one?.additionalArguments?.at(-1))).toEqual([
      '--sentinel-window=main',
      '--sentinel-window=wallboard',
      '--sentinel-window=pop-out',
    ]);
    const walls = preferences.map((one) => ({ ...one, additionalArguments: [] }));
    expect(walls[1]).toEqual(walls[0]);
    expect(walls[2]).toEqual(walls[0]);
    expect(walls[0]).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false });
  });

  it('are four beside the main one at most, and one wallboard', () => {
    const { windows, made } = someWindows();
    const popOut = () => windows.openExtra({ kind: 'pop-out', link: { to: 'view', view: 'timeline', query: '' } });
    for (let i = 0; i < MAX_POP_OUTS; i++) expect(popOut()).toBeNull();
    expect(popOut()).toMatch(/close one/);
    made[0]?.press();
    expect(popOut()).toBeNull();
    windows.openExtra({ kind: 'wallboard' });
    const count = made.length;
    windows.openExtra({ kind: 'wallboard' });
    expect(made).toHaveLength(count);
  });

  it.each<[DesktopSettings['onClose'], boolean, number, number]>([
    ['hide', false, 1, 0],
    ['ask', false, 0, 1],
    ['quit', true, 0, 0],
  ])('closed when that means %s', (onClose, closed, hidden, questions) => {
    const { windows, made, asked } = someWindows(onClose);
    windows.showMain();
    expect(made[0]?.press()).toBe(closed);
    expect(made[0]?.hide).toHaveBeenCalledTimes(hidden);
    expect(asked).toHaveLength(questions);
  });

  it('close for good when the app quits, whatever the button means', () => {
    const { windows, made } = someWindows('hide');
    windows.showMain();
    windows.quitting();
    expect(made[0]?.press()).toBe(true);
  });

  it('remember their places, the wallboard its own', () => {
    const { windows, made, settings } = someWindows();
    windows.showMain();
    windows.openExtra({ kind: 'wallboard' });
    made[1]?.press();
    expect(settings()).toMatchObject({ window: null, wallboard: { x: 1, y: 2, width: 1000, height: 700 } });
    made[0]?.press();
    expect(settings().window).toMatchObject({ width: 1000 });
  });

  it('follow a link when their page listens, and bring themselves up', () => {
    const { windows, made } = someWindows();
    windows.follow({ to: 'view', view: 'sources', query: '' });
    const [main] = made;
    expect(main?.webContents.send).not.toHaveBeenCalled();
    main?.webContents.emit('did-finish-load');
    expect(main?.webContents.send).toHaveBeenCalledWith(EVENT_CHANNEL, {
      type: 'link',
      target: { to: 'view', view: 'sources', query: '' },
    });
    main!.minimized = true;
    windows.follow({ to: 'view', view: 'incidents', query: '' });
    expect(main?.restore).toHaveBeenCalled();
    expect(main?.focus).toHaveBeenCalled();
    expect(main?.webContents.send).toHaveBeenCalledTimes(2);
  });
});
