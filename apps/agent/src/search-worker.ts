/**
 * A thread that searches the journal. It lies outside of the stages because it is the one place where the journal, the
 * formats and the search meet; agent.ts hands its URL to the SearchDesk.
 */
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { findBlocks, type JournalView } from './journal/journal-view.ts';
import { recordPlaces } from './journal/record-format.ts';
import type { RecordFormat } from './pipeline/ingest-record.ts';
import { sourceHash } from './pipeline/record-contents.ts';
import { RecordEvents } from './record-events.ts';
import type { BlockWish, SearchedBlock } from './search/run-task.ts';
import { serveTasks } from './search/search-thread.ts';
import { OVERFLOW_SERVICE } from './tally/tally.ts';

const BINARY_FORMATS: ReadonlySet<RecordFormat> = new Set(['otlp-protobuf', 'loki-protobuf']);

/** Of other threads, those that take and count logs come first; 0 is usual, 19 is last. */
const NICENESS = 10;

async function* blocksOf(view: JournalView, wish: BlockWish): AsyncGenerator<SearchedBlock> {
  const { fromMs, toMs, tenant, services, order } = wish;
  // Events of a service that came when there were too many are in blocks that know them as the overflow.
  const sources = services?.concat(OVERFLOW_SERVICE).map((service) => sourceHash(tenant, service)) ?? null;
  for await (const found of findBlocks(view, { fromMs, toMs: toMs - 1, sources, order })) {
    const { head, rest, fraction, open } = found;
    yield { lsn: head.lsn, restOldestMs: rest.oldestMs, restNewestMs: rest.newestMs, fraction, open };
  }
}

function* placesOf(raw: Buffer) {
  for (const { start, end, format } of recordPlaces(raw)) yield { start, end, isBinary: BINARY_FORMATS.has(format) };
}

if (parentPort === null) throw new Error('search-worker.ts runs as a worker thread');
// On Linux priority 0 means this very thread. Elsewhere it would slow the whole agent.
if (process.platform === 'linux') setPriority(0, NICENESS);

serveTasks<JournalView>(
  parentPort,
  (view, tenant) => ({
    blocks: (wish) => blocksOf(view, wish),
    records: placesOf,
    reader: new RecordEvents(tenant),
  }),
  {
    now: () => performance.now(),
    cpuMs: () => {
      const { user, system } = process.threadCpuUsage();
      return (user + system) / 1000;
    },
    compress: (bytes) => gzipSync(bytes, { level: 1 }),
  },
);
