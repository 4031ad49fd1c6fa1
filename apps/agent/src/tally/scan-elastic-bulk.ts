import { BULK_ACTIONS, BULK_STEP, BulkItems } from '../pipeline/bulk-items.ts';
import { undatedEnd } from '../pipeline/undated-index.ts';
import { type EventRejection, type EventScan, type EventText, SCAN_STEP } from './event-scan.ts';
import { type EventSpans, SPAN } from './event-spans.ts';
import { JsonScan } from './scan-json.ts';

/**
 * Elasticsearch bulk: JSON events, each behind a line that names its index. A document's own service counts; where it
 * has none, the index stands for it. `line` is the item's number.
 */
export class ElasticBulkScan implements EventScan {
  readonly spans: EventSpans;
  readonly isPlainText = false;
  line = 0;
  rejection: EventRejection = 'invalid_json';
  detail = '';
  readonly #items = new BulkItems();
  readonly #json = new JsonScan();
  #bytes: Uint8Array = new Uint8Array(0);

  constructor() {
    this.spans = this.#json.spans;
  }

  begin(body: Uint8Array): void {
    this.#bytes = body;
    this.#items.begin(body);
  }

  next(): number {
    const items = this.#items;
    const found = items.next();
    if (found === BULK_STEP.end) return SCAN_STEP.end;
    this.line = items.item;
    if (found === BULK_STEP.broken) return this.#refuse(SCAN_STEP.broken, items.code, items.detail);
    if (items.action > 1) {
      const detail = `logs are never changed: ${BULK_ACTIONS[items.action]} is not possible, send index or create`;
      return this.#refuse(SCAN_STEP.rejected, 'unsupported_action', detail);
    }
    const json = this.#json;
    const step = json.one(this.#bytes, items.documentStart, items.documentEnd);
    if (step !== SCAN_STEP.event) return this.#refuse(step, json.rejection, json.detail);
    if (this.spans.starts[SPAN.service] < 0 && items.indexStart >= 0) {
      json.supply(SPAN.service, items.indexStart, undatedEnd(this.#bytes, items.indexStart, items.indexEnd));
    }
    return SCAN_STEP.event;
  }

  text(): EventText {
    return this.#json.text();
  }

  #refuse(step: number, rejection: EventRejection, detail: string): number {
    this.rejection = rejection;
    this.detail = detail;
    return step;
  }
}
