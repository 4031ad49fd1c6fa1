import '../bridge/no-eval.ts';
import { mountConsole } from '../renderer/mount-console.tsx';
import { BrowserBridge } from './browser-bridge.ts';
import { openBrowserSocket } from './open-browser-socket.ts';

mountConsole(
  new BrowserBridge({
    origin: location.origin,
    fetch: (path, init) => fetch(path, init),
    openSocket: openBrowserSocket,
    now: () => Date.now(),
    setTimer: (run, ms) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    random: () => Math.random(),
    version: import.meta.env.VITE_CONSOLE_VERSION,
  }),
);
