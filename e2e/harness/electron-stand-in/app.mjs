import { EventEmitter } from 'node:events';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { handedOver, takeInstanceLock } from './instance-lock.mjs';
import { emitPreventable } from './preventable.mjs';

const { manifest, appFolder } = globalThis[Symbol.for('stand-in.host')];
const turn = () => new Promise((go) => setImmediate(go));

class App extends EventEmitter {
  name = manifest.productName ?? manifest.name;
  isPackaged = false;
  #ready = Promise.withResolvers();
  #isReady = false;
  #quitting = false;
  #switches = new Map(
    process.argv.flatMap((argument) => {
      const match = /^--([^=]+)(?:=(.*))?$/.exec(argument);
      return match ? [[match[1], match[2] ?? '']] : [];
    }),
  );
  commandLine = {
    appendSwitch: (name, value = '') => this.#switches.set(name, value),
    hasSwitch: (name) => this.#switches.has(name),
    getSwitchValue: (name) => this.#switches.get(name) ?? '',
  };

  isReady() {
    return this.#isReady;
  }
  whenReady() {
    return this.#ready.promise;
  }
  /** For start.mjs: the main bundle has been loaded. */
  becomeReady() {
    this.#isReady = true;
    this.#ready.resolve();
    this.emit('will-finish-launching');
    this.emit('ready', {});
  }

  getName() {
    return this.name;
  }
  getVersion() {
    return manifest.version ?? '0.0.0';
  }
  getAppPath() {
    return appFolder;
  }
  getLocale() {
    return 'en-US';
  }
  getPath(name) {
    const userData = this.commandLine.getSwitchValue('user-data-dir') || join(homedir(), '.config', this.name);
    const paths = {
      userData,
      sessionData: userData,
      logs: join(userData, 'logs'),
      home: homedir(),
      temp: tmpdir(),
      exe: process.execPath,
    };
    if (!(name in paths)) throw new Error(`Failed to get '${name}' path`);
    return paths[name];
  }

  enableSandbox() {
    if (this.#isReady) throw new Error('app.enableSandbox() can only be called before app is ready');
  }
  requestSingleInstanceLock() {
    return takeInstanceLock(this.getPath('userData'), (argv) =>
      this.emit('second-instance', {}, argv, process.cwd(), null),
    );
  }
  focus() {}
  setBadgeCount(count) {
    this.badge = count;
    return true;
  }
  setAsDefaultProtocolClient() {
    return true;
  }
  setLoginItemSettings(settings) {
    this.loginItem = settings;
  }

  async quit() {
    if (this.#quitting || !emitPreventable(this, 'before-quit')) return;
    const { BrowserWindow } = await import('./browser-window.mjs');
    for (const window of BrowserWindow.getAllWindows()) {
      window.close();
      await turn();
      if (!window.isDestroyed()) return;
    }
    if (this.#quitting || !emitPreventable(this, 'will-quit')) return;
    this.#quitting = true;
    // What the app still writes (window bounds, say) is small; Electron gives it the same moment.
    await turn();
    await handedOver();
    this.exit(0);
  }
  exit(code = 0) {
    this.emit('quit', {}, code);
    process.exit(code);
  }
}

export const app = new App();
