import type { Signal } from '@sentinellog/shared';
import type { LocalClock } from './local-clock.ts';
import { SLOT_SECONDS } from './slots.ts';

/** `exclude`: as if it had never been seen. `learn`: as on an ordinary day, although an anomaly ran through it. */
export type Rule = 'exclude' | 'learn';

/** What a person has said about a stretch of time: a verdict on an anomaly, a day struck out, a holiday. */
export interface Ruling {
  readonly id: string;
  /** null: every signal of the source. */
  readonly signal: Signal | null;
  /** Unix seconds, from ≤ t < to; `to` may be infinite: until further notice. */
  readonly from: number;
  readonly to: number;
  readonly rule: Rule;
}

interface SlotSpan {
  readonly first: number;
  readonly last: number;
  readonly rule: Rule;
}

/**
 * The rulings of one series by slots of wall time. They stand beside what was learnt and never inside: taking one back
 * leaves every number as it was, to the bit.
 */
export class RuledSlots {
  readonly #spans: readonly SlotSpan[];

  constructor(rulings: readonly Ruling[], signal: Signal, clock: LocalClock) {
    this.#spans = rulings
      .filter((ruling) => (ruling.signal === null || ruling.signal === signal) && ruling.to > ruling.from)
      .map(({ from, to, rule }) => ({
        first: Math.floor(clock.wallSecond(from) / SLOT_SECONDS),
        last: Number.isFinite(to) ? Math.floor((clock.wallSecond(to) - 1) / SLOT_SECONDS) : Number.POSITIVE_INFINITY,
        rule,
      }));
  }

  /** An exclusion wins over whatever else was said about the same slot. */
  at(wallSlot: number): Rule | null {
    let ruled: Rule | null = null;
    for (const { first, last, rule } of this.#spans) {
      if (wallSlot < first || wallSlot > last) continue;
      if (rule === 'exclude') return rule;
      ruled = rule;
    }
    return ruled;
  }
}
