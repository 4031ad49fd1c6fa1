import type { Level } from '@sentinellog/shared';

/** The event that a RecordReader stands at, as it is counted. Valid until it goes on. */
export interface FoundEvent {
  readonly atMs: number;
  readonly receivedAtMs: number;
  readonly service: string;
  readonly level: Level;
  message(): string;
  traceId(): string | undefined;
  /**
   * Every value with the name of its field, nested ones as `a.b`, of a list each on its own; those too that it shares
   * with others (labels, resource). Ends when `visit` gives true, and then gives true.
   */
  eachField(visit: (name: string, value: string) => boolean): boolean;
  /** Its bytes where it came as a JSON object. */
  json(): Uint8Array | undefined;
}

/** Walks through the events of one record. Made outside of this stage, which knows neither journal nor formats. */
export interface RecordReader {
  /**
   * Opens the record that begins at `at` of a block's payload.
   * @returns false for one that is not to be shown to whoever asks
   */
  open(raw: Buffer, at: number): boolean;
  /** Back to its first event. */
  rewind(): void;
  /** On to the next event; false behind the last one. */
  next(): boolean;
  /** Where the event lies in the payload. */
  readonly start: number;
  readonly end: number;
  readonly event: FoundEvent;
}

/** Where a record lies in a block's payload, and how texts lie in it. */
export interface RecordPlace {
  readonly start: number;
  readonly end: number;
  /**
   * `text`: as themselves or with the escapes of JSON; `binary`: as themselves, but numbers and ids as bytes of their
   * own; `pieces`: a text may be cut in two, so that the raw bytes prove nothing.
   */
  readonly layout: 'text' | 'binary' | 'pieces';
}
