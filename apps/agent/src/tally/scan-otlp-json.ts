import { JsonCursor } from '../pipeline/json-cursor.ts';
import { type EventRejection, type EventScan, type EventText, SCAN_STEP } from './event-scan.ts';
import { ABSENT, EventSpans, SPAN } from './event-spans.ts';
import { bytesText } from './json-text.ts';
import { nanosTextMs } from './nanoseconds.ts';
import { MAX_EVENT_BYTES } from './scan-json.ts';

/** Of one request (design: reliability A12): empty records cost the sender next to nothing and us something each. */
export const MAX_OTLP_RECORDS = 100_000;

const encoder = new TextEncoder();
const RESOURCE_LOGS = encoder.encode('resourceLogs');
const RESOURCE = encoder.encode('resource');
const ATTRIBUTES = encoder.encode('attributes');
const KEY = encoder.encode('key');
const VALUE = encoder.encode('value');
const STRING_VALUE = encoder.encode('stringValue');
const SERVICE_NAME = encoder.encode('service.name');
const SCOPE_LOGS = encoder.encode('scopeLogs');
const LOG_RECORDS = encoder.encode('logRecords');
const TIME = encoder.encode('timeUnixNano');
const OBSERVED_TIME = encoder.encode('observedTimeUnixNano');
const SEVERITY_NUMBER = encoder.encode('severityNumber');
const SEVERITY_TEXT = encoder.encode('severityText');
const BODY = encoder.encode('body');
const TRACE_ID = encoder.encode('traceId');

type Place = 'request' | 'resources' | 'resource' | 'scopes' | 'scope' | 'records' | 'done';

/** OTLP/JSON: an ExportLogsServiceRequest in protobuf's JSON mapping; unknown members are stepped over. */
export class OtlpJsonScan implements EventScan {
  readonly spans = new EventSpans();
  readonly isPlainText = false;
  line = 0;
  rejection: EventRejection = 'invalid_json';
  detail = '';

  #bytes: Uint8Array = new Uint8Array(0);
  #place: Place = 'done';
  readonly #cursor = new JsonCursor();
  readonly #ahead = new JsonCursor();
  #hasResource = false;
  #serviceStart = ABSENT;
  #serviceEnd = ABSENT;

  begin(body: Uint8Array): void {
    this.#bytes = body;
    this.line = 0;
    this.#cursor.begin(body);
    this.#place = 'request';
    // No bytes at all are an empty request, as in protobuf.
    if (body.length === 0) this.#place = 'done';
    else if (!this.#cursor.enterObject()) this.#cursor.break();
  }

  next(): number {
    const cursor = this.#cursor;
    for (;;) {
      switch (this.#place) {
        case 'request':
          if (!cursor.nextMember()) return this.#finish();
          this.#enterList(RESOURCE_LOGS, 'resources');
          break;
        case 'resources':
          if (!cursor.nextElement()) this.#place = 'request';
          else if (cursor.enterObject()) this.#beginResource();
          else cursor.break();
          break;
        case 'resource':
          if (!cursor.nextMember()) this.#place = 'resources';
          else if (cursor.isKey(RESOURCE)) this.#readResource(cursor);
          else {
            if (!this.#hasResource && cursor.isKey(SCOPE_LOGS)) this.#findResource();
            this.#enterList(SCOPE_LOGS, 'scopes');
          }
          break;
        case 'scopes':
          if (!cursor.nextElement()) this.#place = 'resource';
          else if (cursor.enterObject()) this.#place = 'scope';
          else cursor.break();
          break;
        case 'scope':
          if (!cursor.nextMember()) this.#place = 'scopes';
          else this.#enterList(LOG_RECORDS, 'records');
          break;
        case 'records':
          if (cursor.nextElement()) return this.#record();
          this.#place = 'scope';
          break;
        case 'done':
          return SCAN_STEP.end;
      }
    }
  }

  text(): EventText {
    const record: unknown = JSON.parse(
      bytesText(this.#bytes, this.spans.starts[SPAN.event], this.spans.ends[SPAN.event]),
    );
    const fields = new Map<string, unknown>(Object.entries(record ?? {}));
    const traceId = fields.get('traceId');
    const message = bodyText(fields.get('body'));
    return typeof traceId === 'string' && traceId !== '' ? { message, traceId } : { message };
  }

  #enterList(key: Uint8Array, place: Place): void {
    const cursor = this.#cursor;
    if (cursor.isKey(key) && cursor.enterArray()) this.#place = place;
    else cursor.skip();
  }

  #beginResource(): void {
    this.#place = 'resource';
    this.#hasResource = false;
    this.#serviceStart = ABSENT;
  }

  /** JSON has no order of members: the records may come before the resource that they belong to. */
  #findResource(): void {
    const ahead = this.#ahead;
    ahead.begin(this.#bytes, this.#cursor.at);
    ahead.skip();
    while (ahead.nextMember()) {
      if (ahead.isKey(RESOURCE)) this.#readResource(ahead);
      else ahead.skip();
    }
  }

  #readResource(cursor: JsonCursor): void {
    this.#hasResource = true;
    if (!cursor.enterObject()) {
      cursor.skip();
      return;
    }
    while (cursor.nextMember()) {
      if (cursor.isKey(ATTRIBUTES) && cursor.enterArray()) while (cursor.nextElement()) this.#readAttribute(cursor);
      else cursor.skip();
    }
  }

  #readAttribute(cursor: JsonCursor): void {
    let isService = false;
    let start = ABSENT;
    let end = ABSENT;
    if (!cursor.enterObject()) {
      cursor.skip();
      return;
    }
    while (cursor.nextMember()) {
      if (cursor.isKey(KEY)) {
        isService = cursor.text() && isSame(this.#bytes, cursor.textStart, cursor.textEnd, SERVICE_NAME);
      } else if (cursor.isKey(VALUE) && cursor.enterObject()) {
        while (cursor.nextMember()) {
          if (!cursor.isKey(STRING_VALUE)) cursor.skip();
          else if (cursor.text()) {
            start = cursor.textStart;
            end = cursor.textEnd;
          }
        }
      } else cursor.skip();
    }
    if (isService && end > start) {
      this.#serviceStart = start;
      this.#serviceEnd = end;
    }
  }

  #record(): number {
    const cursor = this.#cursor;
    this.line++;
    if (this.line > MAX_OTLP_RECORDS) {
      this.#place = 'done';
      return this.#refuse(SCAN_STEP.broken, 'body_too_large', tooManyRecords());
    }
    cursor.peek();
    const spans = this.spans;
    const start = cursor.at;
    spans.clear();
    spans.set(SPAN.service, this.#serviceStart, this.#serviceEnd);
    spans.set(SPAN.message, start, start);
    let timeMs = 0;
    let observedMs = 0;
    if (!cursor.enterObject()) cursor.break();
    while (cursor.nextMember()) {
      if (cursor.isKey(TIME)) timeMs = this.#nanos();
      else if (cursor.isKey(OBSERVED_TIME)) observedMs = this.#nanos();
      else if (cursor.isKey(SEVERITY_NUMBER)) spans.severity = this.#severityNumber();
      else if (cursor.isKey(SEVERITY_TEXT)) {
        if (cursor.text()) spans.set(SPAN.level, cursor.textStart, cursor.textEnd);
      } else if (cursor.isKey(TRACE_ID)) {
        if (cursor.text() && cursor.textEnd > cursor.textStart) {
          spans.set(SPAN.traceId, cursor.textStart, cursor.textEnd);
        }
      } else if (cursor.isKey(BODY)) this.#readBody();
      else cursor.skip();
    }
    spans.set(SPAN.event, start, cursor.at);
    if (cursor.isBroken) return this.#finish();
    spans.timeMs = knownTime(timeMs, observedMs);
    const bytes = cursor.at - start;
    return bytes > MAX_EVENT_BYTES
      ? this.#refuse(SCAN_STEP.rejected, 'event_too_large', recordTooLarge(bytes))
      : SCAN_STEP.event;
  }

  /** Mostly `{"stringValue":"…"}`, which is the message; of anything else the JSON is. */
  #readBody(): void {
    const cursor = this.#cursor;
    cursor.peek();
    const spans = this.spans;
    const start = cursor.at;
    spans.isMessageEscaped = false;
    if (!cursor.enterObject()) cursor.skip();
    else {
      while (cursor.nextMember()) {
        if (!cursor.isKey(STRING_VALUE)) cursor.skip();
        else if (cursor.text()) {
          spans.set(SPAN.message, cursor.textStart, cursor.textEnd);
          spans.isMessageEscaped = true;
        }
      }
    }
    if (!spans.isMessageEscaped) spans.set(SPAN.message, start, cursor.at);
  }

  /** 64-bit integers come as strings or as numbers; 0 when it is neither. */
  #nanos(): number {
    const cursor = this.#cursor;
    const ms = cursor.textOrNumber() ? nanosTextMs(this.#bytes, cursor.textStart, cursor.textEnd) : 0;
    return Number.isNaN(ms) ? 0 : ms;
  }

  #severityNumber(): number {
    const cursor = this.#cursor;
    if (!cursor.textOrNumber()) return 0;
    let value = 0;
    for (let i = cursor.textStart; i < cursor.textEnd; i++) value = value * 10 + this.#bytes[i] - 0x30;
    return value >= 1 && value <= 24 ? value : 0;
  }

  #finish(): number {
    const cursor = this.#cursor;
    this.#place = 'done';
    if (cursor.isAtEnd()) return SCAN_STEP.end;
    const what = cursor.isTooDeep ? 'nested more than 32 deep' : 'not an OTLP logs request';
    const code = cursor.isTooDeep ? 'nesting_too_deep' : 'invalid_json';
    return this.#refuse(SCAN_STEP.broken, code, `${what} from byte ${cursor.at} on; nothing of it was stored`);
  }

  #refuse(step: number, rejection: EventRejection, detail: string): number {
    this.rejection = rejection;
    this.detail = detail;
    return step;
  }
}

/** The time of an OTLP record: 0 stands for unknown; then the collector's time of seeing it counts. */
export function knownTime(timeMs: number, observedMs: number): number {
  if (timeMs > 0) return timeMs;
  return observedMs > 0 ? observedMs : Number.NaN;
}

export function tooManyRecords(): string {
  return `a request has at most ${MAX_OTLP_RECORDS} log records; send smaller batches`;
}

export function recordTooLarge(bytes: number): string {
  return `the log record has ${bytes} bytes; the limit is ${MAX_EVENT_BYTES}`;
}

function bodyText(body: unknown): string {
  const [kind, value] = Object.entries(body ?? {})[0] ?? [];
  if (kind === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isSame(bytes: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text[i]) return false;
  return true;
}
