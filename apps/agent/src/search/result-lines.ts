import type { SearchHit } from '@sentinellog/shared';
import type { FoundEvent } from './found-event.ts';
import { cursorOf } from './hit-list.ts';
import type { HitPlace } from './search-task.ts';

/** A hit is something to read; whoever needs all of an event exports it. */
const MAX_MESSAGE_CHARACTERS = 16_384;
const MAX_FIELDS = 128;
const MAX_FIELD_CHARACTERS = 2048;

export function hitOf(event: FoundEvent, place: HitPlace, withFields: boolean): SearchHit {
  const traceId = event.traceId();
  return {
    type: 'hit',
    id: cursorOf(place),
    at_ms: event.atMs,
    received_at_ms: event.receivedAtMs,
    service: event.service,
    level: event.level,
    message: event.message().slice(0, MAX_MESSAGE_CHARACTERS),
    ...(traceId !== undefined && { trace_id: traceId }),
    ...(withFields && { fields: fieldsOf(event, MAX_FIELDS, MAX_FIELD_CHARACTERS) }),
  };
}

function fieldsOf(event: FoundEvent, mostFields: number, mostCharacters: number): Record<string, string> {
  const fields = new Map<string, string>();
  event.eachField((name, value) => {
    const before = fields.get(name);
    const cut = value.slice(0, mostCharacters);
    // The elements of a list share a name.
    fields.set(name, before === undefined ? cut : `${before}, ${cut}`.slice(0, mostCharacters));
    return fields.size >= mostFields;
  });
  return Object.fromEntries(fields);
}

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;

/**
 * One event as a line. What came as JSON leaves as the same bytes; a line break between its tokens (inside of a text
 * there can be none) becomes a blank. What came as something else becomes a JSON object that can be sent in again.
 */
export function exportLine(event: FoundEvent): Uint8Array {
  const json = event.json();
  if (json === undefined) return Buffer.from(`${JSON.stringify(recordOf(event))}\n`);
  const line = Buffer.allocUnsafe(json.length + 1);
  line.set(json);
  for (let at = line.indexOf(LF); at >= 0 && at < json.length; at = line.indexOf(LF, at + 1)) line[at] = SPACE;
  for (let at = line.indexOf(CR); at >= 0 && at < json.length; at = line.indexOf(CR, at + 1)) line[at] = SPACE;
  line[json.length] = LF;
  return line;
}

function recordOf(event: FoundEvent): Record<string, string | readonly string[]> {
  const fields = new Map<string, string | string[]>();
  event.eachField((name, value) => {
    const before = fields.get(name);
    if (before === undefined) fields.set(name, value);
    else if (typeof before === 'string') fields.set(name, [before, value]);
    else before.push(value);
    return false;
  });
  for (const name of ['timestamp', 'service', 'level', 'message', 'trace_id']) fields.delete(name);
  const traceId = event.traceId();
  return {
    timestamp: new Date(event.atMs).toISOString(),
    service: event.service,
    level: event.level,
    message: event.message(),
    ...(traceId !== undefined && { trace_id: traceId }),
    ...Object.fromEntries(fields),
  };
}

export const CSV_HEAD = 'time,received,service,level,trace_id,message,fields\r\n';

/** RFC 4180. A cell that a spreadsheet would run as a formula is made text by an apostrophe in front of it. */
export function csvLine(event: FoundEvent): string {
  const cells = [
    new Date(event.atMs).toISOString(),
    new Date(event.receivedAtMs).toISOString(),
    event.service,
    event.level,
    event.traceId() ?? '',
    event.message(),
    JSON.stringify(fieldsOf(event, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)),
  ];
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(text: string): string {
  // OWASP's list, and the full-width forms that spreadsheets take for the same.
  const safe = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
