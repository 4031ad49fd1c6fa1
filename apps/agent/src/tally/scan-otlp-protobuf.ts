/**
 * HOT, as `scan-json.ts`. Field numbers: opentelemetry/proto/logs/v1/logs.proto and common/v1/common.proto.
 */
import { type EventRejection, type EventScan, type EventText, SCAN_STEP } from './event-scan.ts';
import { ABSENT, EventSpans, SPAN } from './event-spans.ts';
import { nanosFixedMs } from './nanoseconds.ts';
import { otlpRecordText } from './otlp-record-text.ts';
import { ProtobufCursor, WIRE } from './protobuf-cursor.ts';
import { MAX_EVENT_BYTES } from './scan-json.ts';
import { knownTime, MAX_OTLP_RECORDS, recordTooLarge, tooManyRecords } from './scan-otlp-json.ts';

const REQUEST = { resourceLogs: 1 } as const;
const RESOURCE_LOGS = { resource: 1, scopeLogs: 2 } as const;
const RESOURCE = { attributes: 1 } as const;
const SCOPE_LOGS = { logRecords: 2 } as const;
const RECORD = {
  time: 1,
  severityNumber: 2,
  severityText: 3,
  body: 5,
  attributes: 6,
  traceId: 9,
  observedTime: 11,
} as const;
const PAIR = { key: 1, value: 2 } as const;
const VALUE = { text: 1, array: 5, pairs: 6 } as const;
const LIST = { items: 1 } as const;

const SERVICE_NAME = new TextEncoder().encode('service.name');
/** A value may nest this deep (design: reliability A12). */
const MAX_DEPTH = 32;
/** A level of nesting takes at least four bytes (two tags, two lengths): shorter values need no look. */
const SHALLOW_BYTES = 4 * MAX_DEPTH;

/** OTLP/protobuf: an ExportLogsServiceRequest. Unknown fields are stepped over. */
export class OtlpProtobufScan implements EventScan {
  readonly spans = new EventSpans();
  readonly isPlainText = true;
  line = 0;
  rejection: EventRejection = 'invalid_protobuf';
  detail = '';

  #bytes: Uint8Array = new Uint8Array(0);
  readonly #cursor = new ProtobufCursor();
  /** Ends of the ResourceLogs and the ScopeLogs that the cursor is in. */
  #resourceEnd = 0;
  #scopeEnd = 0;
  #serviceStart = ABSENT;
  #serviceEnd = ABSENT;
  #isTooDeep = false;

  begin(body: Uint8Array): void {
    this.#bytes = body;
    this.#cursor.begin(body);
    this.#resourceEnd = 0;
    this.#scopeEnd = 0;
    this.line = 0;
  }

  next(): number {
    const cursor = this.#cursor;
    for (;;) {
      if (cursor.at < this.#scopeEnd) {
        if (!cursor.next(this.#scopeEnd)) return this.#break();
        if (cursor.field === SCOPE_LOGS.logRecords && cursor.wire === WIRE.bytes) return this.#record();
      } else if (cursor.at < this.#resourceEnd) {
        if (!cursor.next(this.#resourceEnd)) return this.#break();
        if (cursor.field === RESOURCE_LOGS.scopeLogs && cursor.wire === WIRE.bytes) {
          this.#scopeEnd = cursor.end;
          cursor.at = cursor.start;
        }
      } else if (cursor.at < this.#bytes.length) {
        if (!cursor.next(this.#bytes.length)) return this.#break();
        if (cursor.field === REQUEST.resourceLogs && cursor.wire === WIRE.bytes) this.#beginResource();
      } else return cursor.isBroken ? this.#break() : SCAN_STEP.end;
    }
  }

  text(): EventText {
    return otlpRecordText(this.#bytes, this.spans.starts[SPAN.event], this.spans.ends[SPAN.event]);
  }

  /** Fields may come in any order, so the resource is looked for before the records that belong to it are read. */
  #beginResource(): void {
    const cursor = this.#cursor;
    const { start, end } = cursor;
    this.#resourceEnd = end;
    this.#serviceStart = ABSENT;
    cursor.at = start;
    while (cursor.next(end)) {
      if (cursor.field === RESOURCE_LOGS.resource && cursor.wire === WIRE.bytes) this.#readResource();
    }
    cursor.at = start;
  }

  #readResource(): void {
    const cursor = this.#cursor;
    const { start, end } = cursor;
    cursor.at = start;
    while (cursor.next(end)) {
      if (cursor.field === RESOURCE.attributes && cursor.wire === WIRE.bytes) this.#readAttribute();
    }
    cursor.at = end;
  }

  #readAttribute(): void {
    const cursor = this.#cursor;
    const { start, end } = cursor;
    let isService = false;
    let valueStart = 0;
    let valueEnd = 0;
    cursor.at = start;
    while (cursor.next(end)) {
      if (cursor.wire !== WIRE.bytes) continue;
      if (cursor.field === PAIR.key) isService = isSame(this.#bytes, cursor.start, cursor.end, SERVICE_NAME);
      else if (cursor.field === PAIR.value) {
        valueStart = cursor.start;
        valueEnd = cursor.end;
      }
    }
    if (isService) {
      cursor.at = valueStart;
      while (cursor.next(valueEnd)) {
        if (cursor.field !== VALUE.text || cursor.wire !== WIRE.bytes || cursor.start === cursor.end) continue;
        this.#serviceStart = cursor.start;
        this.#serviceEnd = cursor.end;
      }
    }
    cursor.at = end;
  }

  #record(): number {
    const cursor = this.#cursor;
    const bytes = this.#bytes;
    const { start, end } = cursor;
    this.line++;
    if (this.line > MAX_OTLP_RECORDS) return this.#refuse(SCAN_STEP.broken, 'body_too_large', tooManyRecords());
    const spans = this.spans;
    spans.clear();
    spans.set(SPAN.event, start, end);
    spans.set(SPAN.service, this.#serviceStart, this.#serviceEnd);
    // Protobuf leaves an empty body out.
    spans.set(SPAN.message, end, end);
    this.#isTooDeep = false;
    let timeMs = 0;
    let observedMs = 0;
    cursor.at = start;
    while (cursor.next(end)) {
      switch (cursor.field) {
        case RECORD.time:
          if (cursor.wire === WIRE.fixed64) timeMs = nanosFixedMs(bytes, cursor.start);
          break;
        case RECORD.observedTime:
          if (cursor.wire === WIRE.fixed64) observedMs = nanosFixedMs(bytes, cursor.start);
          break;
        case RECORD.severityNumber:
          if (cursor.wire === WIRE.varint) spans.severity = cursor.value <= 24 ? cursor.value : 0;
          break;
        case RECORD.severityText:
          if (cursor.wire === WIRE.bytes) spans.set(SPAN.level, cursor.start, cursor.end);
          break;
        case RECORD.traceId:
          if (cursor.wire === WIRE.bytes && cursor.end > cursor.start)
            spans.set(SPAN.traceId, cursor.start, cursor.end);
          break;
        case RECORD.body:
          if (cursor.wire === WIRE.bytes) this.#readBody();
          break;
        case RECORD.attributes:
          if (cursor.wire === WIRE.bytes && cursor.end - cursor.start > SHALLOW_BYTES) this.#measurePair(1);
          break;
        default:
      }
    }
    if (cursor.isBroken) return this.#break();
    cursor.at = end;
    spans.timeMs = knownTime(timeMs, observedMs);
    if (end - start > MAX_EVENT_BYTES) {
      return this.#refuse(SCAN_STEP.rejected, 'event_too_large', recordTooLarge(end - start));
    }
    return this.#isTooDeep
      ? this.#refuse(SCAN_STEP.rejected, 'nesting_too_deep', `the log record is nested more than ${MAX_DEPTH} deep`)
      : SCAN_STEP.event;
  }

  /** The body in the cursor's field: mostly a text, which is the message. Leaves the cursor behind it. */
  #readBody(): void {
    const cursor = this.#cursor;
    const { start, end } = cursor;
    cursor.at = start;
    if (cursor.next(end) && cursor.at === end && cursor.field === VALUE.text && cursor.wire === WIRE.bytes) {
      this.spans.set(SPAN.message, cursor.start, cursor.end);
      return;
    }
    this.spans.isMessageMade = end > start;
    cursor.start = start;
    cursor.end = end;
    if (end - start > SHALLOW_BYTES) this.#measureValue(1);
    cursor.at = end;
  }

  /** The value in the cursor's field: is it nested too deep? Leaves the cursor behind it. */
  #measureValue(depth: number): void {
    const cursor = this.#cursor;
    const { start, end } = cursor;
    if (depth > MAX_DEPTH) {
      this.#isTooDeep = true;
      return;
    }
    cursor.at = start;
    while (cursor.next(end)) {
      if (cursor.wire !== WIRE.bytes || (cursor.field !== VALUE.array && cursor.field !== VALUE.pairs)) continue;
      this.#measureList(cursor.field === VALUE.pairs, depth + 1);
    }
    cursor.at = end;
  }

  #measureList(isPairs: boolean, depth: number): void {
    const cursor = this.#cursor;
    const { start, end } = cursor;
    cursor.at = start;
    while (cursor.next(end)) {
      if (cursor.wire !== WIRE.bytes || cursor.field !== LIST.items) continue;
      if (isPairs) this.#measurePair(depth);
      else this.#measureValue(depth);
    }
    cursor.at = end;
  }

  #measurePair(depth: number): void {
    const cursor = this.#cursor;
    const { start, end } = cursor;
    cursor.at = start;
    while (cursor.next(end)) {
      if (cursor.wire === WIRE.bytes && cursor.field === PAIR.value) this.#measureValue(depth);
    }
    cursor.at = end;
  }

  #break(): number {
    const detail = `not an OTLP logs request at byte ${this.#cursor.at}; nothing of it was stored`;
    return this.#refuse(SCAN_STEP.broken, 'invalid_protobuf', detail);
  }

  #refuse(step: number, rejection: EventRejection, detail: string): number {
    this.rejection = rejection;
    this.detail = detail;
    return step;
  }
}

function isSame(bytes: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text[i]) return false;
  return true;
}
