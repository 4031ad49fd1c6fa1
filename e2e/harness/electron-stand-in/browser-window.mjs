import { EventEmitter } from 'node:events';
import { app } from './app.mjs';
import { emitPreventable } from './preventable.mjs';
import { WebContents } from './web-contents.mjs';

const windows = new Set();

export class BrowserWindow extends EventEmitter {
  static getAllWindows() {
    return [...windows];
  }
  static getFocusedWindow() {
    return [...windows].find((window) => window.isFocused()) ?? null;
  }
  static fromWebContents(contents) {
    return [...windows].find((window) => window.webContents === contents) ?? null;
  }

  #bounds;
  #visible;
  #focused = false;
  #minimized = false;
  #maximized = false;

  constructor({ x = 0, y = 0, width = 800, height = 600, show = true, webPreferences } = {}) {
    super();
    this.#bounds = { x, y, width, height };
    this.#visible = show;
    this.webContents = new WebContents({ width, height, webPreferences });
    this.webContents.once('dom-ready', () => this.emit('ready-to-show', {}));
    this.webContents.on('stand-in-close', () => this.close());
    windows.add(this);
    queueMicrotask(() => app.emit('browser-window-created', {}, this));
  }

  loadURL(url) {
    return this.webContents.loadURL(url);
  }
  show() {
    this.#visible = true;
    this.focus();
    this.emit('show');
  }
  hide() {
    this.#visible = false;
    this.#focused = false;
    this.emit('hide');
  }
  focus() {
    for (const window of windows) window.#focused = false;
    this.#focused = true;
    this.emit('focus');
  }
  minimize() {
    this.#minimized = true;
    this.emit('minimize');
  }
  restore() {
    this.#minimized = false;
    this.emit('restore');
  }
  maximize() {
    this.#maximized = true;
    this.emit('maximize');
  }
  isVisible() {
    return this.#visible;
  }
  isFocused() {
    return this.#focused;
  }
  isMinimized() {
    return this.#minimized;
  }
  isMaximized() {
    return this.#maximized;
  }
  isDestroyed() {
    return !windows.has(this);
  }
  getBounds() {
    return { ...this.#bounds };
  }
  getNormalBounds() {
    return { ...this.#bounds };
  }
  setBounds(bounds) {
    Object.assign(this.#bounds, bounds);
    this.emit('resize');
  }

  close() {
    if (!this.isDestroyed() && emitPreventable(this, 'close')) this.destroy();
  }
  destroy() {
    if (!windows.delete(this)) return;
    this.webContents.destroy();
    this.emit('closed');
    // Electron quits by itself only when the app has not said what it does without windows.
    if (windows.size === 0 && !app.emit('window-all-closed')) void app.quit();
  }
}
