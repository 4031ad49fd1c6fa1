import { findBlocks, type JournalView } from './journal/journal-view.ts';
import type { JournalFiles } from './journal/journal-files.ts';
import { recordPlaces } from './journal/record-format.ts';
import type { RecordFormat } from './pipeline/ingest-record.ts';
import { sourceHash } from './pipeline/record-contents.ts';
import { RecordEvents } from './record-events.ts';
import type { RecordPlace as SearchedRecord } from './search/found-event.ts';
import type { BlockWish, SearchedBlock, TaskTools } from './search/run-task.ts';
import { OVERFLOW_SERVICE } from './tally/tally.ts';

const BINARY_FORMATS: ReadonlySet<RecordFormat> = new Set(['otlp-protobuf', 'loki-protobuf']);

/** How far into a record the head of its text reaches, names and reading included. */
const TEXT_HEAD_BYTES = 64 * 1024;

/** How the search reads the journal: here the two and the formats meet. */
export function journalTools(
  view: JournalView,
  tenant: string,
  files?: JournalFiles,
): Pick<TaskTools, 'blocks' | 'records' | 'reader'> {
  return {
    blocks: (wish) => blocksOf(view, wish, files),
    records: placesOf,
    reader: new RecordEvents(tenant),
  };
}

async function* blocksOf(view: JournalView, wish: BlockWish, files?: JournalFiles): AsyncGenerator<SearchedBlock> {
  const { fromMs, toMs, tenant, services, order } = wish;
  // Events of a service that came when there were too many are in blocks that know them as the overflow.
  const sources = services?.concat(OVERFLOW_SERVICE).map((service) => sourceHash(tenant, service)) ?? null;
  for await (const found of findBlocks(view, { fromMs, toMs: toMs - 1, sources, order }, files)) {
    const { head, rest, fraction } = found;
    const place = { lsn: head.lsn, restOldestMs: rest.oldestMs, restNewestMs: rest.newestMs, fraction };
    yield { ...place, open: () => found.open() };
  }
}

function* placesOf(raw: Buffer): Generator<SearchedRecord> {
  for (const { start, end, format } of recordPlaces(raw)) {
    const isCut = format === 'text' && holdsPartials(raw.subarray(start, end));
    yield { start, end, layout: isCut ? 'pieces' : BINARY_FORMATS.has(format) ? 'binary' : 'text' };
  }
}

/** Kubernetes' runtime cuts lines of more than 16 KiB in two and marks all parts but the last one. */
function holdsPartials(record: Buffer): boolean {
  return record.subarray(0, TEXT_HEAD_BYTES).includes('"parser":"cri"') && record.includes(' P ');
}
