import { JsonCursor } from '../../pipeline/json-cursor.ts';
import type { RecordFormat } from '../../pipeline/ingest-record.ts';
import { ProtobufCursor, WIRE } from '../protobuf-cursor.ts';
import { eachJsonField, type VisitField } from './json-values.ts';
import { eachLabel } from './loki-values.ts';
import { eachOtlpJsonAttribute } from './otlp-json-values.ts';
import { eachOtlpProtobufAttribute } from './otlp-protobuf-values.ts';

/** What the events in a stretch of the body have in common: OpenTelemetry's resource, Loki's labels. */
export interface SharedFields {
  readonly start: number;
  readonly end: number;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

const encoder = new TextEncoder();
/** Where in the document the groups are, and in a group what they share. */
const JSON_GROUPS = {
  'otlp-json': {
    list: encoder.encode('resourceLogs'),
    shared: encoder.encode('resource'),
    each: eachOtlpJsonAttribute,
  },
  'loki-json': { list: encoder.encode('streams'), shared: encoder.encode('stream'), each: eachJsonField },
} as const;
/** ResourceLogs and its resource, Stream and its labels: both are field 1 of field 1. */
const GROUPS = 1;
const SHARED = 1;

/** All groups of a body in order; none for formats in which every event stands for itself. Cold. */
export function sharedFieldsOf(format: RecordFormat, body: Uint8Array): readonly SharedFields[] {
  switch (format) {
    case 'otlp-json':
    case 'loki-json':
      return ofJson(body, JSON_GROUPS[format]);
    case 'otlp-protobuf':
      return ofProtobuf(body, (start, end, visit) => eachOtlpProtobufAttribute(body, start, end, visit));
    case 'loki-protobuf':
      return ofProtobuf(body, (start, end, visit) => {
        return eachLabel(Buffer.from(body.subarray(start, end)).toString('utf8'), visit);
      });
    case 'json':
    case 'elastic-bulk':
    case 'mapped-json':
    case 'syslog':
    case 'text':
      break;
  }
  return [];
}

interface JsonGroups {
  readonly list: Uint8Array;
  readonly shared: Uint8Array;
  readonly each: (bytes: Uint8Array, start: number, end: number, visit: VisitField) => boolean;
}

function ofJson(body: Uint8Array, { list, shared, each }: JsonGroups): SharedFields[] {
  const found: SharedFields[] = [];
  const cursor = new JsonCursor();
  cursor.begin(body);
  if (!cursor.enterObject()) return found;
  while (cursor.nextMember()) {
    if (!cursor.isKey(list) || !cursor.enterArray()) cursor.skip();
    else {
      while (cursor.nextElement()) {
        cursor.peek();
        const start = cursor.at;
        const fields: [string, string][] = [];
        if (!cursor.enterObject()) cursor.skip();
        else {
          while (cursor.nextMember()) {
            cursor.peek();
            const from = cursor.at;
            const isShared = cursor.isKey(shared);
            cursor.skip();
            if (isShared) each(body, from, cursor.at, (name, value) => fields.push([name, value]) === 0);
          }
        }
        found.push({ start, end: cursor.at, fields });
      }
    }
  }
  return found;
}

function ofProtobuf(
  body: Uint8Array,
  each: (start: number, end: number, visit: VisitField) => boolean,
): SharedFields[] {
  const found: SharedFields[] = [];
  const cursor = new ProtobufCursor();
  cursor.begin(body);
  while (cursor.next(body.length)) {
    if (cursor.field !== GROUPS || cursor.wire !== WIRE.bytes) continue;
    const { start, end } = cursor;
    const fields: [string, string][] = [];
    cursor.at = start;
    while (cursor.next(end)) {
      if (cursor.field !== SHARED || cursor.wire !== WIRE.bytes) continue;
      each(cursor.start, cursor.end, (name, value) => fields.push([name, value]) === 0);
    }
    cursor.at = end;
    found.push({ start, end, fields });
  }
  return found;
}
