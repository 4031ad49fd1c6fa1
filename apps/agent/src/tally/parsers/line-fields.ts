const ABSENT = -1;

/** What a parser found in a line: places in the bytes, as an EventScan names them. One object, used again for every line. */
export class LineFields {
  /** What was read: a line, or the JSON object on it. */
  lineStart = 0;
  lineEnd = 0;
  /** Unix milliseconds; NaN when the line has no time. */
  timeMs = Number.NaN;
  serviceStart = ABSENT;
  serviceEnd = ABSENT;
  levelStart = ABSENT;
  levelEnd = ABSENT;
  /** OpenTelemetry's severity number, or 0. */
  severity = 0;
  messageStart = 0;
  messageEnd = 0;
  traceStart = ABSENT;
  traceEnd = ABSENT;
  /** False where texts carry the escapes of JSON. */
  isPlainText = true;

  clear(start: number, end: number): void {
    this.lineStart = start;
    this.lineEnd = end;
    this.timeMs = Number.NaN;
    this.serviceStart = ABSENT;
    this.serviceEnd = ABSENT;
    this.levelStart = ABSENT;
    this.levelEnd = ABSENT;
    this.severity = 0;
    this.messageStart = start;
    this.messageEnd = end;
    this.traceStart = ABSENT;
    this.traceEnd = ABSENT;
    this.isPlainText = true;
  }
}

/** One way to read a line. */
export interface LineParser {
  /**
   * True when the line is of this kind; then its fields are in `into`, which comes cleared.
   * False leaves `into` in any state.
   */
  read(bytes: Uint8Array, start: number, end: number, into: LineFields): boolean;
}
