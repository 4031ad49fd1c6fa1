import { FRAME_COLUMNS } from '@sentinellog/shared';
import { eventColumn, eventService, eventTimeMs } from '../event-fields.ts';
import { type EventScan, SCAN_STEP } from '../event-scan.ts';
import { SPAN } from '../event-spans.ts';

export interface ScannedEvent {
  readonly service: string | null;
  readonly timeMs: number;
  readonly level: string;
  readonly message: string;
  readonly traceId?: string;
}

export interface Scanned {
  readonly events: ScannedEvent[];
  readonly rejections: { readonly line: number; readonly code: string; readonly detail: string }[];
  readonly isBroken: boolean;
}

/** Everything that a scan makes of a body, as objects. */
export function scanned(scan: EventScan, body: Uint8Array): Scanned {
  const events: ScannedEvent[] = [];
  const rejections: Scanned['rejections'] = [];
  scan.begin(body);
  for (;;) {
    const step = scan.next();
    if (step === SCAN_STEP.end) return { events, rejections, isBroken: false };
    if (step === SCAN_STEP.event) {
      events.push({
        service: scan.spans.starts[SPAN.service] < 0 ? null : eventService(scan, body),
        timeMs: eventTimeMs(scan.spans, body),
        level: FRAME_COLUMNS[eventColumn(scan.spans, body)],
        ...scan.text(),
      });
    } else {
      rejections.push({ line: scan.line, code: scan.rejection, detail: scan.detail });
      if (step === SCAN_STEP.broken) return { events, rejections, isBroken: true };
    }
  }
}

/** The body with some bytes of it changed, cut off or doubled: what broken senders and networks make of it. */
export function mutated(body: Uint8Array, at: number, byte: number, kind: 'set' | 'cut' | 'insert'): Buffer {
  const place = at % body.length;
  if (kind === 'cut') return Buffer.from(body.subarray(0, place));
  if (kind === 'insert') return Buffer.concat([body.subarray(0, place), Buffer.of(byte), body.subarray(place)]);
  const copy = Buffer.from(body);
  copy[place] = byte;
  return copy;
}
