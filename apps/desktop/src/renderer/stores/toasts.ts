import { createStore } from 'zustand/vanilla';
import type { SetTimer } from './event-batch.ts';

/** More at once cannot be read; the oldest makes room, and stays in the history (ux §2.5). */
const MAX_SHOWN = 3;
const MAX_HISTORY = 100;
/** How long a toast stands when its caller does not say. */
export const TOAST_MS = 6000;

export interface ToastAction {
  readonly label: string;
  /** As it is bound, `z`; only for showing. */
  readonly keys?: string;
  readonly run: () => void;
}

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'good' | 'bad';
  readonly atMs: number;
  /** null stands until it is dismissed: what failed must not slip away. */
  readonly forMs: number | null;
  readonly actions: readonly ToastAction[];
}

export interface ToastState {
  /** Oldest first. */
  readonly shown: readonly Toast[];
  /** Newest first. */
  readonly history: readonly Toast[];
}

/** Says what was done, to what, where. Timers stop while a person points at, or stands on, a toast. */
export class Toasts {
  readonly state = createStore<ToastState>(() => ({ shown: [], history: [] }));
  readonly #now: () => number;
  readonly #setTimer: SetTimer;
  readonly #timers = new Map<number, () => void>();
  #nextId = 1;
  #held = false;

  constructor(now: () => number, setTimer: SetTimer) {
    this.#now = now;
    this.#setTimer = setTimer;
  }

  /** Returns the toast's id, for `dismiss`. */
  show(toast: Omit<Toast, 'id' | 'atMs'>): number {
    const made: Toast = { ...toast, id: this.#nextId++, atMs: this.#now() };
    const { shown, history } = this.state.getState();
    const next = [...shown, made];
    for (const { id } of next.slice(0, -MAX_SHOWN)) this.#stopTimer(id);
    this.state.setState({ shown: next.slice(-MAX_SHOWN), history: [made, ...history].slice(0, MAX_HISTORY) });
    if (!this.#held) this.#startTimer(made);
    return made.id;
  }

  dismiss(id: number): void {
    this.#stopTimer(id);
    const { shown } = this.state.getState();
    this.state.setState({ shown: shown.filter((toast) => toast.id !== id) });
  }

  hold(): void {
    this.#held = true;
    for (const id of this.#timers.keys()) this.#stopTimer(id);
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    for (const toast of this.state.getState().shown) this.#startTimer(toast);
  }

  stop(): void {
    this.hold();
  }

  #startTimer({ id, forMs }: Toast): void {
    if (forMs === null) return;
    this.#stopTimer(id);
    this.#timers.set(
      id,
      this.#setTimer(() => this.dismiss(id), forMs),
    );
  }

  #stopTimer(id: number): void {
    this.#timers.get(id)?.();
    this.#timers.delete(id);
  }
}
