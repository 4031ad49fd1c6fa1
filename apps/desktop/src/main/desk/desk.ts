import type { BridgeEvent } from '../../bridge/events.ts';
import type { DesktopSettings } from '../../bridge/desktop.ts';
import type { SavedAgent } from '../../bridge/calls.ts';
import { DeskWatch } from './desk-watch.ts';
import { NotificationPlan, type Surroundings, type Toast } from './notification-plan.ts';
import { trayWords, type TrayWords } from './tray-words.ts';

/** Ages grow without any event: staleness is to be seen within a second of its limit (ux §6 goal 21). */
const TICK_MS = 1000;

export interface DeskOptions {
  readonly now: () => number;
  /** This machine's zone decides what "22:00" is. */
  readonly minuteOfDay: (ms: number) => number;
  readonly setTimer: (run: () => void, ms: number) => () => void;
  readonly settings: () => DesktopSettings;
  readonly isFocused: () => boolean;
  readonly agents: () => readonly SavedAgent[];
  readonly showToast: (toast: Toast) => void;
  /** Only when something in them has changed. */
  readonly showTray: (words: TrayWords) => void;
}

/** The desk beside the page: hears every event of every agent, keeps tray and badge true, and raises notifications. */
export class Desk {
  readonly #options: DeskOptions;
  readonly #watch = new DeskWatch();
  readonly #plan = new NotificationPlan();
  #cancel: (() => void) | null = null;
  #shown = '';

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  start(): void {
    this.#watch.list(this.#options.agents());
    this.#tick();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  take(event: BridgeEvent): void {
    if (event.type === 'agents' || event.type === 'hello') this.#watch.list(this.#options.agents());
    this.#watch.take(event);
    if (event.type !== 'incident' && event.type !== 'snapshot') return;
    const code = this.#watch.codeOf(event.agentId);
    if (code === null) return;
    const around = this.#around();
    const toasts =
      event.type === 'incident'
        ? this.#plan.take(event.agentId, code, event.incident, around)
        : this.#plan.takeSnapshot(event.agentId, code, event.incidents ?? [], around);
    for (const toast of toasts) this.#options.showToast(toast);
  }

  dismissed(tag: string): void {
    this.#plan.dismissed(tag);
  }

  words(): TrayWords {
    return trayWords(this.#watch.status(this.#options.now()));
  }

  #tick(): void {
    this.#cancel = this.#options.setTimer(() => this.#tick(), TICK_MS);
    for (const toast of this.#plan.tick(this.#around())) this.#options.showToast(toast);
    const words = this.words();
    const text = JSON.stringify(words, (key, value: unknown) => (key === 'named' ? undefined : value));
    if (text === this.#shown) return;
    this.#shown = text;
    this.#options.showTray(words);
  }

  #around(): Surroundings {
    const nowMs = this.#options.now();
    return {
      nowMs,
      settings: this.#options.settings(),
      focused: this.#options.isFocused(),
      minuteOfDay: this.#options.minuteOfDay(nowMs),
    };
  }
}
