import { PARSERS, type ParserName, type TextReading } from '../pipeline/text-reading.ts';
import { AccessLine } from './parsers/access-line.ts';
import { JsonLine } from './parsers/json-line.ts';
import type { LineFields, LineParser } from './parsers/line-fields.ts';
import { LogfmtLine } from './parsers/logfmt-line.ts';
import { PatternLine } from './parsers/pattern-line.ts';
import { SyslogLine } from './parsers/syslog-line.ts';
import { TimestampedLine } from './parsers/timestamped-line.ts';
import { TextClock } from './text-clock.ts';

const OPEN_OBJECT = 0x7b;

/** Reads lines as one TextReading asks: by the parser it names, or by the first that takes the line. */
export class LineReader {
  readonly clock: TextClock;
  readonly json: JsonLine;
  readonly syslog: SyslogLine;
  readonly #zones: ReadonlyMap<string, TextClock>;
  readonly #parsers: readonly LineParser[];

  constructor(reading: TextReading) {
    this.clock = new TextClock(reading.zone);
    this.#zones = new Map(Object.entries(reading.zones ?? {}).map(([name, zone]) => [name, new TextClock(zone)]));
    this.json = new JsonLine(this.clock, reading.fields);
    this.syslog = new SyslogLine(this.clock, (bytes, fields, hostStart, hostEnd) => {
      if (this.#zones.size === 0) return undefined;
      const byService = this.#zones.get(latin1(bytes, fields.serviceStart, fields.serviceEnd));
      return byService ?? this.#zones.get(latin1(bytes, hostStart, hostEnd));
    });
    this.#parsers = this.#parsersOf(reading);
  }

  /** False when no parser took the line; then all of it is the message. */
  read(bytes: Uint8Array, start: number, end: number, into: LineFields): boolean {
    for (const parser of this.#parsers) {
      into.clear(start, end);
      if (parser.read(bytes, start, end, into)) return true;
    }
    into.clear(start, end);
    return false;
  }

  /** A syslog message; what it carries may be JSON, whose level then says more than the priority. */
  readSyslog(bytes: Uint8Array, start: number, end: number, into: LineFields): boolean {
    into.clear(start, end);
    if (!this.syslog.read(bytes, start, end, into)) {
      into.clear(start, end);
      return false;
    }
    const { messageStart, serviceStart, serviceEnd, severity, timeMs } = into;
    if (bytes[messageStart] !== OPEN_OBJECT || messageStart >= end) return true;
    const isJson = this.json.read(bytes, messageStart, end, into);
    // Sender and time are those of the envelope.
    into.isPlainText = true;
    into.serviceStart = serviceStart;
    into.serviceEnd = serviceEnd;
    if (!Number.isNaN(timeMs)) into.timeMs = timeMs;
    if (isJson && into.levelStart >= 0) into.severity = 0;
    else into.severity = severity;
    return true;
  }

  #parsersOf({ parser, patterns = {}, fields }: TextReading): readonly LineParser[] {
    const named: Readonly<Record<ParserName, () => LineParser>> = {
      json: () => this.json,
      syslog: () => ({ read: (bytes, start, end, into) => this.readSyslog(bytes, start, end, into) }),
      timestamped: () => new TimestampedLine(this.clock),
      access: () => new AccessLine(this.clock),
      logfmt: () => new LogfmtLine(this.clock, fields),
    };
    const known = PARSERS.find((name) => name === parser);
    if (known !== undefined) return [named[known]()];
    if (Object.hasOwn(patterns, parser)) return [new PatternLine(this.clock, patterns[parser])];
    if (parser === 'plain') return [];
    return [
      ...Object.values(patterns).map((pattern) => new PatternLine(this.clock, pattern)),
      ...PARSERS.map((name) => named[name]()),
    ];
  }
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return start < 0 ? '' : Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}
