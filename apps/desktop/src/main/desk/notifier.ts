import type { Notification, NotificationConstructorOptions } from 'electron';
import type { NotificationTrial } from '../../bridge/desktop.ts';
import type { LinkTarget } from '../../bridge/link-target.ts';
import type { Log } from '../main-log.ts';
import type { Toast } from './notification-plan.ts';

/** More are let go, oldest first: they stay with the system, only a press on them is no longer heard. */
const MAX_HELD = 100;
/** From asking for a trial to giving up on an answer: some systems say neither "shown" nor "failed". */
const TRIAL_MS = 3000;

export interface NotifierOptions {
  readonly create: (options: NotificationConstructorOptions) => Notification;
  readonly supported: () => boolean;
  readonly setTimer: (run: () => void, ms: number) => () => void;
  /** A person has pressed it. */
  readonly follow: (target: LinkTarget) => void;
  readonly dismissed: (tag: string) => void;
  readonly log: Log;
}

/** Shows toasts by the system's own notifications; a held reference keeps their press alive. */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #held = new Map<string, Notification>();

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  show(toast: Toast): void {
    if (!this.#options.supported()) return;
    this.#held.get(toast.tag)?.close();
    const notification = this.#options.create({
      title: toast.title,
      body: toast.body,
      silent: toast.silent,
      // `low` is left out on purpose: some desktops never show it.
      urgency: toast.alarm ? 'critical' : 'normal',
      timeoutType: toast.alarm ? 'never' : 'default',
    });
    notification.on('click', () => {
      this.#forget(toast.tag, notification);
      this.#options.follow(
        toast.incidentId === null
          ? { to: 'view', view: 'incidents', query: '' }
          : { to: 'incident', incidentId: toast.incidentId, cluster: null, tab: null },
      );
    });
    notification.on('close', () => this.#forget(toast.tag, notification));
    notification.on('failed', (_event, error) => this.#options.log('notification.failed', error));
    this.#held.delete(toast.tag);
    this.#held.set(toast.tag, notification);
    const oldest = this.#held.size > MAX_HELD ? this.#held.keys().next() : null;
    if (oldest !== null && !oldest.done) this.#held.delete(oldest.value);
    notification.show();
  }

  /** "Send test": what the system really did with it. */
  async try(): Promise<NotificationTrial> {
    const { supported, create, setTimer } = this.#options;
    if (!supported()) return { shown: false, detail: 'This system offers no notifications to programs.' };
    const notification = create({
      title: 'SentinelLog',
      body: 'Notifications work: this is how an incident makes itself heard.',
    });
    return new Promise((resolve) => {
      const cancel = setTimer(() => {
        resolve({
          shown: false,
          detail: `The system took it but did not say within ${TRIAL_MS / 1000} s that it was shown: look at its settings for notifications of SentinelLog and at "do not disturb".`,
        });
      }, TRIAL_MS);
      const end = (trial: NotificationTrial): void => {
        cancel();
        resolve(trial);
      };
      notification.on('show', () => end({ shown: true, detail: 'The system has shown it.' }));
      notification.on('failed', (_event, error) =>
        end({ shown: false, detail: `The system refused it: ${error.slice(0, 200)}` }),
      );
      notification.show();
    });
  }

  #forget(tag: string, notification: Notification): void {
    // One that took its place under the same tag stays.
    if (this.#held.get(tag) !== notification) return;
    this.#held.delete(tag);
    this.#options.dismissed(tag);
  }
}
