/** What no page of ours may do, whatever was smuggled into it (reliability §4, rows 5 and 7). */
import { APP_ORIGIN } from './app-protocol.ts';

type Refuse = (event: { preventDefault(): void }) => void;

/** What of Electron's WebContents is guarded. */
export interface GuardedContents {
  on(event: 'will-navigate', listener: Refuse): unknown;
  on(event: 'will-frame-navigate', listener: Refuse): unknown;
  on(event: 'will-redirect', listener: Refuse): unknown;
  on(event: 'will-attach-webview', listener: Refuse): unknown;
  setWindowOpenHandler(handler: () => { action: 'deny' }): void;
}

/** What of Electron's Session is guarded. */
export interface GuardedSession {
  on(event: 'will-download', listener: Refuse): unknown;
  setPermissionRequestHandler(
    handler: (contents: { getURL(): string }, permission: string, answer: (granted: boolean) => void) => void,
  ): void;
  setPermissionCheckHandler(handler: (contents: unknown, permission: string, origin: string) => boolean): void;
  setDevicePermissionHandler(handler: () => boolean): void;
}

/** Called for every WebContents that comes to be, so that a window opened by mistake is guarded too. */
export function guardContents(contents: GuardedContents): void {
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

export function guardSession(session: GuardedSession): void {
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
