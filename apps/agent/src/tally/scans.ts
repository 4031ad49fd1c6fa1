import type { RecordFormat } from '../pipeline/ingest-record.ts';
import type { EventScan } from './event-scan.ts';
import { ElasticBulkScan } from './scan-elastic-bulk.ts';
import { JsonScan } from './scan-json.ts';
import { LokiJsonScan } from './scan-loki-json.ts';
import { LokiProtobufScan } from './scan-loki-protobuf.ts';
import { OtlpJsonScan } from './scan-otlp-json.ts';
import { MappedJsonScan } from './scan-mapped-json.ts';
import { OtlpProtobufScan } from './scan-otlp-protobuf.ts';
import { SyslogScan } from './scan-syslog.ts';
import { TextScan } from './scan-text.ts';

/** Every format that can be read: one file each (`scan-<format>.ts`) and one line here. */
const SCANS: Readonly<Record<RecordFormat, () => EventScan>> = {
  json: () => new JsonScan(),
  'elastic-bulk': () => new ElasticBulkScan(),
  'loki-json': () => new LokiJsonScan(),
  'otlp-json': () => new OtlpJsonScan(),
  'otlp-protobuf': () => new OtlpProtobufScan(),
  'loki-protobuf': () => new LokiProtobufScan(),
  syslog: () => new SyslogScan(),
  text: () => new TextScan(),
  'mapped-json': () => new MappedJsonScan(),
};

/** One scan of each format, made when it is first wanted: to make one takes longer than to scan a record of one event. */
export class ScanShelf {
  readonly #scans = new Map<RecordFormat, EventScan>();

  /** The same one each time: it can be on one record only. */
  of(format: RecordFormat): EventScan {
    let scan = this.#scans.get(format);
    if (scan === undefined) this.#scans.set(format, (scan = SCANS[format]()));
    return scan;
  }
}
