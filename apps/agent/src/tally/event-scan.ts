import type { EventSpans } from './event-spans.ts';

/** Why one event of a batch was refused. Stable: senders and the console know these words. */
export type EventRejection =
  | 'invalid_json'
  | 'not_an_object'
  | 'event_too_large'
  | 'nesting_too_deep'
  | 'too_many_fields'
  | 'invalid_protobuf'
  | 'invalid_timestamp'
  | 'unsupported_action'
  | 'schema_violation'
  | 'body_too_large';

/**
 * What `next` came to. Numbers, because it is asked for every event. `broken`: the body as a whole is not what its
 * format says; none of it counts, not even what came before.
 */
export const SCAN_STEP = { end: 0, event: 1, rejected: 2, broken: 3 } as const;

/** One event as people read it. */
export interface EventText {
  readonly message: string;
  readonly traceId?: string;
}

/**
 * One pass over a body, event by event. It makes no object per event: after `next` the spans tell where in the body the
 * event and its fields lie. One file a format; `scans.ts` names them all.
 */
export interface EventScan {
  begin(body: Uint8Array): void;
  next(): number;
  /** Of the event that `next` came to. */
  readonly spans: EventSpans;
  /** Whether texts lie in the body as themselves and not with the escapes of JSON. */
  readonly isPlainText: boolean;
  /** Cold: the event that `next` came to. */
  text(): EventText;
  /** After a rejection: which line (or element, item, record), counted from 1, and why. */
  readonly line: number;
  readonly rejection: EventRejection;
  readonly detail: string;
  /** Since `begin`: events that no parser took and whose whole text is the message. Only texts have such. */
  readonly unparsed?: number;
}
