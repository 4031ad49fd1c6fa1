import type { SearchAggregate } from '@sentinellog/shared';
import type { FoundEvent } from './found-event.ts';

/** Values that are told apart; events with any other are counted together. */
const MAX_VALUES = 10_000;
const MAX_VALUE_CHARACTERS = 256;

/** Counts the events that match, by time and by the values of a field. */
export class EventCounts {
  total = 0;
  readonly #stepMs: number | null;
  readonly #field: string | null;
  readonly #byTime = new Map<number, number>();
  readonly #byValue = new Map<string, number>();
  #otherValues = 0;
  #withoutField = 0;

  constructor(stepMs: number | null, field: string | null) {
    this.#stepMs = stepMs;
    this.#field = field;
  }

  add(event: FoundEvent): void {
    this.total++;
    if (this.#stepMs !== null) {
      const start = Math.floor(event.atMs / this.#stepMs) * this.#stepMs;
      this.#byTime.set(start, (this.#byTime.get(start) ?? 0) + 1);
    }
    if (this.#field !== null) this.#addValue(firstValue(event, this.#field));
  }

  /** @param top how many values, the most frequent first */
  told(top: number, isFinal: boolean): SearchAggregate {
    const values = [...this.#byValue].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    const shown = values.slice(0, top);
    const more = values.slice(top).reduce((sum, [, count]) => sum + count, this.#otherValues);
    return {
      type: 'aggregate',
      final: isFinal,
      total: this.total,
      ...(this.#stepMs !== null && {
        step_ms: this.#stepMs,
        by_time: [...this.#byTime].toSorted(([a], [b]) => a - b).map(([at_ms, count]) => ({ at_ms, count })),
      }),
      ...(this.#field !== null && {
        by: this.#field,
        by_value: shown.map(([value, count]) => ({ value, count })),
        other_values: more,
        without_field: this.#withoutField,
      }),
    };
  }

  #addValue(value: string | undefined): void {
    if (value === undefined) {
      this.#withoutField++;
      return;
    }
    const key = value.slice(0, MAX_VALUE_CHARACTERS);
    const count = this.#byValue.get(key);
    if (count !== undefined) this.#byValue.set(key, count + 1);
    else if (this.#byValue.size < MAX_VALUES) this.#byValue.set(key, 1);
    else this.#otherValues++;
  }
}

function firstValue(event: FoundEvent, field: string): string | undefined {
  if (field === 'service') return event.service;
  if (field === 'level') return event.level;
  if (field === 'message') return event.message();
  let found: string | undefined;
  event.eachField((name, value) => {
    if (name === field) found = value;
    return found !== undefined;
  });
  return found ?? (field === 'trace_id' ? event.traceId() : undefined);
}
