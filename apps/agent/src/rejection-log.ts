import type { Rejection } from '@sentinellog/shared';

const KEPT = 200;

/** The newest rejections, for a console that opens later than they happened. Older ones are only in the counters. */
export class RejectionLog {
  readonly #kept: Rejection[] = [];

  add(rejection: Rejection): void {
    this.#kept.unshift(rejection);
    if (this.#kept.length > KEPT) this.#kept.pop();
  }

  /** Newest first. */
  recent(): readonly Rejection[] {
    return this.#kept;
  }
}
