import { MOST_LATENCY_BUCKETS } from '@sentinellog/shared';
import type { CountedField } from './batch-details.ts';

/** Events that carried one value of a field. */
export interface FieldCount {
  readonly field: CountedField;
  /** Column of LEVELS. */
  readonly level: number;
  readonly value: string;
  events: number;
}

/** Values of one second that are told apart. */
const MOST_VALUES = 4096;

/** What a second that is not closed holds beside its counts and templates. */
export class OpenDetails {
  /** Buckets of LatencySketch, and how many durations fell into each. */
  readonly latency = new Map<number, number>();
  readonly #fields = new Map<string, FieldCount>();

  get fields(): Iterable<FieldCount> {
    return this.#fields.values();
  }

  addDurations(bucket: number, times: number): void {
    if (bucket < MOST_LATENCY_BUCKETS) this.latency.set(bucket, (this.latency.get(bucket) ?? 0) + times);
  }

  addField(field: CountedField, level: number, value: string, events: number): void {
    const key = `${field} ${level} ${value}`;
    const known = this.#fields.get(key);
    if (known !== undefined) known.events += events;
    else if (this.#fields.size < MOST_VALUES) this.#fields.set(key, { field, level, value, events });
  }
}
