import { ProtobufCursor, WIRE } from '../protobuf-cursor.ts';
import type { VisitField } from './json-values.ts';

/** opentelemetry/proto/logs/v1/logs.proto, common/v1/common.proto, resource/v1/resource.proto */
const RECORD = { body: 5, attributes: 6, traceId: 9, spanId: 10, eventName: 12 } as const;
const RESOURCE = { attributes: 1 } as const;
const VALUE = { text: 1, flag: 2, integer: 3, double: 4, array: 5, pairs: 6, bytes: 7 } as const;
const ITEMS = 1;
const PAIR = { key: 1, value: 2 } as const;

/** A LogRecord: attributes under their own names, the body as `message`. Numbers as JavaScript writes them, bytes in hexadecimal. */
export function eachOtlpProtobufField(body: Uint8Array, start: number, end: number, visit: VisitField): boolean {
  const { bytes, cursor } = opened(body, start);
  while (cursor.next(end)) {
    if (cursor.wire !== WIRE.bytes) continue;
    let isOver = false;
    switch (cursor.field) {
      case RECORD.body:
        isOver = eachAnyValue(bytes, cursor, 'message', visit);
        break;
      case RECORD.attributes:
        isOver = onePair(bytes, cursor, '', visit);
        break;
      case RECORD.traceId:
        isOver = visit('trace_id', bytes.toString('hex', cursor.start, cursor.end));
        break;
      case RECORD.spanId:
        isOver = visit('span_id', bytes.toString('hex', cursor.start, cursor.end));
        break;
      case RECORD.eventName:
        isOver = visit('eventName', bytes.toString('utf8', cursor.start, cursor.end));
        break;
      default:
    }
    if (isOver) return true;
  }
  return false;
}

/** A Resource: only its attributes. */
export function eachOtlpProtobufAttribute(body: Uint8Array, start: number, end: number, visit: VisitField): boolean {
  const { bytes, cursor } = opened(body, start);
  while (cursor.next(end)) {
    if (cursor.field === RESOURCE.attributes && cursor.wire === WIRE.bytes && onePair(bytes, cursor, '', visit))
      return true;
  }
  return false;
}

function opened(body: Uint8Array, at: number): { readonly bytes: Buffer; readonly cursor: ProtobufCursor } {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const cursor = new ProtobufCursor();
  cursor.begin(bytes);
  cursor.at = at;
  return { bytes, cursor };
}

/** The message in the cursor's field. Leaves the cursor behind it. */
function onePair(bytes: Buffer, cursor: ProtobufCursor, prefix: string, visit: VisitField): boolean {
  const { start, end } = cursor;
  let key = '';
  let valueStart = 0;
  let valueEnd = 0;
  cursor.at = start;
  while (cursor.next(end)) {
    if (cursor.wire !== WIRE.bytes) continue;
    if (cursor.field === PAIR.key) key = bytes.toString('utf8', cursor.start, cursor.end);
    else if (cursor.field === PAIR.value) {
      valueStart = cursor.start;
      valueEnd = cursor.end;
    }
  }
  cursor.start = valueStart;
  cursor.end = valueEnd;
  const isOver = eachAnyValue(bytes, cursor, prefix === '' ? key : `${prefix}.${key}`, visit);
  cursor.at = end;
  return isOver;
}

function eachAnyValue(bytes: Buffer, cursor: ProtobufCursor, name: string, visit: VisitField): boolean {
  const { start, end } = cursor;
  let isOver = false;
  cursor.at = start;
  while (!isOver && cursor.next(end)) {
    switch (cursor.field) {
      case VALUE.text:
        isOver = visit(name, bytes.toString('utf8', cursor.start, cursor.end));
        break;
      case VALUE.flag:
        isOver = visit(name, cursor.value === 0 ? 'false' : 'true');
        break;
      case VALUE.integer:
        isOver = visit(name, String(cursor.value >= 2 ** 63 ? cursor.value - 2 ** 64 : cursor.value));
        break;
      case VALUE.double:
        isOver = cursor.wire === WIRE.fixed64 && visit(name, String(bytes.readDoubleLE(cursor.start)));
        break;
      case VALUE.array:
        isOver = eachItem(cursor, () => eachAnyValue(bytes, cursor, name, visit));
        break;
      case VALUE.pairs:
        isOver = eachItem(cursor, () => onePair(bytes, cursor, name, visit));
        break;
      case VALUE.bytes:
        isOver = visit(name, bytes.toString('hex', cursor.start, cursor.end));
        break;
      default:
    }
  }
  cursor.at = end;
  return isOver;
}

function eachItem(cursor: ProtobufCursor, item: () => boolean): boolean {
  const { start, end, wire } = cursor;
  if (wire !== WIRE.bytes) return false;
  let isOver = false;
  cursor.at = start;
  while (!isOver && cursor.next(end)) isOver = cursor.field === ITEMS && cursor.wire === WIRE.bytes && item();
  cursor.at = end;
  return isOver;
}
