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

export class Tray extends EventEmitter {
  constructor(image) {
    super();
    this.image = image;
  }
  setToolTip(text) {
    this.toolTip = text;
  }
  setContextMenu(menu) {
    this.menu = menu;
  }
  destroy() {}
}

const workArea = { x: 0, y: 0, width: 1920, height: 1040 };
const display = { id: 1, bounds: { ...workArea, height: 1080 }, workArea, scaleFactor: 1 };
export const screen = Object.assign(new EventEmitter(), {
  getPrimaryDisplay: () => display,
  getAllDisplays: () => [display],
});

export const powerMonitor = new EventEmitter();
