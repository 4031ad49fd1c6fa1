import { FRAME_COLUMNS, type SampleLine } from '@sentinellog/shared';
import type { IngestRecord } from '../pipeline/ingest-record.ts';
import { isBelievable } from './accept-window.ts';
import { eventColumn, eventService, eventTimeMs } from './event-fields.ts';
import { type EventScan, SCAN_STEP } from './event-scan.ts';
import { SPAN } from './event-spans.ts';
import { ScanShelf } from './scans.ts';
import { UNKNOWN_SERVICE } from './tally.ts';

const MAX_MESSAGE_CHARACTERS = 2000;
const ERROR_COLUMNS = new Set([FRAME_COLUMNS.indexOf('error'), FRAME_COLUMNS.indexOf('fatal')]);

export interface SampleWish {
  readonly tenant: string;
  readonly service: string;
  /** Unix seconds of event time: from ≤ t < to. */
  readonly fromSecond: number;
  readonly toSecond: number;
  /** `errors`: errors first, others only where there are too few of them. */
  readonly prefer: 'errors' | 'any';
  readonly limit: number;
}

/**
 * Log lines of one service in a stretch of event time, as they lie in the journal, in the order of arrival. The bodies
 * are scanned as they were when they were counted; only the lines that are given back are parsed.
 * @param records of the journal, from wherever the stretch can begin; reading stops as soon as there is enough
 */
export async function sampleLines(
  records: AsyncIterable<{ readonly record: IngestRecord }>,
  want: SampleWish,
): Promise<SampleLine[]> {
  const preferred: SampleLine[] = [];
  const others: SampleLine[] = [];
  const scans = new ScanShelf();
  for await (const { record } of records) {
    if (record.tenant !== want.tenant) continue;
    if (record.pinnedService !== null && record.pinnedService !== want.service) continue;
    const scan = scans.of(record.format);
    scan.begin(record.body);
    for (let step = scan.next(); step !== SCAN_STEP.end; step = scan.next()) {
      if (step !== SCAN_STEP.event || !isWanted(scan, record, want)) continue;
      const isPreferred = want.prefer === 'any' || ERROR_COLUMNS.has(eventColumn(scan.spans, record.body));
      const target = isPreferred ? preferred : others;
      if (target.length < want.limit) target.push(lineOf(scan, record));
      if (preferred.length >= want.limit) return preferred;
    }
  }
  return [...preferred, ...others].slice(0, want.limit);
}

function isWanted(scan: EventScan, record: IngestRecord, want: SampleWish): boolean {
  const second = Math.floor(eventMs(scan, record) / 1000);
  if (second < want.fromSecond || second >= want.toSecond) return false;
  return record.pinnedService !== null || eventServiceOf(scan, record) === want.service;
}

/** The service that the event was counted for. */
export function eventServiceOf(scan: EventScan, record: IngestRecord): string {
  if (record.pinnedService !== null) return record.pinnedService;
  const hasService = scan.spans.starts[SPAN.service] >= 0;
  return hasService ? eventService(scan, record.body) : (record.defaultService ?? UNKNOWN_SERVICE);
}

/** The time that the event was counted at. */
export function eventMs(scan: EventScan, { body, receivedAtMs }: IngestRecord): number {
  const ms = eventTimeMs(scan.spans, body);
  return isBelievable(ms, receivedAtMs) ? ms : receivedAtMs;
}

export function lineOf(scan: EventScan, record: IngestRecord): SampleLine {
  const { message, traceId } = scan.text();
  const line: SampleLine = {
    at_ms: Math.floor(eventMs(scan, record)),
    level: FRAME_COLUMNS[eventColumn(scan.spans, record.body)],
    message: message.slice(0, MAX_MESSAGE_CHARACTERS),
  };
  if (traceId !== undefined) line.trace_id = traceId;
  return line;
}
