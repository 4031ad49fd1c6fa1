import { FRAME_COLUMNS, type SampleLine } from '@sentinellog/shared';
import type { IngestRecord } from '../pipeline/ingest-record.ts';
import { isBelievable } from './accept-window.ts';
import { eventColumn, eventService, eventTimeMs } from './event-fields.ts';
import { SCAN_STEP } from './event-scan.ts';
import { SPAN } from './event-spans.ts';
import { ScanShelf } from './scans.ts';
import { UNKNOWN_SERVICE } from './tally.ts';

const MAX_MESSAGE_CHARACTERS = 2000;

export interface EventLine extends SampleLine {
  readonly tenant: string;
  readonly service: string;
}

export interface LineWish {
  /** Absent: lines of every tenant. */
  readonly tenant?: string;
  /** Milliseconds of event time: from ≤ t < to. */
  readonly fromMs: number;
  readonly toMs: number;
  /** By level (`error`, `warn` …); only lines that pass are parsed. */
  readonly isWanted: (level: string) => boolean;
  /** Of one service, so that a loud one leaves room for the others. */
  readonly mostPerService: number;
  readonly most: number;
}

/**
 * Log lines of all services in a stretch of event time, as they lie in the journal, in the order of arrival.
 * @param records of the journal; the caller bounds how much is read
 */
export async function eventLines(
  records: AsyncIterable<{ readonly record: IngestRecord }>,
  wish: LineWish,
): Promise<EventLine[]> {
  const lines: EventLine[] = [];
  const taken = new Map<string, number>();
  const scans = new ScanShelf();
  for await (const { record } of records) {
    if (wish.tenant !== undefined && record.tenant !== wish.tenant) continue;
    const scan = scans.of(record.format);
    scan.begin(record.body);
    for (let step = scan.next(); step !== SCAN_STEP.end; step = scan.next()) {
      if (step !== SCAN_STEP.event) continue;
      // Few lines are wanted, and a level is read faster than a time.
      const level = FRAME_COLUMNS[eventColumn(scan.spans, record.body)];
      if (!wish.isWanted(level)) continue;
      const eventMs = eventTimeMs(scan.spans, record.body);
      const atMs = Math.floor(isBelievable(eventMs, record.receivedAtMs) ? eventMs : record.receivedAtMs);
      if (atMs < wish.fromMs || atMs >= wish.toMs) continue;
      const named =
        scan.spans.starts[SPAN.service] < 0
          ? (record.defaultService ?? UNKNOWN_SERVICE)
          : eventService(scan, record.body);
      const service = record.pinnedService ?? named;
      const key = `${record.tenant}\0${service}`;
      const count = taken.get(key) ?? 0;
      if (count >= wish.mostPerService) continue;
      taken.set(key, count + 1);
      const { message, traceId } = scan.text();
      lines.push({
        tenant: record.tenant,
        service,
        at_ms: atMs,
        level,
        message: message.slice(0, MAX_MESSAGE_CHARACTERS),
        ...(traceId !== undefined && { trace_id: traceId }),
      });
      if (lines.length >= wish.most) return lines;
    }
  }
  return lines;
}
