/** Places in `EventSpans`: the event itself and the fields of it that something counts, routes or mines. */
export const SPAN = {
  event: 0,
  time: 1,
  service: 2,
  level: 3,
  message: 4,
  durationMs: 5,
  statusCode: 6,
  traceId: 7,
  userId: 8,
  errorCode: 9,
} as const;
const SPANS = Object.keys(SPAN).length;

export const ABSENT = -1;

/**
 * Where in the body the event that a scan stands at lies, and its fields: `starts[SPAN.x]` inclusive, `ends[SPAN.x]`
 * exclusive, text without its quotes; a start of −1 means that the field is absent. One class for all formats, so that
 * whoever reads it reads one kind of object; overwritten by each event.
 */
export class EventSpans {
  readonly starts = new Int32Array(SPANS).fill(ABSENT);
  readonly ends = new Int32Array(SPANS);
  /** Where there is no text of a time: the time itself, in Unix milliseconds, NaN when the event has none. */
  timeMs = Number.NaN;
  /** OpenTelemetry's severity number, 1 to 24, which then counts instead of the level; else 0. */
  severity = 0;
  /** The message lies in the body with the escapes of JSON. */
  isMessageEscaped = false;
  /** The message is no run of bytes in the body (a structure in protobuf): `EventScan.text` makes it. */
  isMessageMade = false;

  set(span: number, start: number, end: number): void {
    this.starts[span] = start;
    this.ends[span] = end;
  }

  /** Every field but the event's own place. */
  clear(): void {
    const starts = this.starts;
    for (let span = 1; span < SPANS; span++) starts[span] = ABSENT;
    this.timeMs = Number.NaN;
    this.severity = 0;
    this.isMessageEscaped = false;
    this.isMessageMade = false;
  }
}
