import { latencyBucket, LEVELS } from '@sentinellog/shared';
import { durationMs } from './duration.ts';
import { type EventSpans, SPAN } from './event-spans.ts';
import { lengthened, PairTable } from './pair-table.ts';
import type { OpenDetails } from './open-details.ts';

/** The fields of events that can be counted by value, by the names that rules know them by. */
export const COUNTED_FIELDS = {
  user_id: SPAN.userId,
  status_code: SPAN.statusCode,
  trace_id: SPAN.traceId,
  error_code: SPAN.errorCode,
} as const;
export type CountedField = keyof typeof COUNTED_FIELDS;
const NAMES = Object.keys(COUNTED_FIELDS) as CountedField[];

/** Values of one record that are told apart; more are counted as dropped. */
const MOST_VALUES = 4096;
const MOST_VALUE_BYTES = 128;

const FIRST_CELLS = 4;

/** The values of one field: by row and level, and hash. */
interface FieldValues {
  readonly values: PairTable;
  events: Int32Array;
  readonly texts: string[];
}

/** A field to count by value, and of which levels. */
export interface FieldWish {
  readonly field: CountedField;
  /** Columns of LEVELS; all when empty. */
  readonly levels: readonly number[];
}

/** What the events of one record took, and the values of the fields that somebody counts: by row, nothing made per event. */
export class BatchDetails {
  readonly #durations = new PairTable();
  #times = new Int32Array(FIRST_CELLS);
  /** In the order of NAMES; made when somebody counts fields. */
  #fields: readonly FieldValues[] = [];
  /** Values that were not told apart. */
  dropped = 0;

  add(spans: EventSpans, body: Uint8Array, row: number, level: number, wishes: readonly FieldWish[]): void {
    const duration = spans.starts[SPAN.durationMs];
    if (duration >= 0) {
      const bucket = latencyBucket(durationMs(body, duration, spans.ends[SPAN.durationMs]));
      if (bucket >= 0) {
        const at = this.#durations.add(row, bucket);
        if (at >= this.#times.length) this.#times = lengthened(this.#times, this.#times.length * 2);
        this.#times[at]++;
      }
    }
    for (const { field, levels } of wishes) {
      const start = spans.starts[COUNTED_FIELDS[field]];
      if (start >= 0 && (levels.length === 0 || levels.includes(level)))
        this.#count(NAMES.indexOf(field), body, start, spans.ends[COUNTED_FIELDS[field]], row, level);
    }
  }

  /** Adds what belongs to a row. Call once for every row, after the record has been read. */
  eachRow(detailsOf: (row: number) => OpenDetails | null): void {
    for (let at = 0; at < this.#durations.size; at++)
      detailsOf(this.#durations.firsts[at])?.addDurations(this.#durations.seconds[at], this.#times[at]);
    for (let place = 0; place < this.#fields.length; place++) {
      const { values, events, texts } = this.#fields[place];
      for (let at = 0; at < values.size; at++) {
        const rowAndLevel = values.firsts[at];
        const row = Math.floor(rowAndLevel / LEVELS.length);
        detailsOf(row)?.addField(NAMES[place], rowAndLevel % LEVELS.length, texts[at], events[at]);
      }
    }
  }

  clear(): void {
    this.#times.fill(0, 0, this.#durations.size);
    this.#durations.clear();
    for (const field of this.#fields) {
      field.events.fill(0, 0, field.values.size);
      field.values.clear();
      field.texts.length = 0;
    }
    this.dropped = 0;
  }

  #count(place: number, body: Uint8Array, start: number, end: number, row: number, level: number): void {
    if (this.#fields.length === 0) this.#fields = NAMES.map(emptyField);
    const field = this.#fields[place];
    if (field.values.size >= MOST_VALUES) {
      this.dropped++;
      return;
    }
    const before = field.values.size;
    const at = field.values.add(row * LEVELS.length + level, hashOf(body, start, end));
    if (at === before)
      field.texts[at] = Buffer.from(body.subarray(start, Math.min(end, start + MOST_VALUE_BYTES))).toString();
    if (at >= field.events.length) field.events = lengthened(field.events, field.events.length * 2);
    field.events[at]++;
  }
}

function emptyField(): FieldValues {
  return { values: new PairTable(), events: new Int32Array(FIRST_CELLS), texts: [] };
}

/** FNV-1a; two values of one second that share it are counted as one, once in four billion. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193);
  return hash;
}
