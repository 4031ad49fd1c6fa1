/**
 * How a text is to be read. It is written at the head of the journalled body, so a record says itself how it was counted: a
 * configuration that changes never changes what already lies in the journal, and a replay comes to the same counts.
 *
 *     SLR1 <receipt, Unix ms> <reading as JSON> LF <the bytes as they were received>
 */
export interface TextReading {
  /**
   * One of PARSERS or of `patterns`; `auto` tries them all, `plain` none; `cri` and `journald` change what a line is, and so are
   * chosen by name only.
   */
  readonly parser: string;
  /** `framed`: RFC 6587, mixed as on a syslog connection. */
  readonly layout: 'lines' | 'framed';
  /** IANA zone of times that name none. */
  readonly zone: string;
  /** The same by service or host, which goes before `zone`. */
  readonly zones?: Readonly<Record<string, string>>;
  /** Regular expressions (RE2) with the named groups time, service, level, message. */
  readonly patterns?: Readonly<Record<string, string>>;
  /** Which lines belong to the one before: stack traces, none, or what a regular expression (RE2) finds. */
  readonly join: string;
  /** Where the fields of JSON and logfmt lie; dots step into objects. Looked at before the usual names. */
  readonly fields?: FieldNames;
  /** What events must hold, by service; `*` is for those without a schema of their own. */
  readonly schemas?: Readonly<Record<string, EventSchema>>;
  /** Address of the sender, for messages that name no host. */
  readonly peer?: string;
}

export const MAPPED_FIELDS = ['time', 'service', 'level', 'message'] as const;
export type MappedField = (typeof MAPPED_FIELDS)[number];
export type FieldNames = { readonly [Field in MappedField]?: readonly string[] | undefined };

export const FIELD_TYPES = ['string', 'number', 'boolean', 'timestamp'] as const;

/** What an event must hold to be counted (S3-01). Events that do not become dead letters. */
export interface EventSchema {
  readonly required: readonly string[];
  readonly levels?: readonly string[] | undefined;
  readonly types: Readonly<Record<string, (typeof FIELD_TYPES)[number]>>;
}

/** In the order in which `auto` tries them. */
export const PARSERS = ['json', 'syslog', 'timestamped', 'access', 'logfmt'] as const;
export type ParserName = (typeof PARSERS)[number];

export const JOIN_STACKS = 'stack';
export const JOIN_NOTHING = 'none';

const MAGIC = 'SLR1 ';
const LF = 0x0a;
const SPACE = 0x20;

/** The head of a body that is read so. */
export function textHead(reading: TextReading, receivedAtMs: number): Buffer {
  return Buffer.from(`${MAGIC}${Math.floor(receivedAtMs)} ${JSON.stringify(reading)}\n`);
}

export interface TextHead {
  readonly receivedAtMs: number;
  /** The JSON of the TextReading: a key for what is made of it. */
  readonly reading: string;
  /** First byte behind the head. */
  readonly start: number;
}

/** Undefined when the body has no head: no record of ours. */
export function readTextHead(body: Uint8Array): TextHead | undefined {
  const end = body.indexOf(LF);
  const space = body.indexOf(SPACE, MAGIC.length);
  if (end < 0 || space < 0 || space > end) return undefined;
  const text = Buffer.from(body.buffer, body.byteOffset, end).toString('utf8');
  const receivedAtMs = Number(text.slice(MAGIC.length, space));
  if (!text.startsWith(MAGIC) || !Number.isSafeInteger(receivedAtMs)) return undefined;
  return { receivedAtMs, reading: text.slice(space + 1), start: end + 1 };
}
