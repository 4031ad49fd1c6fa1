/**
 * HOT: every byte that is received passes through here once. No JSON.parse, no object, string or closure per event;
 * local variables instead of properties inside the loops. Measure with `npm run bench` before and after a change.
 */
import { literalEnd, numberEnd, plainEnd, stringEnd } from '../pipeline/json-lexemes.ts';
import { type EventRejection, type EventScan, type EventText, SCAN_STEP } from './event-scan.ts';
import { ABSENT, EventSpans, SPAN } from './event-spans.ts';
import { FIELD, fieldOf } from './field-map.ts';
import { bytesText, jsonText } from './json-text.ts';

/** 256 KiB of event and 8 KiB of keys (design: reliability A9). */
export const MAX_EVENT_BYTES = (256 + 8) * 1024;
/** JSON.stringify fails from about 5,000 levels and nobody logs more than ten; 32 also fits the bits of one integer. */
const MAX_DEPTH = 32;
/** Keys of an event at all depths. */
const MAX_FIELDS = 256;

const LF = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
/** Of `null`. */
const LETTER_N = 0x6e;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const FIELDS = FIELD.logObject;
/** Keys that are remembered, and how long one may be with its quotes and colon: from one to eight words of four bytes. */
const KEYS = 16;
const WORD_BYTES = 4;
const KEY_WORDS = 8;
/** One bit a field. The first one is the event itself, which every event has. */
const EVERY_FIELD = (1 << FIELDS) - 2;

/**
 * `lines`: NDJSON, or one object; `array`: elements of one JSON array; `done`: nothing more will come.
 * Told apart by the bytes, never by the content type.
 */
type Layout = 'lines' | 'array' | 'done';

/**
 * JSON object, JSON array of objects, or NDJSON.
 *
 * In NDJSON a malformed line is rejected alone: a line's end is a newline whatever else is broken in it.
 * In an array nothing marks where a broken element ends, so it ends the array: the elements before it are
 * good, the rest is one rejection that says so. `line` is then the element's number.
 */
export class JsonScan implements EventScan {
  readonly spans = new EventSpans();
  readonly isPlainText = false;
  line = 0;
  rejection: EventRejection = 'invalid_json';
  detail = '';

  #bytes: Uint8Array = new Uint8Array(0);
  /** Of the same bytes: four at a time. */
  #view: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  #end = 0;
  #layout: Layout = 'done';
  /** In NDJSON a newline ends the event; elsewhere it is a blank like any other. */
  #newlineIsBlank = false;
  /** Only the first event of a body can turn out to be the whole of it. */
  #isFirst = true;
  /** Keys of the event so far. */
  #fields = 0;
  #tooDeep = false;
  /** Per field, the place of the name it was found under in its list of FIELD_NAMES. */
  readonly #ranks = new Uint8Array(FIELDS);
  /** The key that came last at each place: a sender's events nearly always have the same keys in the same order. */
  readonly #keyWords = new Int32Array(KEYS * KEY_WORDS);
  readonly #keyLengths = new Uint8Array(KEYS);
  readonly #keyFields = new Uint16Array(KEYS);
  /** Fields that the spans may hold: every one, until the event at hand has been read to its end. */
  #found = 0;

  begin(body: Uint8Array): void {
    this.#look(body);
    this.#end = body.length;
    this.#at = body.length >= 3 && body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0;
    this.line = 0;
    this.#isFirst = true;
    this.#newlineIsBlank = true;
    const first = this.#skipBlanks(this.#at);
    if (first >= this.#end) this.#layout = 'done';
    else if (body[first] === OPEN_ARRAY) {
      this.#layout = 'array';
      this.#at = first + 1;
    } else {
      this.#layout = 'lines';
      this.#newlineIsBlank = false;
    }
  }

  next(): number {
    if (this.#layout === 'lines') return this.#nextLine();
    return this.#layout === 'array' ? this.#nextElement() : SCAN_STEP.end;
  }

  /** One event on its own, for formats that carry such events in a frame of their own. */
  one(body: Uint8Array, start: number, end: number): number {
    if (body !== this.#bytes) this.#look(body);
    this.#end = end;
    this.#layout = 'done';
    this.#newlineIsBlank = true;
    const from = this.#skipBlanks(start);
    if (from >= end) return this.#reject('invalid_json', 'there is no JSON on the line');
    const eventEnd = this.#value(from);
    const after = eventEnd < 0 ? eventEnd : this.#skipBlanks(eventEnd);
    if (after === end) return this.#judge(from, eventEnd);
    return this.#rejectBroken(from, end, after < 0 ? -1 - after : after);
  }

  /** Something outside of the event stands for a field that it has not. */
  supply(field: number, start: number, end: number): void {
    this.spans.set(field, start, end);
    this.#found |= 1 << field;
  }

  text(): EventText {
    return jsonText(bytesText(this.#bytes, this.spans.starts[SPAN.event], this.spans.ends[SPAN.event]));
  }

  #look(body: Uint8Array): void {
    this.#bytes = body;
    this.#view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  }

  #nextLine(): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let start = this.#at;
    for (;;) {
      start = this.#skipBlanks(start);
      if (start >= end) return this.#finish();
      this.line++;
      if (bytes[start] !== LF) break;
      start++;
    }
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    const eventEnd = this.#value(start);
    const after = eventEnd < 0 ? eventEnd : this.#skipBlanks(eventEnd);
    if (after >= 0 && (after === end || bytes[after] === LF)) {
      this.#at = after + 1;
      return this.#judge(start, eventEnd);
    }
    const brokenAt = after < 0 ? -1 - after : after;
    if (isFirst && bytes[brokenAt] === LF) {
      const step = this.#oneObject(start);
      if (step !== SCAN_STEP.end) return step;
    }
    const newline = indexOfNewline(bytes, brokenAt);
    this.#at = newline + 1;
    return this.#rejectBroken(start, newline, brokenAt);
  }

  /**
   * A pretty-printed object looks like a broken first line of NDJSON; it is one if the whole body is one value.
   * `end` when it is not.
   */
  #oneObject(start: number): number {
    this.#newlineIsBlank = true;
    const eventEnd = this.#value(start);
    if (eventEnd >= 0 && this.#skipBlanks(eventEnd) === this.#end) {
      this.#layout = 'done';
      return this.#judge(start, eventEnd);
    }
    this.#newlineIsBlank = false;
    return SCAN_STEP.end;
  }

  #nextElement(): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let start = this.#skipBlanks(this.#at);
    if (start < end && bytes[start] === CLOSE_ARRAY) return this.#closeArray(start);
    if (this.line > 0 && start < end) {
      if (bytes[start] !== COMMA) return this.#breakArray(start);
      start = this.#skipBlanks(start + 1);
    }
    if (start >= end) return this.#breakArray(end);
    this.line++;
    let eventEnd = this.#value(start);
    if (eventEnd < 0) {
      const closed = this.#tooDeep ? bracketsEnd(bytes, start, end) : -1;
      if (closed < 0) {
        this.line--;
        return this.#breakArray(-1 - eventEnd);
      }
      eventEnd = closed;
    }
    this.#at = eventEnd;
    return this.#judge(start, eventEnd);
  }

  #closeArray(at: number): number {
    const after = this.#skipBlanks(at + 1);
    this.#layout = 'done';
    return after === this.#end ? SCAN_STEP.end : this.#breakArray(after);
  }

  #breakArray(at: number): number {
    this.#layout = 'done';
    this.line++;
    this.rejection = 'invalid_json';
    this.detail = `the array is broken at byte ${at}; the ${this.line - 1} elements before were read, the rest was not`;
    return SCAN_STEP.rejected;
  }

  #finish(): number {
    this.#layout = 'done';
    return SCAN_STEP.end;
  }

  /** A well-formed value: is it an event within the limits? */
  #judge(start: number, end: number): number {
    this.spans.set(SPAN.event, start, end);
    if (end - start > MAX_EVENT_BYTES) return this.#rejectTooLarge(end - start);
    if (this.#tooDeep) return this.#rejectTooDeep();
    if (this.#bytes[start] !== OPEN_OBJECT) return this.#reject('not_an_object', 'an event is a JSON object');
    if (this.#fields > MAX_FIELDS) {
      return this.#reject('too_many_fields', `the event has ${this.#fields} fields; the limit is ${MAX_FIELDS}`);
    }
    return SCAN_STEP.event;
  }

  #rejectBroken(start: number, lineEnd: number, brokenAt: number): number {
    if (lineEnd - start > MAX_EVENT_BYTES) return this.#rejectTooLarge(lineEnd - start);
    if (this.#tooDeep) return this.#rejectTooDeep();
    return this.#reject('invalid_json', `not JSON from byte ${brokenAt - start + 1} of the line`);
  }

  #rejectTooLarge(size: number): number {
    return this.#reject('event_too_large', `the event has ${size} bytes; the limit is ${MAX_EVENT_BYTES}`);
  }

  #rejectTooDeep(): number {
    return this.#reject('nesting_too_deep', `the event is nested more than ${MAX_DEPTH} deep`);
  }

  #reject(rejection: EventRejection, detail: string): number {
    this.rejection = rejection;
    this.detail = detail;
    return SCAN_STEP.rejected;
  }

  #skipBlanks(at: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let i = at;
    while (i < end) {
      const byte = bytes[i];
      if (byte > 0x20) break;
      if (byte === 0x20 || byte === 0x09 || byte === 0x0d || (byte === LF && this.#newlineIsBlank)) i++;
      else break;
    }
    return i;
  }

  /** A value on its own: an event if it is an object. End of it, or −1 − p when it is broken at p. */
  #value(start: number): number {
    this.#fields = 0;
    this.#tooDeep = false;
    switch (this.#bytes[start]) {
      case OPEN_OBJECT:
        return this.#event(start);
      case OPEN_ARRAY:
        return this.#nested(start, 1);
      default:
        return this.#scalar(start);
    }
  }

  /** The event's own level: here the counted fields are found. */
  #event(start: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    const spans = this.spans;
    const { starts, ends } = spans;
    const ranks = this.#ranks;
    const view = this.#view;
    const keyWords = this.#keyWords;
    const keyLengths = this.#keyLengths;
    const before = this.#found;
    this.#found = EVERY_FIELD;
    let found = 0;
    let fields = 0;
    let i = start + 1;
    if (i < end && bytes[i] <= 0x20) i = this.#skipBlanks(i);
    if (i < end && bytes[i] === CLOSE_OBJECT) {
      this.#forget(before);
      this.#found = 0;
      return i + 1;
    }
    for (;;) {
      const place = fields % KEYS;
      const length = keyLengths[place];
      let word = place * KEY_WORDS;
      let at = i;
      // The last word overlaps the one before it.
      const last = i + length - WORD_BYTES;
      const fits = length > 0 && last + WORD_BYTES <= end;
      if (fits) {
        while (at < last && view.getInt32(at, true) === keyWords[word]) {
          at += WORD_BYTES;
          word++;
        }
      }
      let known: number;
      fields++;
      if (fits && at >= last && view.getInt32(last, true) === keyWords[word]) {
        known = this.#keyFields[place];
        i += length;
      } else {
        if (i >= end || bytes[i] !== QUOTE) return -1 - i;
        const keyStart = i + 1;
        const keyEnd = stringEnd(bytes, keyStart, end);
        if (keyEnd < 0) return keyEnd;
        i = keyEnd + 1;
        if (i < end && bytes[i] <= 0x20) i = this.#skipBlanks(i);
        if (i >= end || bytes[i] !== COLON) return -1 - i;
        i++;
        known = fieldOf(bytes, keyStart, keyEnd);
        this.#remember(place, keyStart - 1, i, known);
      }
      if (i < end && bytes[i] <= 0x20) i = this.#skipBlanks(i);
      if (i >= end) return -1 - end;

      let valueStart = i;
      let valueEnd: number;
      const first = bytes[i];
      if (first === QUOTE) {
        valueStart++;
        valueEnd = plainEnd(view, valueStart, end);
        if (valueEnd >= end || bytes[valueEnd] !== QUOTE) {
          valueEnd = stringEnd(bytes, valueEnd, end);
          if (valueEnd < 0) return valueEnd;
        }
        i = valueEnd + 1;
      } else {
        if (first === OPEN_OBJECT || first === OPEN_ARRAY) {
          this.#fields = fields;
          valueEnd = this.#nested(i, 2);
          fields = this.#fields;
        } else valueEnd = this.#scalar(i);
        if (valueEnd < 0) return valueEnd;
        i = valueEnd;
      }

      if (known !== FIELD.none) {
        const rank = known >> 8;
        let field = known & 0xff;
        if (field === SPAN.message) {
          if (first === LETTER_N) valueStart = ABSENT;
        } else if (first === OPEN_OBJECT) {
          const child = field === SPAN.service ? 'name' : field === FIELD.logObject ? 'level' : undefined;
          if (field === FIELD.logObject) field = SPAN.level;
          valueStart = child === undefined ? ABSENT : stringMember(bytes, valueStart, valueEnd, child);
          if (valueStart >= 0) valueEnd = stringEnd(bytes, valueStart, valueEnd);
        } else if (first !== QUOTE && !(isNumber(first) && field !== SPAN.service)) valueStart = ABSENT;
        // An empty text says nothing: another name of the same field may say more.
        const isFirst = (found & (1 << field)) === 0;
        if (valueStart !== ABSENT && valueEnd > valueStart && field < FIELDS && (isFirst || rank <= ranks[field])) {
          found |= 1 << field;
          ranks[field] = rank;
          starts[field] = valueStart;
          ends[field] = valueEnd;
          if (field === SPAN.message) spans.isMessageEscaped = first === QUOTE;
        }
      }

      if (i < end && bytes[i] <= 0x20) i = this.#skipBlanks(i);
      if (i >= end) return -1 - end;
      if (bytes[i] === CLOSE_OBJECT) break;
      if (bytes[i] !== COMMA) return -1 - i;
      i++;
      if (i < end && bytes[i] <= 0x20) i = this.#skipBlanks(i);
    }
    this.#fields = fields;
    this.#forget(before & ~found);
    this.#found = found;
    return i + 1;
  }

  /** The key in bytes `start` to `end`, from its quote to its colon, at a place among the keys of the event. */
  #remember(place: number, start: number, end: number, known: number): void {
    const length = end - start;
    const isKept = length >= WORD_BYTES && length <= KEY_WORDS * WORD_BYTES;
    this.#keyLengths[place] = isKept ? length : 0;
    this.#keyFields[place] = known;
    if (!isKept) return;
    const last = end - WORD_BYTES;
    let word = place * KEY_WORDS;
    for (let at = start; at < last; at += WORD_BYTES) this.#keyWords[word++] = this.#view.getInt32(at, true);
    this.#keyWords[word] = this.#view.getInt32(last, true);
  }

  /** Fields that the event before had and this one has not. */
  #forget(fields: number): void {
    for (let left = fields; left !== 0; left &= left - 1) this.spans.starts[31 - Math.clz32(left & -left)] = ABSENT;
    if ((fields & (1 << SPAN.message)) !== 0) this.spans.isMessageEscaped = false;
  }

  /**
   * An object or array inside an event, with everything in it. One bit per open container says what kind it is.
   * @param depth of the container itself; the event is at 1
   */
  #nested(start: number, depth: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let open = depth - 1;
    let objects = 0;
    let i = start;
    for (;;) {
      // A value is due at i.
      const byte = i < end ? bytes[i] : 0;
      if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        if (open === MAX_DEPTH) {
          this.#tooDeep = true;
          return -1 - i;
        }
        open++;
        const bit = 1 << (open - 1);
        objects = byte === OPEN_OBJECT ? objects | bit : objects & ~bit;
        i = this.#skipBlanks(i + 1);
        const closer = byte === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY;
        if (i >= end || bytes[i] !== closer) {
          if (byte === OPEN_OBJECT) {
            i = this.#key(i);
            if (i < 0) return i;
          }
          continue;
        }
        i++;
        open--;
      } else {
        i = this.#scalar(i);
        if (i < 0) return i;
      }
      // A value is complete: close what closes, then go on after the comma.
      for (;;) {
        if (open < depth) return i;
        i = this.#skipBlanks(i);
        if (i >= end) return -1 - end;
        const inObject = (objects & (1 << (open - 1))) !== 0;
        if (bytes[i] === COMMA) {
          i = this.#skipBlanks(i + 1);
          if (inObject) {
            i = this.#key(i);
            if (i < 0) return i;
          }
          break;
        }
        if (bytes[i] !== (inObject ? CLOSE_OBJECT : CLOSE_ARRAY)) return -1 - i;
        i++;
        open--;
      }
    }
  }

  /** `"key" :` of a nested object; gives the first byte of the value. */
  #key(at: number): number {
    const bytes = this.#bytes;
    if (at >= this.#end || bytes[at] !== QUOTE) return -1 - at;
    const keyEnd = stringEnd(bytes, at + 1, this.#end);
    if (keyEnd < 0) return keyEnd;
    this.#fields++;
    const colon = this.#skipBlanks(keyEnd + 1);
    return colon < this.#end && bytes[colon] === COLON ? this.#skipBlanks(colon + 1) : -1 - colon;
  }

  #scalar(at: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    if (at >= end) return -1 - end;
    const first = bytes[at];
    if (first === QUOTE) {
      const close = stringEnd(bytes, at + 1, end);
      return close < 0 ? close : close + 1;
    }
    return isNumber(first) ? numberEnd(bytes, at, end) : literalEnd(bytes, at, end);
  }
}

function isNumber(first: number): boolean {
  return first === MINUS || (first >= 0x30 && first <= 0x39);
}

function indexOfNewline(bytes: Uint8Array, from: number): number {
  const at = bytes.indexOf(LF, from);
  return at < 0 ? bytes.length : at;
}

/**
 * Start of the text of a string member of an object that is known to be well formed, or −1. The slow path: only for
 * `{"service":{"name":…}}` and `{"log":{"level":…}}`.
 */
function stringMember(bytes: Uint8Array, start: number, end: number, name: string): number {
  let found = ABSENT;
  let depth = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth--;
    else if (byte === QUOTE) {
      const close = stringEnd(bytes, i + 1, end);
      let value = close + 1;
      while (bytes[value] <= 0x20) value++;
      if (depth === 1 && bytes[value] === COLON && isText(bytes, i + 1, close, name)) {
        value++;
        while (bytes[value] <= 0x20) value++;
        found = bytes[value] === QUOTE ? value + 1 : ABSENT;
      }
      i = close;
    }
  }
  return found;
}

function isText(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}

/**
 * End of an element that is nested too deeply to be checked: brackets outside strings are only counted, so that its
 * neighbours in the array are not lost with it. −1 when it never closes.
 */
function bracketsEnd(bytes: Uint8Array, start: number, end: number): number {
  let depth = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      depth--;
      if (depth === 0) return i + 1;
    } else if (byte === QUOTE) {
      const close = stringEnd(bytes, i + 1, end);
      if (close < 0) return -1;
      i = close;
    }
  }
  return -1;
}
