/** What no page of ours may do, whatever was smuggled into it (reliability §4, rows 5 and 7). */
import type { Session, WebContents } from 'electron';
import { APP_ORIGIN } from './app-protocol.ts';

/** Called for every WebContents that comes to be, so that a window opened by mistake is guarded too. */
export function guardContents(contents: WebContents): void {
  contents.on('will-navigate', refuse);
  contents.on('will-frame-navigate', refuse);
  contents.on('will-redirect', refuse);
  contents.on('will-attach-webview', refuse);
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

function refuse(event: { preventDefault(): void }): void {
  event.preventDefault();
}

/**
 * `notifications` is what the product exists for. `clipboard-sanitized-write` is what a Copy button needs: it writes
 * plain text after a click and reads nothing.
 */
const ALLOWED_PERMISSIONS: ReadonlySet<string> = new Set(['notifications', 'clipboard-sanitized-write']);

export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((contents, permission, answer) => {
    answer(ALLOWED_PERMISSIONS.has(permission) && isOurs(contents.getURL()));
  });
  session.setPermissionCheckHandler(
    (_contents, permission, origin) => ALLOWED_PERMISSIONS.has(permission) && isOurs(origin),
  );
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', refuse);
}

function isOurs(urlOrOrigin: string): boolean {
  return urlOrOrigin === APP_ORIGIN || urlOrOrigin.startsWith(`${APP_ORIGIN}/`);
}
