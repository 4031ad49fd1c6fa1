import { ProtobufCursor, WIRE } from '../protobuf-cursor.ts';
import { JsonCursor } from '../../pipeline/json-cursor.ts';
import { eachValue, jsonString, type VisitField } from './json-values.ts';
import { eachLineField } from './line-values.ts';

const ENTRY = { line: 2, metadata: 3 } as const;
const LABEL = { name: 1, value: 2 } as const;

/** `["<ns>", "line", {metadata}]` */
export function eachLokiJsonField(bytes: Uint8Array, start: number, end: number, visit: VisitField): boolean {
  const cursor = new JsonCursor();
  cursor.begin(bytes, start, end);
  if (!cursor.enterArray() || !cursor.nextElement()) return false;
  cursor.skip();
  if (!cursor.nextElement() || !cursor.text()) return false;
  if (eachLineField(jsonString(bytes, cursor.textStart, cursor.textEnd), visit)) return true;
  return cursor.nextElement() && eachValue(cursor, bytes, '', visit);
}

export function eachLokiProtobufField(body: Uint8Array, start: number, end: number, visit: VisitField): boolean {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const cursor = new ProtobufCursor();
  cursor.begin(bytes);
  cursor.at = start;
  while (cursor.next(end)) {
    if (cursor.wire !== WIRE.bytes) continue;
    if (cursor.field === ENTRY.line) {
      if (eachLineField(bytes.toString('utf8', cursor.start, cursor.end), visit)) return true;
    } else if (cursor.field === ENTRY.metadata) {
      if (oneLabel(bytes, cursor, visit)) return true;
    }
  }
  return false;
}

/** The label in the cursor's field. Leaves the cursor behind it. */
function oneLabel(bytes: Buffer, cursor: ProtobufCursor, visit: VisitField): boolean {
  const { start, end } = cursor;
  let name = '';
  let value = '';
  cursor.at = start;
  while (cursor.next(end)) {
    if (cursor.wire !== WIRE.bytes) continue;
    if (cursor.field === LABEL.name) name = bytes.toString('utf8', cursor.start, cursor.end);
    else if (cursor.field === LABEL.value) value = bytes.toString('utf8', cursor.start, cursor.end);
  }
  cursor.at = end;
  return visit(name, value);
}

/** `{app="payment", level="error"}`, as Prometheus writes labels. */
export function eachLabel(text: string, visit: VisitField): boolean {
  for (const [, name, quoted] of text.matchAll(/([A-Za-z_][\w]*)="((?:[^"\\]|\\.)*)"/g)) {
    if (
      visit(
        name,
        quoted.replaceAll(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter)),
      )
    )
      return true;
  }
  return false;
}
