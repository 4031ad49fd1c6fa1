import type { SampleLine } from '@sentinellog/shared';
import type { IngestRecord } from '../pipeline/ingest-record.ts';
import { SCAN_STEP } from './event-scan.ts';
import { eventMs, eventServiceOf, lineOf } from './sample-lines.ts';
import type { ScanShelf } from './scans.ts';

export interface RecordLine extends SampleLine {
  readonly service: string;
}

/**
 * Lines of a record in a stretch of event time, with the service each was counted for: every n-th, as a sample of what
 * is in it. Only those that are given back are parsed.
 * @param fromMs included
 * @param toMs not included
 */
export function* recordLines(
  scans: ScanShelf,
  record: IngestRecord,
  { fromMs, toMs, every }: { readonly fromMs: number; readonly toMs: number; readonly every: number },
): Generator<RecordLine> {
  const scan = scans.of(record.format);
  scan.begin(record.body);
  let seen = 0;
  for (let step = scan.next(); step !== SCAN_STEP.end; step = scan.next()) {
    if (step === SCAN_STEP.broken) return;
    if (step !== SCAN_STEP.event || seen++ % every !== 0) continue;
    const atMs = eventMs(scan, record);
    if (atMs >= fromMs && atMs < toMs) yield { ...lineOf(scan, record), service: eventServiceOf(scan, record) };
  }
}
