import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { guardContents, guardSession, type GuardedContents, type GuardedSession } from './guards.ts';

/** As much of Electron's objects as the guards touch; the handlers stay to be asked. */
class FakeContents extends EventEmitter implements GuardedContents {
  openWindow: (() => { action: 'deny' }) | null = null;
  setWindowOpenHandler(handler: () => { action: 'deny' }): void {
    this.openWindow = handler;
  }
}

class FakeSession extends EventEmitter implements GuardedSession {
  request: Parameters<GuardedSession['setPermissionRequestHandler']>[0] | null = null;
  check: Parameters<GuardedSession['setPermissionCheckHandler']>[0] | null = null;
  device: (() => boolean) | null = null;
  setPermissionRequestHandler(handler: typeof this.request): void {
    this.request = handler;
  }
  setPermissionCheckHandler(handler: typeof this.check): void {
    this.check = handler;
  }
  setDevicePermissionHandler(handler: typeof this.device): void {
    this.device = handler;
  }
}

function isPrevented(emitter: EventEmitter, event: string): boolean {
  let prevented = false;
  emitter.emit(event, {
    url: 'https://evil.example/',
    preventDefault: () => {
      prevented = true;
    },
  });
  return prevented;
}

describe('the guards of a page', () => {
  it.each(['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'])('prevent %s', (event) => {
    const contents = new FakeContents();
    guardContents(contents);
    expect(isPrevented(contents, event)).toBe(true);
  });

  it('open no window', () => {
    const contents = new FakeContents();
    guardContents(contents);
    expect(contents.openWindow?.()).toEqual({ action: 'deny' });
  });
});

function guarded(): FakeSession {
  const session = new FakeSession();
  guardSession(session);
  return session;
}

function isGranted(permission: string, url: string): boolean {
  let answered = false;
  guarded().request?.({ getURL: () => url }, permission, (granted) => {
    answered = granted;
  });
  return answered;
}

describe('the guards of a session', () => {
  const OURS = 'sentinel://app/index.html';
  it.each([
    ['notifications', true],
    ['clipboard-sanitized-write', true],
    ['clipboard-read', false],
    ['media', false],
    ['geolocation', false],
    ['openExternal', false],
    ['fileSystem', false],
    ['hid', false],
    ['serial', false],
    ['usb', false],
    ['display-capture', false],
    ['pointerLock', false],
    ['fullscreen', false],
  ])('%s: %s for our own page', (permission, expected) => {
    expect(isGranted(permission, OURS)).toBe(expected);
    expect(guarded().check?.(null, permission, 'sentinel://app')).toBe(expected);
  });

  it('grant nothing to any other page', () => {
    for (const url of ['https://example.com/', 'sentinel://application/', 'sentinel://app.evil.example/', '']) {
      expect(isGranted('notifications', url)).toBe(false);
      expect(guarded().check?.(null, 'notifications', url)).toBe(false);
    }
  });

  it('give out no device and download nothing', () => {
    const session = guarded();
    expect(session.device?.()).toBe(false);
    expect(isPrevented(session, 'will-download')).toBe(true);
  });
});
