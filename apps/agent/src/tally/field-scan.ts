import { type EventRejection, type EventScan, type EventText, SCAN_STEP } from './event-scan.ts';
import { EventSpans, SPAN } from './event-spans.ts';
import { FIELD_NAMES } from './field-map.ts';
import { bytesText, jsonText, lineText } from './json-text.ts';
import { LineFields } from './parsers/line-fields.ts';
import { type ReadyReading, readyReading } from './reading-cache.ts';
import { JsonScan } from './scan-json.ts';
import { type JudgedEvent, violationOf } from './schema-check.ts';

const JSON_SPANS = [SPAN.message, SPAN.durationMs, SPAN.statusCode, SPAN.traceId, SPAN.userId, SPAN.errorCode];

/** What the scans of texts that carry a head have in common: their fields come from a LineParser. */
export abstract class FieldScan implements EventScan {
  readonly spans = new EventSpans();
  protected eventStart = 0;
  protected eventEnd = 0;
  line = 0;
  rejection: EventRejection = 'invalid_json';
  detail = '';
  /** Events that no parser took; they count all the same. */
  unparsed = 0;
  protected bytes: Uint8Array = new Uint8Array(0);
  protected at = 0;
  protected ready: ReadyReading | undefined;
  protected readonly fields = new LineFields();
  readonly #json = new JsonScan();
  #jsonOffset = 0;

  get isPlainText(): boolean {
    return this.fields.isPlainText;
  }

  begin(body: Uint8Array): void {
    const found = readyReading(body);
    this.bytes = body;
    this.at = found?.start ?? body.length;
    this.ready = found?.ready;
    this.line = 0;
    this.unparsed = 0;
    // Before the first event: bodies of text may hold bytes that are no UTF-8, which the tally then counts.
    this.fields.clear(0, 0);
    this.fields.isPlainText = false;
  }

  next(): number {
    const step = this.step();
    if (step === SCAN_STEP.event) this.#publish();
    return step;
  }

  /** One step, which leaves the event's place and its fields behind. */
  protected abstract step(): number;

  /** The message is put together from several pieces of the body. */
  protected get isMessageMade(): boolean {
    return false;
  }

  #publish(): void {
    const { spans, fields } = this;
    spans.clear();
    spans.set(SPAN.event, this.eventStart, this.eventEnd);
    spans.timeMs = fields.timeMs;
    spans.severity = fields.severity;
    spans.isMessageMade = this.isMessageMade;
    const isMapped = fields.messageStart > fields.lineStart;
    if (!fields.isPlainText) this.#publishJson();
    if (fields.isPlainText || isMapped) {
      const isJoined = fields.isPlainText && fields.messageEnd === this.firstLineEnd;
      spans.set(SPAN.message, fields.messageStart, isJoined ? this.eventEnd : fields.messageEnd);
      spans.isMessageEscaped = !fields.isPlainText;
    }
    spans.set(SPAN.service, fields.serviceStart, fields.serviceEnd);
    spans.set(SPAN.level, fields.levelStart, fields.levelEnd);
    if (fields.traceStart >= 0) spans.set(SPAN.traceId, fields.traceStart, fields.traceEnd);
  }

  /** What the usual reading of JSON has found beside the four fields that a mapping can move. */
  #publishJson(): void {
    const { spans } = this;
    const found = this.ready?.reader.json.spans;
    if (found === undefined) return;
    for (const span of JSON_SPANS) spans.set(span, found.starts[span], found.ends[span]);
    spans.isMessageEscaped = found.isMessageEscaped;
  }

  /** All that follows is JSON: a document, an array or NDJSON. */
  protected beginJson(): void {
    this.#jsonOffset = this.at;
    this.#json.begin(this.bytes.subarray(this.at));
  }

  protected nextJson(): number {
    const { bytes, fields, ready } = this;
    const scan = this.#json;
    if (ready === undefined) return SCAN_STEP.end;
    const step = scan.next();
    this.line = scan.line;
    this.eventStart = this.#jsonOffset + scan.spans.starts[SPAN.event];
    this.eventEnd = this.#jsonOffset + scan.spans.ends[SPAN.event];
    if (step !== SCAN_STEP.event) {
      this.rejection = scan.rejection;
      this.detail = scan.detail;
      return step;
    }
    fields.clear(this.eventStart, this.eventEnd);
    ready.reader.json.read(bytes, this.eventStart, this.eventEnd, fields);
    return this.keepsSchema() ? step : SCAN_STEP.rejected;
  }

  text(): EventText {
    const { bytes, fields } = this;
    const end = Math.max(this.eventEnd, fields.messageEnd);
    if (fields.isPlainText) {
      // Lines that were joined to the event belong to its message.
      const to = fields.messageEnd === this.firstLineEnd ? end : fields.messageEnd;
      const text = lineText(bytesText(bytes, fields.messageStart, to));
      return fields.traceStart < 0 ? text : { ...text, traceId: bytesText(bytes, fields.traceStart, fields.traceEnd) };
    }
    const text = jsonText(bytesText(bytes, fields.lineStart, fields.lineEnd));
    const isMapped = fields.messageStart > fields.lineStart;
    return isMapped ? { ...text, message: mappedText(bytesText(bytes, fields.messageStart, fields.messageEnd)) } : text;
  }

  /** End of the line that was parsed: others may have been joined to it. */
  protected get firstLineEnd(): number {
    return this.eventEnd;
  }

  /** False, with the reason, when the event is not what the schema of its service asks for. Cold: only where there are schemas. */
  protected keepsSchema(): boolean {
    const { schemas } = this.ready?.reading ?? {};
    const violation = schemas === undefined ? undefined : violationOf(schemas, this.#judged());
    if (violation === undefined) return true;
    this.rejection = 'schema_violation';
    this.detail = violation;
    return false;
  }

  #judged(): JudgedEvent {
    const { bytes, fields } = this;
    const textOf = (start: number, end: number): string | undefined =>
      start < 0 ? undefined : bytesText(bytes, start, end);
    const service = textOf(fields.serviceStart, fields.serviceEnd);
    const level = textOf(fields.levelStart, fields.levelEnd);
    const common = { service, level, timeMs: fields.timeMs };
    if (fields.isPlainText) return { ...common, message: this.text().message, values: new Map() };
    const event: unknown = JSON.parse(bytesText(bytes, fields.lineStart, fields.lineEnd));
    const values = new Map(Object.entries(typeof event === 'object' && event !== null ? event : {}));
    const isMapped = fields.messageStart > fields.lineStart;
    const named = FIELD_NAMES.message.map((name) => values.get(name)).find((value) => value !== undefined);
    return { ...common, message: isMapped ? textOf(fields.messageStart, fields.messageEnd) : messageOf(named), values };
  }
}

function messageOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A text of JSON without its quotes, or a number. */
function mappedText(text: string): string {
  const value: unknown = JSON.parse(`"${text}"`);
  return String(value);
}
