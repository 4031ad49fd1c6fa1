import type { Rejection } from '@sentinellog/shared';

const KEPT = 200;

/** What was refused since the start: counted by reason, and the newest kept for a console that opens later than they happened. */
export class RejectionLog {
  readonly #kept: Rejection[] = [];
  readonly #byCode = new Map<string, number>();

  add(rejection: Rejection): void {
    const { code, events } = rejection;
    this.#byCode.set(code, (this.#byCode.get(code) ?? 0) + events);
    this.#kept.unshift(rejection);
    if (this.#kept.length > KEPT) this.#kept.pop();
  }

  /** Newest first. */
  recent(): readonly Rejection[] {
    return this.#kept;
  }

  get events(): number {
    return [...this.#byCode.values()].reduce((sum, events) => sum + events, 0);
  }

  get eventsByCode(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#byCode);
  }
}
