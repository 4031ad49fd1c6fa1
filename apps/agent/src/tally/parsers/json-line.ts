import { JsonCursor } from '../../pipeline/json-cursor.ts';
import { type FieldNames, MAPPED_FIELDS, type MappedField } from '../../pipeline/text-reading.ts';
import { SCAN_STEP } from '../event-scan.ts';
import { type EventSpans, SPAN } from '../event-spans.ts';
import { JsonScan } from '../scan-json.ts';
import type { TextClock } from '../text-clock.ts';
import type { LineFields, LineParser } from './line-fields.ts';

const OPEN_OBJECT = 0x7b;
const MAX_DEPTH = 8;

interface Branch {
  readonly key: Uint8Array;
  /** Of a leaf: what it is, and its place in the list of its field: lower wins. */
  readonly field: MappedField | undefined;
  readonly rank: number;
  readonly below: readonly Branch[];
}

/** A JSON object on a line, with the usual names of fields or, before them, those of a mapping. */
export class JsonLine implements LineParser {
  readonly #scan = new JsonScan();
  readonly #cursor = new JsonCursor();
  readonly #clock: TextClock;
  readonly #branches: readonly Branch[];
  readonly #ranks: Record<MappedField, number> = { time: 0, service: 0, level: 0, message: 0 };

  constructor(clock: TextClock, fields: FieldNames = {}) {
    this.#clock = clock;
    this.#branches = branchesOf(fields);
  }

  /** What the usual reading found in the object that was read last. */
  get spans(): EventSpans {
    return this.#scan.spans;
  }

  read(bytes: Uint8Array, start: number, end: number, into: LineFields): boolean {
    if (bytes[start] !== OPEN_OBJECT || start >= end) return false;
    const scan = this.#scan;
    if (scan.one(bytes, start, end) !== SCAN_STEP.event) return false;
    const { starts, ends } = scan.spans;
    if (starts[SPAN.time] >= 0) into.timeMs = this.#clock.instant(bytes, starts[SPAN.time], ends[SPAN.time]);
    into.serviceStart = starts[SPAN.service];
    into.serviceEnd = ends[SPAN.service];
    into.levelStart = starts[SPAN.level];
    into.levelEnd = ends[SPAN.level];
    into.isPlainText = false;
    this.map(bytes, start, end, into);
    return true;
  }

  /** Only what the mapping names, over what `into` holds: of an object that is known to be well-formed. */
  map(bytes: Uint8Array, start: number, end: number, into: LineFields): void {
    if (this.#branches.length === 0) return;
    for (const field of MAPPED_FIELDS) this.#ranks[field] = Number.POSITIVE_INFINITY;
    this.#cursor.begin(bytes, start, end);
    this.#walk(bytes, this.#branches, into, 0);
  }

  #walk(bytes: Uint8Array, branches: readonly Branch[], into: LineFields, depth: number): void {
    const cursor = this.#cursor;
    if (depth > MAX_DEPTH || !cursor.enterObject()) {
      cursor.skip();
      return;
    }
    while (cursor.nextMember()) {
      const branch = branches.find(({ key }) => cursor.isKey(key));
      if (branch === undefined) cursor.skip();
      else if (cursor.peek() === OPEN_OBJECT) this.#walk(bytes, branch.below, into, depth + 1);
      else if (branch.field === undefined || branch.rank > this.#ranks[branch.field]) cursor.skip();
      else if (cursor.textOrNumber() && cursor.textEnd > cursor.textStart) {
        this.#ranks[branch.field] = branch.rank;
        this.#take(bytes, branch.field, into);
      }
    }
  }

  #take(bytes: Uint8Array, field: MappedField, into: LineFields): void {
    const { textStart, textEnd } = this.#cursor;
    switch (field) {
      case 'time':
        into.timeMs = this.#clock.instant(bytes, textStart, textEnd);
        return;
      case 'service':
        into.serviceStart = textStart;
        into.serviceEnd = textEnd;
        return;
      case 'level':
        into.levelStart = textStart;
        into.levelEnd = textEnd;
        return;
      case 'message':
        into.messageStart = textStart;
        into.messageEnd = textEnd;
    }
  }
}

interface Path {
  readonly parts: readonly string[];
  readonly field: MappedField;
  readonly rank: number;
}

/** `a.b` is looked for as `{"a":{"b":…}}` and as `{"a.b":…}`: shippers write both. */
function branchesOf(fields: FieldNames): readonly Branch[] {
  const paths = MAPPED_FIELDS.flatMap((field) =>
    (fields[field] ?? []).flatMap((name, rank): Path[] => {
      const parts = name.split('.');
      const whole = { parts: [name], field, rank };
      return parts.length === 1 ? [whole] : [whole, { parts, field, rank }];
    }),
  );
  return branchesBelow(paths, 0);
}

function branchesBelow(paths: readonly Path[], depth: number): readonly Branch[] {
  const byKey = Map.groupBy(
    paths.filter(({ parts }) => parts.length > depth),
    ({ parts }) => parts[depth],
  );
  return [...byKey].map(([key, below]) => {
    const leaf = below.find(({ parts }) => parts.length === depth + 1);
    return {
      key: new TextEncoder().encode(key),
      field: leaf?.field,
      rank: leaf?.rank ?? 0,
      below: branchesBelow(below, depth + 1),
    };
  });
}
