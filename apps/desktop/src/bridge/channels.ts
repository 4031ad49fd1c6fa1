import type { CallName } from './calls.ts';

/** The names under which preload and main find each other; no other IPC channel exists. */
export const EVENT_CHANNEL = 'sentinel:event';

export function callChannel(name: CallName): string {
  return `sentinel:call:${name}`;
}

/** How the window tells its page what it is shown in: `main`, `pop-out` or `wallboard`. */
export const WINDOW_ARGUMENT = '--sentinel-window=';

/** How the window tells its preload which version of the console runs: a sandboxed preload can read only its arguments. */
export const VERSION_ARGUMENT = '--sentinel-version=';
