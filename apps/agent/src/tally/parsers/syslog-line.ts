import { digits, monthAt, secondOfDayAt, TextClock } from '../text-clock.ts';
import type { LineFields, LineParser } from './line-fields.ts';

const SPACE = 0x20;
const COLON = 0x3a;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const NIL = 0x2d;
const MAX_PRIORITY = 191;
/** RFC 5424 allows 48 for an app-name; real tags with a path are longer. */
const MAX_TAG_BYTES = 64;
const KERNEL = new TextEncoder().encode('kernel');

/** OpenTelemetry's severity numbers of syslog's 0 (emergency) to 7 (debug), as its data model maps them. */
const SEVERITIES = [21, 21, 21, 17, 13, 10, 9, 5];

/**
 * One syslog message: RFC 5424, RFC 3164 and what vendors make of it (Cisco's sequence numbers and marks, years before
 * and behind the date, milliseconds, ISO times). The service is the app-name, else the host. Without a priority, as files in
 * /var/log hold it, the date must be there.
 */
export class SyslogLine implements LineParser {
  readonly #clock: TextClock;
  readonly #utc = new TextClock('UTC');
  readonly #zoneOf: (
    bytes: Uint8Array,
    fields: LineFields,
    hostStart: number,
    hostEnd: number,
  ) => TextClock | undefined;
  #at = 0;
  #end = 0;
  #year = -1;
  #month = -1;
  #day = 0;
  #secondOfDay = 0;
  #milliseconds = 0;
  #zoneNamed = false;

  /** @param zoneOf the clock of a service or host that has a zone of its own */
  constructor(
    clock: TextClock,
    zoneOf: (bytes: Uint8Array, fields: LineFields, hostStart: number, hostEnd: number) => TextClock | undefined = () =>
      undefined,
  ) {
    this.#clock = clock;
    this.#zoneOf = zoneOf;
  }

  read(bytes: Uint8Array, start: number, end: number, into: LineFields): boolean {
    this.#at = start;
    this.#end = end;
    const hasPriority = this.#priority(bytes, into);
    if (hasPriority && bytes[this.#at] === 0x31 && bytes[this.#at + 1] === SPACE) {
      this.#at += 2;
      return this.#modern(bytes, into);
    }
    return this.#old(bytes, into, hasPriority);
  }

  #priority(bytes: Uint8Array, into: LineFields): boolean {
    let at = this.#at;
    if (bytes[at] !== 0x3c) return false;
    let value = 0;
    const first = ++at;
    while (at < this.#end && at - first < 3 && bytes[at] >= 0x30 && bytes[at] <= 0x39)
      value = value * 10 + bytes[at++] - 0x30;
    if (at === first || at >= this.#end || bytes[at] !== 0x3e || value > MAX_PRIORITY) return false;
    into.severity = SEVERITIES[value & 7];
    this.#at = at + 1;
    return true;
  }

  /** TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG */
  #modern(bytes: Uint8Array, into: LineFields): boolean {
    const timeStart = this.#at;
    const timeEnd = this.#word(bytes);
    const hostStart = this.#at;
    const hostEnd = this.#word(bytes);
    const appStart = this.#at;
    const appEnd = this.#word(bytes);
    this.#word(bytes);
    this.#word(bytes);
    if (this.#at > this.#end || appEnd <= appStart) return false;
    if (!this.#structuredData(bytes)) return false;
    if (!isNil(bytes, timeStart, timeEnd)) into.timeMs = this.#clock.instant(bytes, timeStart, timeEnd);
    this.#service(bytes, into, appStart, appEnd, hostStart, hostEnd);
    let message = this.#at;
    if (bytes[message] === SPACE) message++;
    if (bytes[message] === 0xef && bytes[message + 1] === 0xbb && bytes[message + 2] === 0xbf) message += 3;
    into.messageStart = Math.min(message, this.#end);
    return true;
  }

  #structuredData(bytes: Uint8Array): boolean {
    if (bytes[this.#at] === NIL) {
      this.#at++;
      return this.#at >= this.#end || bytes[this.#at] === SPACE;
    }
    let at = this.#at;
    while (at < this.#end && bytes[at] === OPEN) {
      let quoted = false;
      for (at++; at < this.#end && (quoted || bytes[at] !== CLOSE); at++) {
        if (bytes[at] === 0x22) quoted = !quoted;
        else if (quoted && bytes[at] === 0x5c) at++;
      }
      if (at >= this.#end) return false;
      at++;
    }
    const isSome = at > this.#at;
    this.#at = at;
    return isSome;
  }

  #old(bytes: Uint8Array, into: LineFields, hasPriority: boolean): boolean {
    if (hasPriority) this.#skipSequence(bytes);
    const hasDate = this.#date(bytes, into);
    if (!hasDate) {
      if (!hasPriority) return false;
      // A message that is all text, as RFC 3164 §4.3.3 allows.
      const tagStart = this.#at;
      const tagEnd = this.#tag(bytes);
      if (tagEnd > tagStart) this.#name(into, tagStart, tagEnd);
      into.messageStart = this.#at;
      return true;
    }
    const isoTime = into.timeMs;
    this.#blanks(bytes);
    let hostStart = this.#at;
    let hostEnd = hostStart;
    let tagStart = this.#at;
    // Cisco's `: %SYS-5-…` has no host behind the date; `host : %ASA-…` has one.
    let tagEnd = bytes[this.#at] === 0x25 ? tagStart : this.#tag(bytes);
    if (tagEnd === tagStart && bytes[this.#at] !== 0x25) {
      hostEnd = this.#word(bytes);
      this.#blanks(bytes);
      if (bytes[this.#at] === COLON) this.#at++;
      this.#blanks(bytes);
      tagStart = this.#at;
      tagEnd = this.#tag(bytes);
    }
    if (!hasPriority && !this.#isFileLine(bytes, into, hostStart, hostEnd, tagStart, tagEnd)) return false;
    if (tagEnd === tagStart && bytes[this.#at] === 0x25) {
      // `%FACILITY-SEVERITY-MNEMONIC:` names what speaks better than nothing.
      if (hostEnd === hostStart) {
        let at = this.#at + 1;
        while (at < this.#end && bytes[at] !== NIL && bytes[at] !== COLON && bytes[at] !== SPACE) at++;
        tagStart = this.#at + 1;
        tagEnd = at;
      }
    }
    this.#service(bytes, into, tagStart, tagEnd, hostStart, hostEnd);
    if (Number.isNaN(isoTime)) {
      const clock = this.#zoneNamed ? this.#utc : (this.#zoneOf(bytes, into, hostStart, hostEnd) ?? this.#clock);
      clock.receivedAtMs = this.#clock.receivedAtMs;
      into.timeMs = clock.fromParts(this.#year, this.#month, this.#day, this.#secondOfDay, this.#milliseconds);
    }
    this.#blanks(bytes);
    into.messageStart = this.#at;
    return true;
  }

  /**
   * Without a priority a line is syslog only where it looks like nothing else: behind an ISO time `failed: timeout`
   * may be any logger's text, and taken for a tag it would make a source of every word.
   */
  #isFileLine(
    bytes: Uint8Array,
    into: LineFields,
    hostStart: number,
    hostEnd: number,
    tagStart: number,
    tagEnd: number,
  ): boolean {
    if (hostEnd <= hostStart || tagEnd <= tagStart) return false;
    if (Number.isNaN(into.timeMs)) return true;
    for (let at = hostStart; at < hostEnd; at++) if (!isNameByte(bytes[at]) && bytes[at] !== COLON) return false;
    const hasPid = bytes[tagEnd] === OPEN;
    const isKernel = tagEnd - tagStart === KERNEL.length && KERNEL.every((byte, i) => bytes[tagStart + i] === byte);
    return hasPid || isKernel;
  }

  /** Cisco: `29: `, `: `, `*`, `.`, and `000019: host: `. */
  #skipSequence(bytes: Uint8Array): void {
    let at = this.#at;
    for (let part = 0; part < 3; part++) {
      let i = at;
      while (i < this.#end && isNameByte(bytes[i])) i++;
      if (bytes[i] !== COLON || bytes[i + 1] !== SPACE) break;
      // A word before the colon is a host only where a number came first; else it is the tag of a message without a date.
      const isNumber = i === at || digits(bytes, at, i - at) >= 0;
      if (part === 0 && !isNumber) return;
      at = i + 2;
    }
    while (bytes[at] === SPACE) at++;
    // An unsynchronised clock is marked by a star, one that has lost its server by a dot.
    if ((bytes[at] === 0x2a || bytes[at] === 0x2e) && at + 1 < this.#end) at++;
    this.#at = Math.min(at, this.#end);
  }

  /** Sets the parts of the date, or `into.timeMs` where it is an ISO time; false when there is none. */
  #date(bytes: Uint8Array, into: LineFields): boolean {
    let at = this.#at;
    const end = this.#end;
    this.#zoneNamed = false;
    this.#year = -1;
    this.#milliseconds = 0;
    if (digits(bytes, at, 4) > 1900 && bytes[at + 4] === NIL) {
      let stop = at;
      while (stop < end && bytes[stop] !== SPACE) stop++;
      into.timeMs = this.#clock.instant(bytes, at, stop);
      if (Number.isNaN(into.timeMs)) return false;
      this.#at = stop;
      return true;
    }
    if (digits(bytes, at, 4) > 1900 && bytes[at + 4] === SPACE) {
      this.#year = digits(bytes, at, 4);
      at += 5;
    }
    this.#month = monthAt(bytes, at);
    if (this.#month < 0 || bytes[at + 3] !== SPACE) return false;
    at += 4;
    while (bytes[at] === SPACE) at++;
    this.#day = bytes[at + 1] === SPACE ? digits(bytes, at, 1) : digits(bytes, at, 2);
    at += bytes[at + 1] === SPACE ? 1 : 2;
    if (this.#day < 1 || this.#day > 31 || bytes[at] !== SPACE) return false;
    at++;
    if (digits(bytes, at, 4) > 1900 && bytes[at + 4] === SPACE) {
      this.#year = digits(bytes, at, 4);
      at += 5;
    }
    this.#secondOfDay = secondOfDayAt(bytes, at);
    if (this.#secondOfDay < 0 || at + 8 > end) return false;
    at += 8;
    if (bytes[at] === 0x2e || bytes[at] === 0x2c) {
      let unit = 100;
      for (at++; at < end && bytes[at] >= 0x30 && bytes[at] <= 0x39; at++) {
        this.#milliseconds += (bytes[at] - 0x30) * unit;
        unit = unit === 100 ? 10 : unit === 10 ? 1 : 0;
      }
    }
    if (
      bytes[at] === SPACE &&
      digits(bytes, at + 1, 4) > 1900 &&
      (at + 5 >= end || bytes[at + 5] === SPACE || bytes[at + 5] === COLON)
    ) {
      this.#year = digits(bytes, at + 1, 4);
      at += 5;
    }
    if (bytes[at] === SPACE && isUtcAt(bytes, at + 1)) {
      this.#zoneNamed = true;
      at += 4;
    }
    if (bytes[at] === COLON) at++;
    // What was read must lie in this line and not in the next one.
    if (at > end + 1) return false;
    this.#at = Math.min(at, end);
    return true;
  }

  /** `name[pid]:` or `name:`; the end of the name, and behind it all `#at`. The same place when there is none. */
  #tag(bytes: Uint8Array): number {
    const start = this.#at;
    let at = start;
    while (at < this.#end && at - start < MAX_TAG_BYTES && isNameByte(bytes[at])) at++;
    const nameEnd = at;
    if (nameEnd === start) return start;
    if (bytes[at] === OPEN) {
      while (at < this.#end && bytes[at] !== CLOSE && bytes[at] !== SPACE) at++;
      if (bytes[at] !== CLOSE) return start;
      at++;
    }
    if (bytes[at] !== COLON || at >= this.#end) return start;
    at++;
    // `12:30` and `::1` are no tags.
    if (at < this.#end && bytes[at] !== SPACE && bytes[at] !== 0x09) return start;
    this.#at = at;
    return nameEnd;
  }

  #service(
    bytes: Uint8Array,
    into: LineFields,
    appStart: number,
    appEnd: number,
    hostStart: number,
    hostEnd: number,
  ): void {
    if (appEnd > appStart && !isNil(bytes, appStart, appEnd)) this.#name(into, appStart, appEnd);
    else if (hostEnd > hostStart && !isNil(bytes, hostStart, hostEnd)) this.#name(into, hostStart, hostEnd);
  }

  #name(into: LineFields, start: number, end: number): void {
    into.serviceStart = start;
    into.serviceEnd = end;
  }

  /** Steps over a word and one blank; gives the word's end. */
  #word(bytes: Uint8Array): number {
    let at = this.#at;
    while (at < this.#end && bytes[at] !== SPACE) at++;
    this.#at = at + 1;
    return at;
  }

  #blanks(bytes: Uint8Array): void {
    while (this.#at < this.#end && bytes[this.#at] === SPACE) this.#at++;
    this.#at = Math.min(this.#at, this.#end);
  }
}

function isNil(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 1 && bytes[start] === NIL;
}

/** Letters, digits and `- _ . /`. */
function isNameByte(byte: number): boolean {
  return (
    (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x2d && byte <= 0x39) || byte === 0x5f
  );
}

function isUtcAt(bytes: Uint8Array, at: number): boolean {
  const word = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
  return word === 0x555443 || word === 0x474d54;
}
