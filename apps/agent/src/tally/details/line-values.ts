import { JsonCursor } from '../../pipeline/json-cursor.ts';
import { eachJsonField, type VisitField } from './json-values.ts';

/** `name=value`, as logfmt, syslog's structured data, journald and many loggers write it. */
const PAIRS = /([A-Za-z_][\w.@/-]*)=(?:"((?:[^"\\]|\\.)*)"|([^\s"\]]+))/g;

/** A line of somebody's log: the message; besides, if it is a logger's JSON, the fields of that. */
export function eachLineField(line: string, visit: VisitField): boolean {
  if (!line.startsWith('{')) return visit('message', line);
  const bytes = Buffer.from(line);
  return isJson(bytes) ? eachJsonField(bytes, 0, bytes.length, visit) : visit('message', line);
}

/**
 * A line whose format was found by its looks: its message, all of it as `line`, and whatever in it has a name. True:
 * `visit` ended it.
 */
export function eachTextField(line: Buffer, message: string, visit: VisitField): boolean {
  const text = line.toString('utf8');
  if (visit('message', message) || visit('line', text)) return true;
  const brace = line.indexOf('{');
  const json = brace < 0 ? undefined : line.subarray(brace, line.lastIndexOf('}') + 1);
  if (json !== undefined && isJson(json)) return eachJsonField(json, 0, json.length, visit);
  for (const [, name, quoted, plain] of text.matchAll(PAIRS)) {
    if (visit(name, plain ?? quoted.replaceAll(/\\(["\\])/g, '$1'))) return true;
  }
  return false;
}

function isJson(bytes: Uint8Array): boolean {
  const cursor = new JsonCursor();
  cursor.begin(bytes);
  cursor.skip();
  return cursor.isAtEnd();
}
