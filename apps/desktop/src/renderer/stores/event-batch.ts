/** What a clock gives: runs once after `ms`; returns what cancels it. */
export type SetTimer = (run: () => void, ms: number) => () => void;

/**
 * Gathers what arrives and hands it on at most once an interval, the first of a quiet time at once: volume must not
 * set the rate of rendering, and a single anomaly must not wait.
 */
export class EventBatch<Event> {
  readonly #intervalMs: number;
  readonly #setTimer: SetTimer;
  readonly #deliver: (events: readonly Event[]) => void;
  #waiting: Event[] = [];
  #cancel: (() => void) | null = null;

  constructor(intervalMs: number, setTimer: SetTimer, deliver: (events: readonly Event[]) => void) {
    this.#intervalMs = intervalMs;
    this.#setTimer = setTimer;
    this.#deliver = deliver;
  }

  add(event: Event): void {
    this.#waiting.push(event);
    if (this.#cancel === null) this.#flush();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#waiting = [];
  }

  #flush(): void {
    this.#cancel = null;
    if (this.#waiting.length === 0) return;
    const events = this.#waiting;
    this.#waiting = [];
    this.#cancel = this.#setTimer(() => this.#flush(), this.#intervalMs);
    this.#deliver(events);
  }
}
