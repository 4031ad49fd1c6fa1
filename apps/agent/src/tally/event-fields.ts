import type { EventScan } from './event-scan.ts';
import { instantMs } from './instant.ts';
import { levelColumn, OTHER_COLUMN, severityColumn } from './level-of.ts';
import { plainServiceName, serviceName } from './service-name.ts';

/** The fields of the event that a scan stands at, whatever its format. Whoever counts and whoever shows use the same. */

/** Unix milliseconds; NaN when the event has no time, or one that cannot be read. */
export function eventTimeMs(scan: EventScan, body: Uint8Array): number {
  return scan.timeStart >= 0 ? instantMs(body, scan.timeStart, scan.timeEnd) : scan.timeMs;
}

/** The column of FRAME_COLUMNS that the event is counted in. */
export function eventColumn(scan: EventScan, body: Uint8Array): number {
  if (scan.severity > 0) return severityColumn(scan.severity);
  return scan.levelStart < 0 ? OTHER_COLUMN : levelColumn(body, scan.levelStart, scan.levelEnd);
}

/** Only for an event that has a service. */
export function eventService(scan: EventScan, body: Uint8Array): string {
  const name = scan.isPlainText ? plainServiceName : serviceName;
  return name(body, scan.serviceStart, scan.serviceEnd);
}
