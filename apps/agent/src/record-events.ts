import { FRAME_COLUMNS, type Level } from '@sentinellog/shared';
import { decodeRecords } from './journal/record-format.ts';
import type { IngestRecord, RecordFormat } from './pipeline/ingest-record.ts';
import type { FoundEvent, RecordReader } from './search/found-event.ts';
import { isBelievable } from './tally/accept-window.ts';
import { EventDetails } from './tally/details/event-details.ts';
import { eventColumn, eventService, eventTimeMs } from './tally/event-fields.ts';
import { type EventScan, SCAN_STEP } from './tally/event-scan.ts';
import { SPAN } from './tally/event-spans.ts';
import { ScanShelf } from './tally/scans.ts';
import { storable } from './tally/service-name.ts';
import { UNKNOWN_SERVICE } from './tally/tally.ts';

/** Formats in which an event lies in the body as a JSON object of its own. */
const JSON_FORMATS: ReadonlySet<RecordFormat> = new Set(['json', 'elastic-bulk', 'mapped-json']);
const OPEN_OBJECT = 0x7b;

/**
 * The journal's records for the search: the same scans that counted their events, so that a search finds what was
 * counted, under the time, service and level it was counted with.
 */
export class RecordEvents implements RecordReader {
  readonly event: FoundEvent;
  readonly #tenant: string;
  readonly #scans = new ScanShelf();
  readonly #details = new EventDetails();
  #record: IngestRecord | undefined;
  #scan: EventScan | undefined;
  #bodyAt = 0;
  #fallbackService = '';

  /** @param tenant whose events are shown */
  constructor(tenant: string) {
    this.#tenant = tenant;
    this.event = this.#makeEvent();
  }

  get start(): number {
    return this.#bodyAt + this.#here.scan.spans.starts[SPAN.event];
  }

  get end(): number {
    return this.#bodyAt + this.#here.scan.spans.ends[SPAN.event];
  }

  open(raw: Buffer, at: number): boolean {
    const bytes = raw.subarray(at, at + raw.readUInt32LE(at));
    const [record] = decodeRecords(bytes);
    if (record.tenant !== this.#tenant) return false;
    this.#record = record;
    this.#bodyAt = at + bytes.length - record.body.length;
    this.#fallbackService = record.defaultService === undefined ? UNKNOWN_SERVICE : storable(record.defaultService);
    this.#scan = this.#scans.of(record.format);
    this.#details.begin(record.format, record.body);
    this.#scan.begin(record.body);
    return true;
  }

  rewind(): void {
    const { scan, record } = this.#here;
    scan.begin(record.body);
  }

  next(): boolean {
    const { scan } = this.#here;
    for (;;) {
      const step = scan.next();
      if (step === SCAN_STEP.event) return true;
      if (step !== SCAN_STEP.rejected) return false;
    }
  }

  get #here(): { readonly scan: EventScan; readonly record: IngestRecord } {
    if (this.#scan === undefined || this.#record === undefined) throw new Error('no record has been opened');
    return { scan: this.#scan, record: this.#record };
  }

  #makeEvent(): FoundEvent {
    const here = () => this.#here;
    const details = this.#details;
    const service = () => this.#service();
    return {
      get atMs(): number {
        const { scan, record } = here();
        const ms = Math.floor(eventTimeMs(scan.spans, record.body));
        return isBelievable(ms, record.receivedAtMs) ? ms : record.receivedAtMs;
      },
      get receivedAtMs(): number {
        return here().record.receivedAtMs;
      },
      get service(): string {
        return service();
      },
      get level(): Level {
        const { scan, record } = here();
        return FRAME_COLUMNS[eventColumn(scan.spans, record.body)] as Level;
      },
      message: () => here().scan.text().message,
      traceId: () => here().scan.text().traceId,
      eachField: (visit) => details.eachField(here().scan, visit),
      json: () => {
        const { scan, record } = here();
        // A text may turn out to be JSON all the same.
        const first = record.body[scan.spans.starts[SPAN.event]];
        if (
          !JSON_FORMATS.has(record.format) &&
          (record.format !== 'text' || scan.isPlainText || first !== OPEN_OBJECT)
        ) {
          return undefined;
        }
        return record.body.subarray(scan.spans.starts[SPAN.event], scan.spans.ends[SPAN.event]);
      },
    };
  }

  #service(): string {
    const { scan, record } = this.#here;
    if (record.pinnedService !== null) return record.pinnedService;
    return scan.spans.starts[SPAN.service] < 0 ? this.#fallbackService : eventService(scan, record.body);
  }
}
