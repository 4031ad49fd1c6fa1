import { JsonCursor } from '../../pipeline/json-cursor.ts';
import { eachValue, jsonString, type VisitField } from './json-values.ts';

const encoder = new TextEncoder();
const KEY = encoder.encode('key');
const VALUE = encoder.encode('value');
const VALUES = encoder.encode('values');
const ARRAY_VALUE = encoder.encode('arrayValue');
const KVLIST_VALUE = encoder.encode('kvlistValue');
const ATTRIBUTES = encoder.encode('attributes');
const BODY = encoder.encode('body');
const TRACE_ID = encoder.encode('traceId');
const SPAN_ID = encoder.encode('spanId');

/** A LogRecord: attributes under their own names, the body as `message`. */
export function eachOtlpJsonField(bytes: Uint8Array, start: number, end: number, visit: VisitField): boolean {
  const cursor = new JsonCursor();
  cursor.begin(bytes, start, end);
  if (!cursor.enterObject()) return false;
  while (cursor.nextMember()) {
    let isOver: boolean;
    if (cursor.isKey(BODY)) isOver = eachAnyValue(cursor, bytes, 'message', visit);
    else if (cursor.isKey(ATTRIBUTES)) isOver = eachPair(cursor, bytes, '', visit);
    else if (cursor.isKey(TRACE_ID)) isOver = eachValue(cursor, bytes, 'trace_id', visit);
    else if (cursor.isKey(SPAN_ID)) isOver = eachValue(cursor, bytes, 'span_id', visit);
    else isOver = eachValue(cursor, bytes, jsonString(bytes, cursor.keyStart, cursor.keyEnd), visit);
    if (isOver) return true;
  }
  return false;
}

/** A Resource: only its attributes. */
export function eachOtlpJsonAttribute(bytes: Uint8Array, start: number, end: number, visit: VisitField): boolean {
  const cursor = new JsonCursor();
  cursor.begin(bytes, start, end);
  if (!cursor.enterObject()) return false;
  while (cursor.nextMember()) {
    if (!cursor.isKey(ATTRIBUTES)) cursor.skip();
    else if (eachPair(cursor, bytes, '', visit)) return true;
  }
  return false;
}

function eachPair(cursor: JsonCursor, bytes: Uint8Array, prefix: string, visit: VisitField): boolean {
  if (!cursor.enterArray()) {
    cursor.skip();
    return false;
  }
  while (cursor.nextElement()) if (onePair(cursor, bytes, prefix, visit)) return true;
  return false;
}

/** Key and value may come in any order. */
function onePair(cursor: JsonCursor, bytes: Uint8Array, prefix: string, visit: VisitField): boolean {
  if (!cursor.enterObject()) {
    cursor.skip();
    return false;
  }
  let key = '';
  const value = new JsonCursor();
  while (cursor.nextMember()) {
    if (cursor.isKey(KEY)) {
      if (cursor.text()) key = jsonString(bytes, cursor.textStart, cursor.textEnd);
    } else if (cursor.isKey(VALUE)) {
      cursor.peek();
      const start = cursor.at;
      cursor.skip();
      value.begin(bytes, start, cursor.at);
    } else cursor.skip();
  }
  return eachAnyValue(value, bytes, prefix === '' ? key : `${prefix}.${key}`, visit);
}

function eachAnyValue(cursor: JsonCursor, bytes: Uint8Array, name: string, visit: VisitField): boolean {
  if (!cursor.enterObject()) {
    cursor.skip();
    return false;
  }
  while (cursor.nextMember()) {
    let isOver = false;
    if (cursor.isKey(ARRAY_VALUE)) isOver = eachItem(cursor, () => eachAnyValue(cursor, bytes, name, visit));
    else if (cursor.isKey(KVLIST_VALUE)) isOver = eachItem(cursor, () => onePair(cursor, bytes, name, visit));
    else isOver = eachValue(cursor, bytes, name, visit);
    if (isOver) return true;
  }
  return false;
}

/** `{"values":[…]}` */
function eachItem(cursor: JsonCursor, item: () => boolean): boolean {
  if (!cursor.enterObject()) {
    cursor.skip();
    return false;
  }
  while (cursor.nextMember()) {
    if (!cursor.isKey(VALUES) || !cursor.enterArray()) cursor.skip();
    else while (cursor.nextElement()) if (item()) return true;
  }
  return false;
}
