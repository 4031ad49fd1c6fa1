import { JsonCursor } from '../../pipeline/json-cursor.ts';

/** Gets one value of an event with the name of its field; true ends the walk. */
export type VisitField = (name: string, value: string) => boolean;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NULL = 0x6e;

/** Every value of a JSON text as it was written (`1e3` stays so), nested ones as `a.b`. Cold. True: `visit` ended it. */
export function eachJsonField(bytes: Uint8Array, start: number, end: number, visit: VisitField): boolean {
  const cursor = new JsonCursor();
  cursor.begin(bytes, start, end);
  return eachValue(cursor, bytes, '', visit);
}

/** The value that is due at the cursor. Nothing is there for `null`. */
export function eachValue(cursor: JsonCursor, bytes: Uint8Array, name: string, visit: VisitField): boolean {
  if (cursor.enterObject()) {
    while (cursor.nextMember()) {
      const key = jsonString(bytes, cursor.keyStart, cursor.keyEnd);
      if (eachValue(cursor, bytes, name === '' ? key : `${name}.${key}`, visit)) return true;
    }
    return false;
  }
  if (cursor.enterArray()) {
    while (cursor.nextElement()) if (eachValue(cursor, bytes, name, visit)) return true;
    return false;
  }
  const first = cursor.peek();
  if (first === QUOTE) return cursor.text() && visit(name, jsonString(bytes, cursor.textStart, cursor.textEnd));
  const start = cursor.at;
  cursor.skip();
  return (
    first !== NULL && !cursor.isBroken && visit(name, Buffer.from(bytes.subarray(start, cursor.at)).toString('latin1'))
  );
}

/** A well-formed JSON string without its quotes. */
export function jsonString(bytes: Uint8Array, start: number, end: number): string {
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  const text = raw.toString('utf8');
  if (!raw.includes(BACKSLASH)) return text;
  const decoded: unknown = JSON.parse(`"${text}"`);
  return String(decoded);
}
