import { FRAME_COLUMNS } from '@sentinellog/shared';
import { type EventText, SCAN_STEP } from './event-scan.ts';
import { FieldScan } from './field-scan.ts';
import { bytesText, lineText } from './json-text.ts';
import { levelColumn } from './level-of.ts';
import { LineFields } from './parsers/line-fields.ts';
import { MAX_EVENT_BYTES } from './scan-json.ts';

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const PARTIAL = 0x50;
const EQUALS = 0x3d;
/** systemd allows 64 in the name of a field. */
const MAX_NAME_BYTES = 64;

/** OpenTelemetry's numbers of our levels, for lines whose level does not lie in the body in one piece. */
const SEVERITY_OF: Readonly<Record<string, number>> = { debug: 5, info: 9, warn: 13, error: 17, fatal: 21 };

/** Of syslog's priorities, 0 emergency to 7 debug, which journald keeps. */
const SEVERITY_OF_PRIORITY = [21, 21, 21, 17, 13, 10, 9, 5];

/** The message's names in journald, and what names a service there, most telling first. */
const JOURNAL_SERVICES = ['SYSLOG_IDENTIFIER', '_SYSTEMD_UNIT', '_COMM'];

/**
 * Lines of text behind a text head. Lines that belong together (stack traces) are one event; Kubernetes' CRI lines
 * are stripped and their parts joined; `journald` is systemd's export format. A line that no parser takes is an event
 * all the same, and counted in `unparsed`.
 */
export class TextScan extends FieldScan {
  #isAsked = false;
  /** Not lines, but an array or a pretty-printed object: many HTTP clients call JSON text/plain. */
  #isDocument = false;
  #lineEnd = 0;
  /** CRI: where the content of the line begins that `#criLine` stood at, its stream and whether it goes on. */
  #contentStart = 0;
  #stream = 0;
  #isPartial = false;
  readonly #inner = new LineFields();

  override begin(body: Uint8Array): void {
    super.begin(body);
    this.#isAsked = false;
    this.#isDocument = this.ready?.reading.parser === 'auto' && isJsonDocument(body, this.at);
    if (this.#isDocument) this.beginJson();
  }

  protected step(): number {
    const { ready } = this;
    if (ready === undefined) return SCAN_STEP.end;
    if (this.#isDocument) return this.nextJson();
    switch (ready.reading.parser) {
      case 'cri':
        return this.#nextCri();
      case 'journald':
        return this.#nextJournal();
      default:
        return this.#nextLines();
    }
  }

  override text(): EventText {
    if (this.ready?.reading.parser !== 'cri') return super.text();
    return lineText(this.#criText(this.eventStart, this.eventEnd));
  }

  protected override get isMessageMade(): boolean {
    return this.ready?.reading.parser === 'cri' && this.eventEnd !== this.#lineEnd;
  }

  protected override get firstLineEnd(): number {
    return this.#lineEnd;
  }

  #nextLines(): number {
    const { bytes, fields } = this;
    const end = bytes.length;
    const { reader, joiner } = this.ready!;
    let start = this.at;
    let newline: number;
    let lineEnd: number;
    for (;;) {
      if (start >= end) return SCAN_STEP.end;
      this.line++;
      newline = lineFeed(bytes, start);
      lineEnd = trimmed(bytes, start, newline);
      if (!this.#isAsked) joiner.continues(bytes, start, lineEnd);
      this.#isAsked = false;
      if (lineEnd > start) break;
      start = newline + 1;
    }
    const firstLine = this.line;
    let eventEnd = lineEnd;
    let next = newline + 1;
    let lines = 0;
    while (next < end) {
      const following = lineFeed(bytes, next);
      const followingEnd = trimmed(bytes, next, following);
      this.#isAsked = true;
      if (followingEnd - start > MAX_EVENT_BYTES || !joiner.continues(bytes, next, followingEnd)) break;
      this.#isAsked = false;
      if (followingEnd > next) eventEnd = followingEnd;
      next = following + 1;
      lines++;
    }
    this.at = next;
    this.eventStart = start;
    this.eventEnd = eventEnd;
    this.#lineEnd = lineEnd;
    this.line = firstLine;
    const step = this.#judge(reader.read(bytes, start, lineEnd, fields));
    if (step === SCAN_STEP.event) this.line = firstLine + lines;
    return step;
  }

  #judge(isParsed: boolean): number {
    if (this.eventEnd - this.eventStart > MAX_EVENT_BYTES) {
      this.rejection = 'event_too_large';
      this.detail = `the line has ${this.eventEnd - this.eventStart} bytes; the limit is ${MAX_EVENT_BYTES}`;
      return SCAN_STEP.rejected;
    }
    if (!this.keepsSchema()) return SCAN_STEP.rejected;
    if (!isParsed) this.unparsed++;
    return SCAN_STEP.event;
  }

  /** `2025-10-06T00:17:09.669794202Z stdout F content` */
  #nextCri(): number {
    const { bytes, fields } = this;
    const end = bytes.length;
    const { reader, joiner } = this.ready!;
    while (this.at < end && (bytes[this.at] === LF || bytes[this.at] === CR)) this.at++;
    const start = this.at;
    if (start >= end) return SCAN_STEP.end;
    this.line++;
    let newline = lineFeed(bytes, start);
    const isCri = this.#criLine(start, newline);
    const firstContent = this.#contentStart;
    const firstEnd = trimmed(bytes, firstContent, newline);
    const stream = this.#stream;
    const isInParts = this.#isPartial;
    if (!this.#isAsked) joiner.continues(bytes, firstContent, firstEnd);
    this.#isAsked = false;
    let next = newline + 1;
    let isOpen = this.#isPartial;
    while (next < end) {
      const following = lineFeed(bytes, next);
      if (following - start > MAX_EVENT_BYTES) break;
      if (!this.#criLine(next, following)) break;
      if (!isOpen) {
        if (this.#stream !== stream) break;
        this.#isAsked = true;
        if (!joiner.continues(bytes, this.#contentStart, trimmed(bytes, this.#contentStart, following))) break;
        this.#isAsked = false;
      }
      isOpen = this.#isPartial;
      newline = following;
      next = following + 1;
    }
    this.at = next;
    this.eventStart = start;
    this.eventEnd = trimmed(bytes, start, newline);
    this.#lineEnd = firstEnd;
    const isParsed = isInParts ? this.#readParts() : reader.read(bytes, firstContent, firstEnd, fields);
    if (isCri) fields.timeMs = reader.clock.instant(bytes, start, wordEnd(bytes, start, firstEnd));
    return this.#judge(isParsed && isCri);
  }

  /** The level of a line that the runtime has cut into parts: it is put together on the side. */
  #readParts(): boolean {
    const { fields } = this;
    const whole = Buffer.from(this.#criText(this.eventStart, this.eventEnd));
    const inner = this.#inner;
    const isParsed = this.ready!.reader.read(whole, 0, whole.length, inner);
    fields.clear(this.eventStart, this.eventEnd);
    const level = FRAME_COLUMNS[levelColumn(whole, inner.levelStart, inner.levelEnd)] ?? '';
    fields.severity = inner.severity > 0 || inner.levelStart < 0 ? inner.severity : (SEVERITY_OF[level] ?? 0);
    return isParsed;
  }

  /** Notes what the line says of itself; false when it is no CRI line, and then all of it is content. */
  #criLine(start: number, end: number): boolean {
    const { bytes } = this;
    const timeEnd = wordEnd(bytes, start, end);
    const streamEnd = wordEnd(bytes, timeEnd + 1, end);
    const tagEnd = wordEnd(bytes, streamEnd + 1, end);
    this.#contentStart = start;
    this.#stream = 0;
    this.#isPartial = false;
    // stdout or stderr, then P or F, perhaps with more tags behind a colon.
    if (streamEnd - timeEnd !== 7 || bytes[start + 4] !== 0x2d || streamEnd + 1 >= end) return false;
    this.#contentStart = Math.min(end, tagEnd + 1);
    this.#stream = bytes[timeEnd + 4];
    this.#isPartial = bytes[streamEnd + 1] === PARTIAL;
    return true;
  }

  /** Cold: the content of the lines of one event, parts joined. */
  #criText(start: number, end: number): string {
    const { bytes } = this;
    let text = '';
    let stream = -1;
    for (let at = start; at < end; ) {
      const newline = Math.min(lineFeed(bytes, at), end);
      this.#criLine(at, newline);
      if (stream < 0) stream = this.#stream;
      if (this.#stream === stream) {
        text += bytesText(bytes, this.#contentStart, trimmed(bytes, this.#contentStart, newline));
        if (!this.#isPartial && newline < end) text += '\n';
      }
      at = newline + 1;
    }
    return text;
  }

  /** systemd's export format: `NAME=text` lines, or `NAME`, eight bytes of length and the bytes; a blank line ends the entry. */
  #nextJournal(): number {
    const { bytes, fields } = this;
    const end = bytes.length;
    while (this.at < end && bytes[this.at] === LF) this.at++;
    if (this.at >= end) return SCAN_STEP.end;
    this.line++;
    this.eventStart = this.at;
    fields.clear(this.at, this.at);
    let serviceRank = JOURNAL_SERVICES.length;
    let hasMessage = false;
    let at = this.at;
    while (at < end && bytes[at] !== LF) {
      const newline = lineFeed(bytes, at);
      const equals = bytes.indexOf(EQUALS, at);
      let nameEnd = equals;
      let valueStart = equals + 1;
      let valueEnd = newline;
      if (equals < 0 || equals > newline) {
        nameEnd = newline;
        const length = lengthAt(bytes, newline + 1, end);
        if (length < 0) {
          at = end;
          break;
        }
        valueStart = newline + 9;
        valueEnd = valueStart + length;
      }
      const name = nameEnd - at > MAX_NAME_BYTES ? '' : bytesText(bytes, at, nameEnd);
      at = valueEnd + 1;
      const rank = JOURNAL_SERVICES.indexOf(name);
      if (name === 'MESSAGE') {
        hasMessage = true;
        fields.messageStart = valueStart;
        fields.messageEnd = valueEnd;
      } else if (name === 'PRIORITY') fields.severity = SEVERITY_OF_PRIORITY[bytes[valueStart] - 0x30] ?? 0;
      else if (name === '__REALTIME_TIMESTAMP')
        fields.timeMs = this.ready!.reader.clock.instant(bytes, valueStart, valueEnd);
      else if (rank >= 0 && rank < serviceRank && valueEnd > valueStart) {
        serviceRank = rank;
        fields.serviceStart = valueStart;
        fields.serviceEnd = valueEnd;
      }
    }
    this.at = Math.min(at + 1, end);
    this.eventEnd = Math.min(at, end);
    this.#lineEnd = -1;
    if (!hasMessage) {
      fields.messageStart = this.eventStart;
      fields.messageEnd = this.eventEnd;
    }
    return this.#judge(hasMessage);
  }
}

/** `[` and then `{`, or `{` and nothing more on its line. */
function isJsonDocument(bytes: Uint8Array, start: number): boolean {
  let at = blanksEnd(bytes, start);
  const isArray = bytes[at] === 0x5b;
  if (!isArray && bytes[at] !== 0x7b) return false;
  const first = at + 1;
  at = blanksEnd(bytes, first);
  return isArray ? bytes[at] === 0x7b : bytes.subarray(first, at).includes(LF);
}

function blanksEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && bytes[at] <= SPACE) at++;
  return at;
}

/** The next line feed, or the end. */
function lineFeed(bytes: Uint8Array, from: number): number {
  const at = bytes.indexOf(LF, from);
  return at < 0 ? bytes.length : at;
}

function trimmed(bytes: Uint8Array, start: number, end: number): number {
  return end > start && bytes[end - 1] === CR ? end - 1 : end;
}

function wordEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== SPACE) at++;
  return at;
}

/** Little-endian, 64 bits; −1 when it reaches past the end. */
function lengthAt(bytes: Uint8Array, at: number, end: number): number {
  if (at + 8 > end) return -1;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 8);
  const length = Number(view.getBigUint64(0, true));
  return length <= end - at - 8 ? length : -1;
}
