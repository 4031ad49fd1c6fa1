/** Why one event of a batch was refused. Stable: senders and the console know these words. */
export type EventRejection =
  | 'invalid_json'
  | 'not_an_object'
  | 'event_too_large'
  | 'nesting_too_deep'
  | 'too_many_fields';

/** What `next` came to. Numbers, because it is asked for every event. */
export const SCAN_STEP = { end: 0, event: 1, rejected: 2 } as const;

/**
 * One pass over a body, event by event. It makes no object per event: after `next` the properties tell where in the
 * body the event and its counted fields lie (`…End` past the last byte; a start of −1 means that the field is absent).
 * One file a format; `scans.ts` names them all.
 */
export interface EventScan {
  begin(body: Uint8Array): void;
  next(): number;
  readonly eventStart: number;
  readonly eventEnd: number;
  readonly timeStart: number;
  readonly timeEnd: number;
  readonly serviceStart: number;
  readonly serviceEnd: number;
  readonly levelStart: number;
  readonly levelEnd: number;
  /** After a rejection: which line (or array element), counted from 1, and why. */
  readonly line: number;
  readonly rejection: EventRejection;
  readonly detail: string;
}
