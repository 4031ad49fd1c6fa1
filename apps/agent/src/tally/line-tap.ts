import { FRAME_COLUMNS, type Level } from '@sentinellog/shared';
import type { IngestRecord } from '../pipeline/ingest-record.ts';
import { isBelievable } from './accept-window.ts';
import { eventColumn, eventService, eventTimeMs } from './event-fields.ts';
import { type EventScan, SCAN_STEP } from './event-scan.ts';
import { SPAN } from './event-spans.ts';
import { ScanShelf } from './scans.ts';
import { UNKNOWN_SERVICE } from './tally.ts';

/** Bodies that wait to be looked at: a quarter of a second at 16 MB/s; of more, a part is looked at. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const MAX_MESSAGE_CHARACTERS = 2000;

/** A line that has just been stored, as far as it is cheap to know; its text costs more and is asked for. */
export interface TappedLine {
  readonly atMs: number;
  readonly tenant: string;
  readonly service: string;
  readonly level: Level;
  /** At most 2,000 characters; only until the visit is over. */
  text(): { readonly message: string; readonly traceId?: string };
}

/** What a drain has looked at. */
export interface TapCount {
  /** Events stored since the last drain. */
  readonly stored: number;
  /** Of those, the ones that were visited. */
  readonly visited: number;
}

/**
 * Lets others see lines right after they were stored without ingest waiting for it: a body is copied, at most so many
 * bytes, and read later. Nothing is copied while nobody looks.
 */
export class LineTap {
  isWanted = false;
  #waiting: IngestRecord[] = [];
  #waitingBytes = 0;
  #stored = 0;
  readonly #scans = new ScanShelf();
  /** Events in bodies that there was no room for. */
  skipped = 0;

  /** A record is on disk; its body is the caller's again when this returns. */
  offer(record: IngestRecord): void {
    if (!this.isWanted) return;
    this.#stored += record.accepted;
    if (this.#waitingBytes + record.body.length > MAX_WAITING_BYTES) {
      this.skipped += record.accepted;
      return;
    }
    this.#waitingBytes += record.body.length;
    this.#waiting.push({ ...record, body: Uint8Array.from(record.body) });
  }

  /**
   * Visits the lines that wait, at most `maxEvents`, evenly from all bodies, and forgets them.
   * @param visit gets one line at a time and keeps nothing of it but what it copies
   */
  drain(maxEvents: number, visit: (line: TappedLine) => void): TapCount {
    const records = this.#waiting;
    const stored = this.#stored;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#stored = 0;
    let left = maxEvents;
    let visited = 0;
    for (const [i, record] of records.entries()) {
      const share = Math.ceil(left / (records.length - i));
      const seen = visitRecord(this.#scans, record, share, visit);
      left -= seen;
      visited += seen;
    }
    return { stored, visited };
  }
}

function visitRecord(scans: ScanShelf, record: IngestRecord, most: number, visit: (line: TappedLine) => void): number {
  const { body, tenant, receivedAtMs, pinnedService } = record;
  const scan = scans.of(record.format);
  scan.begin(body);
  let seen = 0;
  while (seen < most) {
    const step = scan.next();
    if (step === SCAN_STEP.end || step === SCAN_STEP.broken) break;
    if (step !== SCAN_STEP.event) continue;
    seen++;
    const ms = eventTimeMs(scan.spans, body);
    visit({
      atMs: Math.floor(isBelievable(ms, receivedAtMs) ? ms : receivedAtMs),
      tenant,
      service: pinnedService ?? serviceOf(scan, record),
      level: FRAME_COLUMNS[eventColumn(scan.spans, body)] as Level,
      text: () => {
        const { message, traceId } = scan.text();
        const cut = message.slice(0, MAX_MESSAGE_CHARACTERS);
        return traceId === undefined ? { message: cut } : { message: cut, traceId };
      },
    });
  }
  return seen;
}

function serviceOf(scan: EventScan, { body, defaultService }: IngestRecord): string {
  return scan.spans.starts[SPAN.service] < 0 ? (defaultService ?? UNKNOWN_SERVICE) : eventService(scan, body);
}
