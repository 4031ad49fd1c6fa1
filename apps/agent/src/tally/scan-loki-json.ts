import { JsonCursor } from '../pipeline/json-cursor.ts';
import { type EventRejection, type EventScan, type EventText, SCAN_STEP } from './event-scan.ts';
import { ABSENT, EventSpans, SPAN } from './event-spans.ts';
import { bytesText, lineText } from './json-text.ts';
import { levelRank, serviceRank, TRACE_LABELS } from './loki-labels.ts';
import { nanosTextMs } from './nanoseconds.ts';
import { MAX_EVENT_BYTES } from './scan-json.ts';

const encoder = new TextEncoder();
const STREAMS = encoder.encode('streams');
const STREAM = encoder.encode('stream');
const VALUES = encoder.encode('values');

/** Where the cursor stands: among the members of the document, its streams, a stream's members, its entries. */
type Place = 'document' | 'streams' | 'stream' | 'values' | 'done';

/**
 * Loki push: `{"streams":[{"stream":{labels},"values":[["<ns>","line",{metadata}], …]}]}`. An entry that is no entry is
 * rejected alone; `line` is its number in the request.
 */
export class LokiJsonScan implements EventScan {
  readonly spans = new EventSpans();
  readonly isPlainText = false;
  line = 0;
  rejection: EventRejection = 'invalid_json';
  detail = '';

  #bytes: Uint8Array = new Uint8Array(0);
  #place: Place = 'done';
  readonly #cursor = new JsonCursor();
  readonly #ahead = new JsonCursor();
  #hasLabels = false;
  #serviceStart = ABSENT;
  #serviceEnd = ABSENT;
  #streamLevelStart = ABSENT;
  #streamLevelEnd = ABSENT;

  begin(body: Uint8Array): void {
    this.#bytes = body;
    this.line = 0;
    this.#cursor.begin(body);
    this.#place = 'document';
    if (!this.#cursor.enterObject()) this.#cursor.break();
  }

  next(): number {
    const cursor = this.#cursor;
    for (;;) {
      switch (this.#place) {
        case 'document':
          if (!cursor.nextMember()) return this.#finish();
          if (cursor.isKey(STREAMS) && cursor.enterArray()) this.#place = 'streams';
          else cursor.skip();
          break;
        case 'streams':
          if (!cursor.nextElement()) this.#place = 'document';
          else if (cursor.enterObject()) this.#beginStream();
          else cursor.break();
          break;
        case 'stream':
          if (!cursor.nextMember()) this.#place = 'streams';
          else if (cursor.isKey(STREAM)) this.#readLabels(cursor);
          else if (cursor.isKey(VALUES)) this.#beginValues();
          else cursor.skip();
          break;
        case 'values':
          if (cursor.nextElement()) return this.#entry();
          this.#place = 'stream';
          break;
        case 'done':
          return SCAN_STEP.end;
      }
    }
  }

  text(): EventText {
    const entry: unknown = JSON.parse(
      bytesText(this.#bytes, this.spans.starts[SPAN.event], this.spans.ends[SPAN.event]),
    );
    const [, line, metadata] = Array.isArray(entry) ? (entry as unknown[]) : [];
    const text = lineText(String(line));
    const labels = new Map<string, unknown>(Object.entries(typeof metadata === 'object' ? (metadata ?? {}) : {}));
    const traceId = TRACE_LABELS.map((name) => labels.get(name)).find((value) => typeof value === 'string');
    return traceId === undefined ? text : { ...text, traceId };
  }

  #beginStream(): void {
    this.#place = 'stream';
    this.#hasLabels = false;
    this.#serviceStart = ABSENT;
    this.#streamLevelStart = ABSENT;
  }

  #beginValues(): void {
    const cursor = this.#cursor;
    if (!this.#hasLabels) this.#findLabels();
    if (cursor.enterArray()) this.#place = 'values';
    else cursor.skip();
  }

  /** A stream may name its entries first. */
  #findLabels(): void {
    const ahead = this.#ahead;
    ahead.begin(this.#bytes, this.#cursor.at);
    ahead.skip();
    while (ahead.nextMember()) {
      if (ahead.isKey(STREAM)) this.#readLabels(ahead);
      else ahead.skip();
    }
  }

  #readLabels(cursor: JsonCursor): void {
    this.#hasLabels = true;
    const bytes = this.#bytes;
    let bestService = Number.POSITIVE_INFINITY;
    let bestLevel = Number.POSITIVE_INFINITY;
    if (!cursor.enterObject()) {
      cursor.skip();
      return;
    }
    while (cursor.nextMember()) {
      const service = serviceRank(bytes, cursor.keyStart, cursor.keyEnd);
      const level = levelRank(bytes, cursor.keyStart, cursor.keyEnd);
      if (!cursor.text() || cursor.textStart === cursor.textEnd) continue;
      if (service < bestService) {
        bestService = service;
        this.#serviceStart = cursor.textStart;
        this.#serviceEnd = cursor.textEnd;
      }
      if (level < bestLevel) {
        bestLevel = level;
        this.#streamLevelStart = cursor.textStart;
        this.#streamLevelEnd = cursor.textEnd;
      }
    }
  }

  #entry(): number {
    const cursor = this.#cursor;
    this.line++;
    cursor.peek();
    const spans = this.spans;
    const start = cursor.at;
    spans.clear();
    spans.set(SPAN.service, this.#serviceStart, this.#serviceEnd);
    spans.set(SPAN.level, this.#streamLevelStart, this.#streamLevelEnd);
    let parts = 0;
    let hasTime = false;
    let hasLine = false;
    if (cursor.enterArray()) {
      while (cursor.nextElement()) {
        parts++;
        if (parts === 1) hasTime = this.#readTime();
        else if (parts === 2) hasLine = this.#readLine();
        else this.#readMetadata();
      }
    } else cursor.skip();
    spans.set(SPAN.event, start, cursor.at);
    if (cursor.isBroken) return this.#finish();
    const bytes = cursor.at - start;
    if (parts > 0 && !hasTime) {
      return this.#reject('invalid_timestamp', 'the timestamp must be a string of nanoseconds since the epoch');
    }
    if (!hasLine || parts > 3) return this.#reject('invalid_json', 'an entry is ["<nanoseconds>", "<line>"]');
    if (bytes > MAX_EVENT_BYTES) {
      return this.#reject('event_too_large', `the entry has ${bytes} bytes; the limit is ${MAX_EVENT_BYTES}`);
    }
    return SCAN_STEP.event;
  }

  #readLine(): boolean {
    const cursor = this.#cursor;
    if (!cursor.text()) return false;
    this.spans.set(SPAN.message, cursor.textStart, cursor.textEnd);
    this.spans.isMessageEscaped = true;
    return true;
  }

  #readTime(): boolean {
    const cursor = this.#cursor;
    if (!cursor.text()) return false;
    this.spans.timeMs = nanosTextMs(this.#bytes, cursor.textStart, cursor.textEnd);
    return !Number.isNaN(this.spans.timeMs);
  }

  #readMetadata(): void {
    const cursor = this.#cursor;
    if (!cursor.enterObject()) {
      cursor.skip();
      return;
    }
    while (cursor.nextMember()) {
      const isLevel = levelRank(this.#bytes, cursor.keyStart, cursor.keyEnd) !== Number.POSITIVE_INFINITY;
      if (cursor.text() && isLevel && this.spans.starts[SPAN.level] < 0) {
        this.spans.set(SPAN.level, cursor.textStart, cursor.textEnd);
      }
    }
  }

  #finish(): number {
    const cursor = this.#cursor;
    this.#place = 'done';
    if (cursor.isAtEnd()) return SCAN_STEP.end;
    this.rejection = cursor.isTooDeep ? 'nesting_too_deep' : 'invalid_json';
    this.detail = `not a Loki push request from byte ${cursor.at} on; nothing of it was stored`;
    return SCAN_STEP.broken;
  }

  #reject(rejection: EventRejection, detail: string): number {
    this.rejection = rejection;
    this.detail = detail;
    return SCAN_STEP.rejected;
  }
}
