import { EventEmitter } from 'node:events';

/** `ipcMain`: one handler a channel for `invoke`, any number of listeners for `send`. */
class IpcMain extends EventEmitter {
  #handlers = new Map();

  handle(channel, handler) {
    if (this.#handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    this.#handlers.set(channel, handler);
  }

  removeHandler(channel) {
    this.#handlers.delete(channel);
  }

  /** For web-contents.mjs: the answer of an `invoke`, or the text of the error that the page sees. */
  async answer(channel, event, args) {
    try {
      const handler = this.#handlers.get(channel);
      if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
      return { value: await handler(event, ...args) };
    } catch (error) {
      return { error: `Error invoking remote method '${channel}': ${error}` };
    }
  }
}

export const ipcMain = new IpcMain();
