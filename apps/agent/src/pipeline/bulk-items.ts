import { JsonCursor } from './json-cursor.ts';

export const BULK_STEP = { end: 0, item: 1, broken: 2 } as const;
/** In the order of `BulkItems.action`. */
export const BULK_ACTIONS = ['index', 'create', 'update', 'delete'] as const;
const DELETE = BULK_ACTIONS.indexOf('delete');

/** Some hundred times what shippers send; an answer names every item. */
export const MAX_BULK_ITEMS = 100_000;

const LF = 0x0a;
const ABSENT = -1;
const encoder = new TextEncoder();
const ACTION_NAMES = BULK_ACTIONS.map((name) => encoder.encode(name));
const INDEX = encoder.encode('_index');

/**
 * The frame of an Elasticsearch bulk body: a line that says what to do, and for all but `delete` a line with the
 * document. Whoever counts and whoever answers must see the same items, so both walk with this. Documents are not read.
 *
 * As in Elasticsearch a line that is no action spoils the whole body: behind it nobody knows which lines are documents.
 */
export class BulkItems {
  /** From 1. */
  item = 0;
  /** Place in BULK_ACTIONS. */
  action = 0;
  /** The action's own index (JSON text inside its quotes), −1 when it names none. */
  indexStart = ABSENT;
  indexEnd = ABSENT;
  documentStart = ABSENT;
  documentEnd = ABSENT;
  /** After `broken`. */
  code: 'invalid_json' | 'body_too_large' = 'invalid_json';
  detail = '';
  readonly #cursor = new JsonCursor();
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #line = 0;

  begin(body: Uint8Array): void {
    this.#bytes = body;
    this.#at = 0;
    this.#line = 0;
    this.item = 0;
  }

  next(): number {
    const bytes = this.#bytes;
    let start = this.#at;
    while (start < bytes.length && (bytes[start] === LF || bytes[start] === 0x0d)) {
      if (bytes[start] === LF) this.#line++;
      start++;
    }
    if (start >= bytes.length) return BULK_STEP.end;
    this.item++;
    this.#line++;
    if (this.item > MAX_BULK_ITEMS) {
      this.code = 'body_too_large';
      this.detail = `a bulk request has at most ${MAX_BULK_ITEMS} items; send smaller ones`;
      return BULK_STEP.broken;
    }
    const end = lineEnd(bytes, start);
    if (!this.#readAction(start, end)) {
      return this.#break(`line ${this.#line} is no action such as {"create":{}}; nothing of the request was stored`);
    }
    this.documentStart = ABSENT;
    this.documentEnd = ABSENT;
    this.#at = end + 1;
    if (this.action === DELETE) return BULK_STEP.item;
    if (this.#at >= bytes.length) {
      return this.#break(`the action on line ${this.#line} has no document; nothing of the request was stored`);
    }
    this.#line++;
    this.documentStart = this.#at;
    this.documentEnd = lineEnd(bytes, this.#at);
    this.#at = this.documentEnd + 1;
    return BULK_STEP.item;
  }

  /** `{"<action>":{"_index":"…", …}}` and nothing else. */
  #readAction(start: number, end: number): boolean {
    const cursor = this.#cursor;
    cursor.begin(this.#bytes, start, end);
    this.action = -1;
    this.indexStart = ABSENT;
    this.indexEnd = ABSENT;
    if (!cursor.enterObject() || !cursor.nextMember()) return false;
    for (let action = 0; action < ACTION_NAMES.length; action++) {
      if (cursor.isKey(ACTION_NAMES[action])) this.action = action;
    }
    if (this.action < 0 || !cursor.enterObject()) return false;
    while (cursor.nextMember()) {
      if (!cursor.isKey(INDEX)) cursor.skip();
      else if (cursor.text() && cursor.textEnd > cursor.textStart) {
        this.indexStart = cursor.textStart;
        this.indexEnd = cursor.textEnd;
      }
    }
    return !cursor.nextMember() && cursor.isAtEnd();
  }

  #break(detail: string): number {
    this.code = 'invalid_json';
    this.detail = detail;
    return BULK_STEP.broken;
  }
}

function lineEnd(bytes: Uint8Array, from: number): number {
  const at = bytes.indexOf(LF, from);
  return at < 0 ? bytes.length : at;
}
