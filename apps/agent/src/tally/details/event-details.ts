import type { RecordFormat } from '../../pipeline/ingest-record.ts';
import type { EventScan } from '../event-scan.ts';
import { SPAN } from '../event-spans.ts';
import { eachJsonField, type VisitField } from './json-values.ts';
import { eachTextField } from './line-values.ts';
import { eachLokiJsonField, eachLokiProtobufField } from './loki-values.ts';
import { eachOtlpJsonField } from './otlp-json-values.ts';
import { eachOtlpProtobufField } from './otlp-protobuf-values.ts';
import { type SharedFields, sharedFieldsOf } from './shared-fields.ts';

/** Everything an event says, not only what is counted. Cold: for events that somebody looks at. */
export class EventDetails {
  #format: RecordFormat = 'json';
  #body: Uint8Array = new Uint8Array(0);
  #shared: readonly SharedFields[] | undefined;

  begin(format: RecordFormat, body: Uint8Array): void {
    this.#format = format;
    this.#body = body;
    this.#shared = undefined;
  }

  /** Values of the event that the scan stands at, and those that it shares with others. True: `visit` ended it. */
  eachField(scan: EventScan, visit: VisitField): boolean {
    const start = scan.spans.starts[SPAN.event];
    const end = scan.spans.ends[SPAN.event];
    if (this.#eachOwn(scan, start, end, visit)) return true;
    this.#shared ??= sharedFieldsOf(this.#format, this.#body);
    const group = this.#shared.find((one) => start >= one.start && end <= one.end);
    return group?.fields.some(([name, value]) => visit(name, value)) ?? false;
  }

  #eachOwn(scan: EventScan, start: number, end: number, visit: VisitField): boolean {
    const body = this.#body;
    switch (this.#format) {
      case 'otlp-json':
        return eachOtlpJsonField(body, start, end, visit);
      case 'otlp-protobuf':
        return eachOtlpProtobufField(body, start, end, visit);
      case 'loki-json':
        return eachLokiJsonField(body, start, end, visit);
      case 'loki-protobuf':
        return eachLokiProtobufField(body, start, end, visit);
      case 'syslog':
      case 'text': {
        const line = Buffer.from(body.buffer, body.byteOffset + start, end - start);
        return eachTextField(line, scan.text().message, visit);
      }
      case 'json':
      case 'elastic-bulk':
      case 'mapped-json':
        break;
    }
    return eachJsonField(body, start, end, visit);
  }
}
