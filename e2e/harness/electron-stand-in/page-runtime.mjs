/**
 * Runs in every page before its own scripts (by its source, so it uses nothing from outside itself): gives the preload
 * bundle its `require('electron')`, and asks the main process where Electron would.
 */
export function pageRuntime(createStructuredText, { preload, preloadArguments, postName, receiveName }) {
  const post = globalThis[postName];
  delete globalThis[postName];
  // As Electron's default, the frames inside a page have no preload.
  if (globalThis !== globalThis.top || post === undefined) return;

  const text = createStructuredText();
  const listeners = new Map();
  const calls = new Map();
  let lastId = 0;

  const ipcRenderer = {
    invoke: (channel, ...args) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        calls.set(id, { resolve, reject });
        post(text.stringify({ kind: 'invoke', id, channel, args }));
      }),
    send: (channel, ...args) => post(text.stringify({ kind: 'send', channel, args })),
    on(channel, listener) {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
      return ipcRenderer;
    },
    removeListener(channel, listener) {
      listeners.set(
        channel,
        (listeners.get(channel) ?? []).filter((each) => each !== listener),
      );
      return ipcRenderer;
    },
  };

  Object.defineProperty(globalThis, receiveName, {
    value: (message) => {
      const { kind, id, value, error, channel, args } = text.parse(message);
      if (kind === 'event') {
        for (const listener of listeners.get(channel) ?? []) listener({ sender: ipcRenderer, ports: [] }, ...args);
        return;
      }
      const call = calls.get(id);
      calls.delete(id);
      if (error === undefined) call?.resolve(value);
      else call?.reject(new Error(error));
    },
  });

  /** What crosses the context bridge is copied, functions become functions of the other side, and the result is frozen. */
  function cross(value) {
    if (typeof value === 'function') {
      return (...args) => {
        const result = value(...args.map(cross));
        return typeof result?.then === 'function' ? result.then(cross) : cross(result);
      };
    }
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return Object.freeze(value.map(cross));
    if (Object.getPrototypeOf(value) !== Object.prototype) return structuredClone(value);
    return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, each]) => [key, cross(each)])));
  }

  const contextBridge = {
    exposeInMainWorld(key, api) {
      if (key in globalThis) throw new Error(`Cannot bind an API on top of an existing property on the window object`);
      Object.defineProperty(globalThis, key, { value: cross(api), enumerable: true });
    },
  };

  // The main process decides about new windows; a page that may not have one gets null, as from Electron.
  const open = (url) => {
    post(text.stringify({ kind: 'open', url: new URL(url, location.href).href }));
    return null;
  };
  globalThis.open = open;
  globalThis.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[target=_blank]');
    if (!link || event.defaultPrevented) return;
    event.preventDefault();
    open(link.href);
  });

  const electron = { contextBridge, ipcRenderer };
  const require = (name) => {
    if (name === 'electron' || name === 'electron/renderer') return electron;
    throw new Error(`module not found: ${name}`);
  };
  try {
    preload(require, {}, { exports: {} }, { argv: preloadArguments, env: {}, type: 'renderer', sandboxed: true });
  } catch (error) {
    console.error('Unable to load preload script', error);
  }
}
