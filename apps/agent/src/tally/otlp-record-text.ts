import type { EventText } from './event-scan.ts';
import { ProtobufCursor, WIRE } from './protobuf-cursor.ts';

const RECORD = { body: 5, traceId: 9 } as const;
const VALUE = { text: 1, flag: 2, integer: 3, double: 4, array: 5, pairs: 6, bytes: 7 } as const;
const ITEMS = 1;
const PAIR = { key: 1, value: 2 } as const;

/** Cold: what a log record in protobuf says. The scan has read it before, so it is well formed and not too deep. */
export function otlpRecordText(body: Uint8Array, start: number, end: number): EventText {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const cursor = new ProtobufCursor();
  cursor.begin(bytes);
  let message = '';
  let traceId = '';
  cursor.at = start;
  while (cursor.next(end)) {
    if (cursor.wire !== WIRE.bytes) continue;
    if (cursor.field === RECORD.body) {
      const value = valueOf(bytes, cursor);
      message = typeof value === 'string' ? value : JSON.stringify(value);
    } else if (cursor.field === RECORD.traceId) traceId = bytes.toString('hex', cursor.start, cursor.end);
  }
  return traceId === '' ? { message } : { message, traceId };
}

type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

/** The AnyValue in the cursor's field. Leaves the cursor behind it. */
function valueOf(bytes: Buffer, cursor: ProtobufCursor): Value {
  const { start, end } = cursor;
  let value: Value = null;
  cursor.at = start;
  while (cursor.next(end)) {
    switch (cursor.field) {
      case VALUE.text:
        value = bytes.toString('utf8', cursor.start, cursor.end);
        break;
      case VALUE.flag:
        value = cursor.value !== 0;
        break;
      case VALUE.integer:
        value = integerOf(cursor.value);
        break;
      case VALUE.double:
        value = cursor.wire === WIRE.fixed64 ? bytes.readDoubleLE(cursor.start) : null;
        break;
      case VALUE.array:
        value = listOf(bytes, cursor, valueOf);
        break;
      case VALUE.pairs:
        value = Object.fromEntries(listOf(bytes, cursor, pairOf));
        break;
      case VALUE.bytes:
        value = bytes.toString('base64', cursor.start, cursor.end);
        break;
      default:
    }
  }
  cursor.at = end;
  return value;
}

function listOf<T>(bytes: Buffer, cursor: ProtobufCursor, read: (bytes: Buffer, cursor: ProtobufCursor) => T): T[] {
  const { start, end, wire } = cursor;
  const items: T[] = [];
  if (wire !== WIRE.bytes) return items;
  cursor.at = start;
  while (cursor.next(end)) {
    // Other fields were not measured for their depth.
    if (cursor.field === ITEMS && cursor.wire === WIRE.bytes) items.push(read(bytes, cursor));
  }
  cursor.at = end;
  return items;
}

function pairOf(bytes: Buffer, cursor: ProtobufCursor): [string, Value] {
  const { start, end } = cursor;
  let key = '';
  let value: Value = null;
  cursor.at = start;
  while (cursor.next(end)) {
    if (cursor.wire !== WIRE.bytes) continue;
    if (cursor.field === PAIR.key) key = bytes.toString('utf8', cursor.start, cursor.end);
    else if (cursor.field === PAIR.value) value = valueOf(bytes, cursor);
  }
  cursor.at = end;
  return [key, value];
}

/** Negative numbers are sent as 2^64 minus themselves; small ones come back as well as a double can. */
function integerOf(unsigned: number): number {
  return unsigned >= 2 ** 63 ? unsigned - 2 ** 64 : unsigned;
}
