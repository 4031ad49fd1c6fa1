/** What `import … from 'electron'` gives in the stand-in: exactly what this app's main process uses, and nothing that only looks as if. */
import { app } from './app.mjs';
import { BrowserWindow } from './browser-window.mjs';
import {
  autoUpdater,
  dialog,
  Menu,
  MenuItem,
  nativeImage,
  Notification,
  powerMonitor,
  screen,
  Tray,
} from './desktop.mjs';
import { ipcMain } from './ipc-main.mjs';
import { safeStorage } from './safe-storage.mjs';
import { protocol } from './scheme.mjs';
import { session } from './session.mjs';
import { webContents } from './web-contents.mjs';

export {
  app,
  autoUpdater,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  MenuItem,
  nativeImage,
  Notification,
  powerMonitor,
  protocol,
  safeStorage,
  screen,
  session,
  Tray,
  webContents,
};
export default {
  app,
  autoUpdater,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  MenuItem,
  nativeImage,
  Notification,
  powerMonitor,
  protocol,
  safeStorage,
  screen,
  session,
  Tray,
  webContents,
};
