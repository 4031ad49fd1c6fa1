import { EventEmitter } from 'node:events';
import type { Notification, NotificationConstructorOptions } from 'electron';
import { describe, expect, it, vi } from 'vitest';
import type { LinkTarget } from '../../bridge/link-target.ts';
import type { Toast } from './notification-plan.ts';
import { Notifier } from './notifier.ts';

class FakeNotification extends EventEmitter {
  readonly options: NotificationConstructorOptions;
  readonly close = vi.fn(() => this.emit('close', {}));
  readonly show = vi.fn();
  constructor(options: NotificationConstructorOptions) {
    super();
    this.options = options;
  }
}

function aNotifier(supported = true) {
  const made: FakeNotification[] = [];
  const followed: LinkTarget[] = [];
  const dismissed: string[] = [];
  let giveUp: (() => void) | null = null;
  const notifier = new Notifier({
    create: (options) => {
      const one = new FakeNotification(options);
      made.push(one);
      return one as EventEmitter as Notification;
    },
    supported: () => supported,
    setTimer: (run) => {
      giveUp = run;
      return () => undefined;
    },
    follow: (target) => followed.push(target),
    dismissed: (tag) => dismissed.push(tag),
    log: () => undefined,
  });
  return { notifier, made, followed, dismissed, giveUp: () => giveUp?.() };
}

const aToast = (change: Partial<Toast> = {}): Toast => ({
  tag: 'eu/i1',
  title: 'P1 payment-service@EU',
  body: 'text',
  alarm: true,
  silent: false,
  incidentId: 'i1',
  agentId: 'eu',
  told: ['eu/i1'],
  ...change,
});

describe('a notification', () => {
  it('of an alarm stays until it is seen; none is ever of low urgency', () => {
    const { notifier, made } = aNotifier();
    notifier.show(aToast());
    notifier.show(aToast({ tag: 'eu/i2', alarm: false }));
    expect(made.map(({ options }) => [options.urgency, options.timeoutType])).toEqual([
      ['critical', 'never'],
      ['normal', 'default'],
    ]);
  });

  it('leads to its incident, a digest to the list', () => {
    const { notifier, made, followed, dismissed } = aNotifier();
    notifier.show(aToast());
    notifier.show(aToast({ tag: 'digest', incidentId: null }));
    for (const one of made) one.emit('click', {});
    expect(followed).toEqual([
      { to: 'incident', incidentId: 'i1', cluster: null, tab: null },
      { to: 'view', view: 'incidents', query: '' },
    ]);
    expect(dismissed).toEqual(['eu/i1', 'digest']);
  });

  it('takes the place of the one with the same tag, which then counts as seen by nobody', () => {
    const { notifier, made, dismissed } = aNotifier();
    notifier.show(aToast());
    notifier.show(aToast({ body: 'recovered after 3 min' }));
    expect(made[0]?.close).toHaveBeenCalledOnce();
    made[1]?.emit('close', {});
    expect(dismissed.at(-1)).toBe('eu/i1');
  });

  it('tried out says what the system did with it', async () => {
    const shown = aNotifier();
    const answer = shown.notifier.try();
    shown.made[0]?.emit('show', {});
    expect(await answer).toEqual({ shown: true, detail: 'The system has shown it.' });

    const refused = aNotifier();
    const failed = refused.notifier.try();
    refused.made[0]?.emit('failed', {}, 'no permission');
    expect(await failed).toMatchObject({ shown: false, detail: expect.stringContaining('no permission') });

    const quiet = aNotifier();
    const silent = quiet.notifier.try();
    quiet.giveUp();
    expect(await silent).toMatchObject({ shown: false, detail: expect.stringContaining('do not disturb') });

    expect(await aNotifier(false).notifier.try()).toMatchObject({ shown: false });
  });
});
