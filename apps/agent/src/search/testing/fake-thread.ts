/** A searching thread over a journal that is made up: as many blocks as it is told, each with one line of 64 KiB. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import type { FoundEvent, RecordReader } from '../found-event.ts';
import type { SearchedBlock } from '../run-task.ts';
import { serveTasks } from '../search-thread.ts';

export interface FakeJournal {
  readonly blocks: number;
  /** Each block takes so long. */
  readonly blockMs?: number;
  /** At this block the thread ends itself. */
  readonly diesAt?: number;
}

const LINE = Buffer.from(JSON.stringify({ message: 'x'.repeat(65_000) }));

const event: FoundEvent = {
  atMs: 1_767_225_600_000,
  receivedAtMs: 1_767_225_600_000,
  service: 'payment',
  level: 'info',
  message: () => 'x',
  traceId: () => undefined,
  eachField: () => false,
  json: () => LINE,
};

class OneLine implements RecordReader {
  readonly start = 0;
  readonly end = LINE.length;
  readonly event = event;
  #isRead = false;

  open(): boolean {
    this.#isRead = false;
    return true;
  }

  rewind(): void {
    this.#isRead = false;
  }

  next(): boolean {
    const isFirst = !this.#isRead;
    this.#isRead = true;
    return isFirst;
  }
}

async function* blocksOf({ blocks, blockMs = 0, diesAt }: FakeJournal): AsyncGenerator<SearchedBlock> {
  for (let lsn = 0; lsn < blocks; lsn++) {
    if (lsn === diesAt) process.exit(7);
    await sleep(blockMs);
    const fraction = (lsn + 1) / blocks;
    yield { lsn, restOldestMs: 0, restNewestMs: 8e15, fraction, open: async () => ({ type: 'ok', raw: LINE }) };
  }
}

if (parentPort !== null) {
  serveTasks(
    parentPort,
    (journal: FakeJournal) => ({
      blocks: () => blocksOf(journal),
      records: () => [{ start: 0, end: LINE.length, layout: 'text' }],
      reader: new OneLine(),
    }),
    { now: () => performance.now(), cpuMs: () => 0, compress: (bytes) => bytes },
  );
}
