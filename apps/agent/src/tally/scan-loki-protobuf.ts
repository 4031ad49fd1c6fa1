import { type EventRejection, type EventScan, type EventText, SCAN_STEP } from './event-scan.ts';
import { ABSENT, EventSpans, SPAN } from './event-spans.ts';
import { bytesText, lineText } from './json-text.ts';
import { levelRank, serviceRank, TRACE_LABELS } from './loki-labels.ts';
import { ProtobufCursor, WIRE } from './protobuf-cursor.ts';
import { MAX_EVENT_BYTES } from './scan-json.ts';

/** Field numbers: grafana/loki pkg/push/push.proto. */
const REQUEST = { streams: 1 } as const;
const STREAM = { labels: 1, entries: 2 } as const;
const ENTRY = { time: 1, line: 2, metadata: 3 } as const;
const TIME = { seconds: 1, nanos: 2 } as const;
const LABEL = { name: 1, value: 2 } as const;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const EQUALS = 0x3d;

/** Loki push in protobuf, as promtail and Alloy send it; the body has been unpacked from snappy before. */
export class LokiProtobufScan implements EventScan {
  readonly spans = new EventSpans();
  readonly isPlainText = true;
  line = 0;
  rejection: EventRejection = 'invalid_protobuf';
  detail = '';

  #bytes: Uint8Array = new Uint8Array(0);
  readonly #cursor = new ProtobufCursor();
  #streamEnd = 0;
  #serviceStart = ABSENT;
  #serviceEnd = ABSENT;
  #streamLevelStart = ABSENT;
  #streamLevelEnd = ABSENT;

  begin(body: Uint8Array): void {
    this.#bytes = body;
    this.#cursor.begin(body);
    this.#streamEnd = 0;
    this.line = 0;
  }

  next(): number {
    const cursor = this.#cursor;
    for (;;) {
      if (cursor.at < this.#streamEnd) {
        if (!cursor.next(this.#streamEnd)) return this.#break();
        if (cursor.field === STREAM.entries && cursor.wire === WIRE.bytes) return this.#entry();
      } else if (cursor.at < this.#bytes.length) {
        if (!cursor.next(this.#bytes.length)) return this.#break();
        if (cursor.field === REQUEST.streams && cursor.wire === WIRE.bytes) this.#beginStream();
      } else return cursor.isBroken ? this.#break() : SCAN_STEP.end;
    }
  }

  text(): EventText {
    const cursor = new ProtobufCursor();
    cursor.begin(this.#bytes);
    cursor.at = this.spans.starts[SPAN.event];
    let line = '';
    let traceId: string | undefined;
    while (cursor.next(this.spans.ends[SPAN.event])) {
      if (cursor.wire !== WIRE.bytes) continue;
      const { field, start, end } = cursor;
      if (field === ENTRY.line) line = bytesText(this.#bytes, start, end);
      else if (field === ENTRY.metadata) {
        const [name, value] = this.#label(cursor);
        if (TRACE_LABELS.includes(name)) traceId = value;
      }
    }
    const text = lineText(line);
    return traceId === undefined ? text : { ...text, traceId };
  }

  #label(cursor: ProtobufCursor): [string, string] {
    const { start, end } = cursor;
    const texts = ['', ''] as [string, string];
    cursor.at = start;
    while (cursor.next(end)) {
      if (cursor.wire !== WIRE.bytes || (cursor.field !== LABEL.name && cursor.field !== LABEL.value)) continue;
      texts[cursor.field - LABEL.name] = bytesText(this.#bytes, cursor.start, cursor.end);
    }
    cursor.at = end;
    return texts;
  }

  #beginStream(): void {
    const cursor = this.#cursor;
    const { start, end } = cursor;
    this.#streamEnd = end;
    this.#serviceStart = ABSENT;
    this.#streamLevelStart = ABSENT;
    cursor.at = start;
    while (cursor.next(end)) {
      if (cursor.field === STREAM.labels && cursor.wire === WIRE.bytes) this.#readLabels(cursor.start, cursor.end);
    }
    cursor.at = start;
  }

  /** `{app="payment", level="error"}`, as Prometheus writes labels. What is not of this shape has no labels. */
  #readLabels(start: number, end: number): void {
    const bytes = this.#bytes;
    let bestService = Number.POSITIVE_INFINITY;
    let bestLevel = Number.POSITIVE_INFINITY;
    let at = start;
    while (at < end) {
      while (at < end && !isNameByte(bytes[at])) at++;
      const nameStart = at;
      while (at < end && isNameByte(bytes[at])) at++;
      const nameEnd = at;
      if (at + 1 >= end || bytes[at] !== EQUALS || bytes[at + 1] !== QUOTE) return;
      at += 2;
      const valueStart = at;
      while (at < end && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
      if (at >= end) return;
      const service = serviceRank(bytes, nameStart, nameEnd);
      const level = levelRank(bytes, nameStart, nameEnd);
      if (at > valueStart && service < bestService) {
        bestService = service;
        this.#serviceStart = valueStart;
        this.#serviceEnd = at;
      }
      if (at > valueStart && level < bestLevel) {
        bestLevel = level;
        this.#streamLevelStart = valueStart;
        this.#streamLevelEnd = at;
      }
      at++;
    }
  }

  #entry(): number {
    const cursor = this.#cursor;
    const { start, end } = cursor;
    this.line++;
    const spans = this.spans;
    spans.clear();
    spans.set(SPAN.event, start, end);
    spans.set(SPAN.service, this.#serviceStart, this.#serviceEnd);
    spans.set(SPAN.level, this.#streamLevelStart, this.#streamLevelEnd);
    // Protobuf leaves an empty line out.
    spans.set(SPAN.message, end, end);
    cursor.at = start;
    while (cursor.next(end)) {
      if (cursor.wire !== WIRE.bytes) continue;
      if (cursor.field === ENTRY.time) this.#readTime();
      else if (cursor.field === ENTRY.line) spans.set(SPAN.message, cursor.start, cursor.end);
      else if (cursor.field === ENTRY.metadata && spans.starts[SPAN.level] < 0) this.#readMetadata();
    }
    if (cursor.isBroken) return this.#break();
    cursor.at = end;
    if (end - start <= MAX_EVENT_BYTES) return SCAN_STEP.event;
    this.rejection = 'event_too_large';
    this.detail = `the entry has ${end - start} bytes; the limit is ${MAX_EVENT_BYTES}`;
    return SCAN_STEP.rejected;
  }

  #readTime(): void {
    const cursor = this.#cursor;
    const { start, end } = cursor;
    let seconds = 0;
    let nanos = 0;
    cursor.at = start;
    while (cursor.next(end)) {
      if (cursor.wire !== WIRE.varint) continue;
      if (cursor.field === TIME.seconds) seconds = cursor.value;
      else if (cursor.field === TIME.nanos) nanos = cursor.value;
    }
    cursor.at = end;
    this.spans.timeMs = seconds * 1000 + Math.floor(nanos / 1e6);
  }

  #readMetadata(): void {
    const cursor = this.#cursor;
    const { start, end } = cursor;
    let isLevel = false;
    let valueStart = 0;
    let valueEnd = 0;
    cursor.at = start;
    while (cursor.next(end)) {
      if (cursor.wire !== WIRE.bytes) continue;
      if (cursor.field === LABEL.name) {
        isLevel = levelRank(this.#bytes, cursor.start, cursor.end) !== Number.POSITIVE_INFINITY;
      } else if (cursor.field === LABEL.value) {
        valueStart = cursor.start;
        valueEnd = cursor.end;
      }
    }
    cursor.at = end;
    if (isLevel && valueEnd > valueStart) this.spans.set(SPAN.level, valueStart, valueEnd);
  }

  #break(): number {
    this.rejection = 'invalid_protobuf';
    this.detail = `not a Loki push request at byte ${this.#cursor.at}; nothing of it was stored`;
    return SCAN_STEP.broken;
  }
}

/** Letters, digits and the underscore. */
function isNameByte(byte: number): boolean {
  const letter = byte | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x5f;
}
