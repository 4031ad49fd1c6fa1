import { SPAN } from './event-spans.ts';

/**
 * Where shippers put the fields that are counted, most specific name first: when an event carries several,
 * the first in the list wins; a repeated key counts as JSON.parse would take it, the last one.
 */
export const FIELD_NAMES = {
  time: ['timestamp', '@timestamp', 'time', 'ts'],
  service: ['service', 'service.name', 'service_name', 'app'],
  level: ['level', 'severity', 'log.level', 'lvl'],
  message: ['message', 'msg', 'body'],
  durationMs: [
    'duration_ms',
    'durationMs',
    'elapsed_ms',
    'latency_ms',
    'response_time_ms',
    'duration',
    'latency',
    'response_time',
    'responseTime',
    'elapsed',
    'took',
  ],
  statusCode: ['status_code', 'statusCode', 'http.response.status_code', 'http_status', 'status'],
  traceId: ['trace_id', 'traceId', 'trace.id', 'traceid', 'traceID'],
  userId: ['user_id', 'userId', 'user.id'],
  errorCode: ['error_code', 'errorCode', 'error.code'],
} as const;
type FieldName = keyof typeof FIELD_NAMES;

/** What a key says: nothing that is asked for, a span (SPAN of event-spans.ts), or an object that holds the level. */
export const FIELD = { none: 0, logObject: 15 } as const;

interface KnownKey {
  readonly key: Uint8Array;
  readonly field: number;
  /** Place in its list of FIELD_NAMES: lower wins. */
  readonly rank: number;
}

const encoder = new TextEncoder();
const KNOWN_KEYS: readonly KnownKey[] = [
  ...(Object.keys(FIELD_NAMES) as FieldName[]).flatMap(known),
  // Elastic Common Schema nests: {"log":{"level":"error"}}; {"service":{"name":…}} comes by `service` itself.
  { key: encoder.encode('log'), field: FIELD.logObject, rank: FIELD_NAMES.level.indexOf('log.level') },
];

function known(name: FieldName): KnownKey[] {
  return FIELD_NAMES[name].map((key, rank) => ({ key: encoder.encode(key), field: SPAN[name], rank }));
}

/** Length, first and last byte: tells most unknown keys from the known ones with one load and no comparison. */
function slotOf(length: number, first: number, last: number): number {
  return (length * 13 + first * 3 + last * 5) & 0xff;
}

const BY_SLOT: readonly (readonly KnownKey[])[] = Array.from({ length: 256 }, (_, slot) =>
  KNOWN_KEYS.filter(({ key }) => slotOf(key.length, key[0], key[key.length - 1]) === slot),
);
const IS_USED = Uint8Array.from(BY_SLOT, (keys) => keys.length);

/**
 * The field that a key of the event stands for, as `field | rank << 8`; 0 for a key that is not counted.
 * @param start first byte of the key inside its quotes
 * @param end the closing quote
 */
export function fieldOf(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length === 0) return FIELD.none;
  const slot = slotOf(length, bytes[start], bytes[end - 1]);
  if (IS_USED[slot] === 0) return FIELD.none;
  for (const { key, field, rank } of BY_SLOT[slot]) {
    if (isSame(key, bytes, start, length)) return field | (rank << 8);
  }
  return FIELD.none;
}

function isSame(key: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean {
  if (key.length !== length) return false;
  for (let i = 0; i < length; i++) if (bytes[start + i] !== key[i]) return false;
  return true;
}
