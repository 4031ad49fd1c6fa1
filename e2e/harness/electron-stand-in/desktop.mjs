/** The desktop's fittings as objects: a test can look at them and click them, but nothing is drawn. */
import { EventEmitter } from 'node:events';
import { app } from './app.mjs';

export class MenuItem {
  constructor(options) {
    Object.assign(this, { enabled: true, visible: true, type: options.submenu ? 'submenu' : 'normal' }, options);
    if (Array.isArray(options.submenu)) this.submenu = Menu.buildFromTemplate(options.submenu);
    this.click = (...args) => {
      if (options.role === 'quit') void app.quit();
      options.click?.(this, ...args);
    };
  }
}

export class Menu extends EventEmitter {
  static #application = null;
  items = [];

  static buildFromTemplate(template) {
    const menu = new Menu();
    menu.items = template.map((options) => new MenuItem(options));
    return menu;
  }
  static setApplicationMenu(menu) {
    Menu.#application = menu;
  }
  static getApplicationMenu() {
    return Menu.#application;
  }
}

/** Every tray and notification that there is, so that a test may look at them. */
export const shown = { trays: [], notifications: [] };
globalThis[Symbol.for('stand-in.shown')] = shown;

export class Tray extends EventEmitter {
  constructor(image) {
    super();
    this.image = image;
    shown.trays.push(this);
  }
  setImage(image) {
    this.image = image;
  }
  setTitle(title) {
    this.title = title;
  }
  setToolTip(text) {
    this.toolTip = text;
  }
  setContextMenu(menu) {
    this.menu = menu;
  }
  destroy() {}
}

export class Notification extends EventEmitter {
  static isSupported() {
    return true;
  }
  constructor(options) {
    super();
    Object.assign(this, options);
  }
  show() {
    shown.notifications.push(this);
    setImmediate(() => this.emit('show', {}));
  }
  close() {
    this.emit('close', {});
  }
}

export const nativeImage = { createFromBitmap: (pixels, { width, height }) => ({ pixels, width, height }) };

/** A dialog answers what a test has put here; else what Esc answers. */
export const dialog = {
  answers: [],
  showMessageBox: async (_window, { cancelId = 0 }) => ({ response: dialog.answers.shift() ?? cancelId }),
};

/** There is no signed package to update from. */
export const autoUpdater = Object.assign(new EventEmitter(), { setFeedURL() {}, checkForUpdates() {} });

const workArea = { x: 0, y: 0, width: 1920, height: 1040 };
const display = { id: 1, bounds: { ...workArea, height: 1080 }, workArea, scaleFactor: 1 };
export const screen = Object.assign(new EventEmitter(), {
  getPrimaryDisplay: () => display,
  getAllDisplays: () => [display],
});

export const powerMonitor = new EventEmitter();
