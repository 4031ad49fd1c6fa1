import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { Updates, type UpdatesOptions } from './updates.ts';

class FakeUpdater extends EventEmitter {
  readonly setFeedURL = vi.fn();
  readonly checkForUpdates = vi.fn();
}

function someUpdates(change: Partial<UpdatesOptions> = {}) {
  const updater = new FakeUpdater();
  const timers: { readonly run: () => void; readonly ms: number }[] = [];
  const log: string[] = [];
  const updates = new Updates({
    updater,
    platform: 'darwin',
    packaged: true,
    feed: 'https://updates.example/mac',
    setTimer: (run, ms) => {
      timers.push({ run, ms });
      return () => undefined;
    },
    log: (event, detail) => log.push(`${event} ${detail}`),
    ...change,
  });
  return { updates, updater, timers, log };
}

describe('updates', () => {
  it.each<[string, Partial<UpdatesOptions>]>([
    ['run from source', { packaged: false }],
    ['on Linux', { platform: 'linux' }],
    ['on Windows', { platform: 'win32' }],
    ['built without a feed', { feed: '' }],
    ['built with a feed that is not https', { feed: 'http://updates.example' }],
  ])('are off, and say so, when %s', (_why, change) => {
    const { updates, updater, timers } = someUpdates(change);
    updates.start();
    expect(updates.state.type).toBe('off');
    expect(updater.setFeedURL).not.toHaveBeenCalled();
    expect(timers).toEqual([]);
  });

  it('are looked for a minute after the start and then every six hours, until one is ready', () => {
    const { updates, updater, timers } = someUpdates();
    updates.start();
    timers.at(-1)?.run();
    expect(updater.checkForUpdates).toHaveBeenCalledOnce();
    expect(timers.map(({ ms }) => ms)).toEqual([60_000, 21_600_000]);
    updater.emit('update-downloaded', {}, 'notes', '0.2.0');
    expect(updates.state).toEqual({ type: 'ready', detail: 'Version 0.2.0 is put in place when the console quits.' });
    timers.at(-1)?.run();
    expect(updater.checkForUpdates).toHaveBeenCalledOnce();
  });

  it('that fail are said and tried again', () => {
    const { updates, updater, log } = someUpdates();
    updates.start();
    updater.emit('error', new Error('the signature does not match'));
    expect(updates.state.type).toBe('failed');
    expect(log).toEqual(['update.failed the signature does not match']);
  });
});
