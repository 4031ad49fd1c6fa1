import type { EventScan } from './event-scan.ts';
import { type EventSpans, SPAN } from './event-spans.ts';
import { instantMs } from './instant.ts';
import { levelColumn, OTHER_COLUMN, severityColumn } from './level-of.ts';
import { plainServiceName, serviceName } from './service-name.ts';

/** The fields of an event, whatever its format. Whoever counts and whoever shows use the same. */

/** Unix milliseconds; NaN when the event has no time, or one that cannot be read. */
export function eventTimeMs(spans: EventSpans, body: Uint8Array): number {
  const start = spans.starts[SPAN.time];
  return start >= 0 ? instantMs(body, start, spans.ends[SPAN.time]) : spans.timeMs;
}

/** The column of FRAME_COLUMNS that the event is counted in. */
export function eventColumn(spans: EventSpans, body: Uint8Array): number {
  if (spans.severity > 0) return severityColumn(spans.severity);
  const start = spans.starts[SPAN.level];
  return start < 0 ? OTHER_COLUMN : levelColumn(body, start, spans.ends[SPAN.level]);
}

/** Only for an event that has a service. */
export function eventService(scan: EventScan, body: Uint8Array): string {
  const name = scan.isPlainText ? plainServiceName : serviceName;
  return name(body, scan.spans.starts[SPAN.service], scan.spans.ends[SPAN.service]);
}
