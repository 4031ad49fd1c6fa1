import type { Console } from '../stores/console.ts';
import type { Command } from './command.ts';

/**
 * F11: the Batcave alone, in large type, where keys change nothing. The desktop app gives it a window of its own, for
 * the screen on the wall; in a browser this page becomes it.
 */
export function wallboardCommand(console: Console): Command {
  return {
    id: 'wallboard.toggle',
    title: 'Wallboard',
    group: 'Window',
    keys: ['F11', 'Mod+Shift+W'],
    synonyms: ['full screen', 'kiosk', 'tv'],
    run: () => {
      if (console.view.getState().wallboard) leaveWallboard(console);
      else if (console.bridge.platform === 'electron') void console.openWindow({ kind: 'wallboard' });
      else {
        console.go('batcave');
        console.patchView({ wallboard: true });
        console.announce('Wallboard: keys change nothing; F11 or Esc leaves');
      }
    },
  };
}

export function leaveWallboard(console: Console): void {
  if (console.bridge.window === 'wallboard') close();
  else console.patchView({ wallboard: false });
}
