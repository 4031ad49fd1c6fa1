import { EventEmitter } from 'node:events';
import { protocol } from './scheme.mjs';

/** Keeps the handlers that the app sets, so that a test may ask what they would answer. */
class Session extends EventEmitter {
  protocol = protocol;
  permissionRequestHandler = null;
  permissionCheckHandler = null;
  devicePermissionHandler = null;

  setPermissionRequestHandler(handler) {
    this.permissionRequestHandler = handler;
  }
  setPermissionCheckHandler(handler) {
    this.permissionCheckHandler = handler;
  }
  setDevicePermissionHandler(handler) {
    this.devicePermissionHandler = handler;
  }
}

export const session = { defaultSession: new Session() };
