import { type FieldNames, MAPPED_FIELDS, type MappedField } from '../../pipeline/text-reading.ts';
import { FIELD_NAMES } from '../field-map.ts';
import type { TextClock } from '../text-clock.ts';
import type { LineFields, LineParser } from './line-fields.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const EQUALS = 0x3d;
const SPACE = 0x20;
/** A sentence with one `a=b` in it is no logfmt. */
const LEAST_PAIRS = 2;

interface KnownName {
  readonly key: Uint8Array;
  readonly field: MappedField | 'trace';
  readonly rank: number;
}

/** `time=2026-01-05T08:00:00Z level=info service=checkout msg="order 7 paid" duration=12ms` */
export class LogfmtLine implements LineParser {
  readonly #clock: TextClock;
  readonly #names: readonly KnownName[];
  readonly #ranks: Record<MappedField | 'trace', number> = { time: 0, service: 0, level: 0, message: 0, trace: 0 };

  constructor(clock: TextClock, fields: FieldNames = {}) {
    this.#clock = clock;
    this.#names = [
      ...MAPPED_FIELDS.flatMap((field) =>
        [...(fields[field] ?? []), ...FIELD_NAMES[field], ...(field === 'time' ? ['t'] : [])].map((name, rank) => ({
          key: new TextEncoder().encode(name),
          field,
          rank,
        })),
      ),
      ...['trace_id', 'traceID', 'traceId', 'traceid'].map((name, rank) => ({
        key: new TextEncoder().encode(name),
        field: 'trace' as const,
        rank,
      })),
    ];
  }

  read(bytes: Uint8Array, start: number, end: number, into: LineFields): boolean {
    const ranks = this.#ranks;
    ranks.time = ranks.service = ranks.level = ranks.message = ranks.trace = Number.POSITIVE_INFINITY;
    let pairs = 0;
    let isKnown = false;
    let at = start;
    for (;;) {
      while (at < end && bytes[at] <= SPACE) at++;
      if (at >= end) break;
      const keyStart = at;
      while (at < end && bytes[at] > SPACE && bytes[at] !== EQUALS && bytes[at] !== QUOTE) at++;
      const keyEnd = at;
      // A word without a value may stand among pairs, never before the first.
      if (at >= end || bytes[at] !== EQUALS) {
        if (pairs === 0 || bytes[at] === QUOTE) return false;
        continue;
      }
      if (keyEnd === keyStart) return false;
      at++;
      let valueStart = at;
      let valueEnd: number;
      let isEscaped = false;
      if (bytes[at] === QUOTE && at < end) {
        valueStart = ++at;
        while (at < end && bytes[at] !== QUOTE) {
          if (bytes[at] === BACKSLASH) {
            isEscaped = true;
            at++;
          }
          at++;
        }
        if (at >= end) return false;
        valueEnd = at++;
      } else {
        while (at < end && bytes[at] > SPACE) at++;
        valueEnd = at;
      }
      pairs++;
      if (valueEnd > valueStart && this.#take(bytes, keyStart, keyEnd, valueStart, valueEnd, isEscaped, into)) {
        isKnown = true;
      }
    }
    return isKnown && pairs >= LEAST_PAIRS;
  }

  #take(
    bytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    start: number,
    end: number,
    isEscaped: boolean,
    into: LineFields,
  ): boolean {
    const name = this.#names.find(({ key }) => isSame(key, bytes, keyStart, keyEnd));
    if (name === undefined || name.rank > this.#ranks[name.field]) return name !== undefined;
    this.#ranks[name.field] = name.rank;
    switch (name.field) {
      case 'time':
        into.timeMs = this.#clock.instant(bytes, start, end);
        break;
      case 'service':
        // An escaped name would have to be decoded; nobody has one.
        if (!isEscaped) {
          into.serviceStart = start;
          into.serviceEnd = end;
        }
        break;
      case 'level':
        into.levelStart = start;
        into.levelEnd = end;
        break;
      case 'message':
        into.messageStart = start;
        into.messageEnd = end;
        break;
      case 'trace':
        into.traceStart = start;
        into.traceEnd = end;
    }
    return true;
  }
}

function isSame(key: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (key.length !== end - start) return false;
  for (let i = 0; i < key.length; i++) if (bytes[start + i] !== key[i]) return false;
  return true;
}
