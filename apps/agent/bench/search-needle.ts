/**
 * `node apps/agent/bench/search-needle.ts [--gb 10]`: writes that much log text into a journal of its own, one line of
 * it with a needle, and finds that line with a searching thread, with progress. Takes an eighth of it on disk.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SearchLineSchema } from '@sentinellog/shared';
import { tuneHeapForManyBuffers } from '../src/heap-settings.ts';
import { openJournal } from '../src/journal/journal.ts';
import { journalKey } from '../src/journal/key-ring.ts';
import { sourceHash } from '../src/pipeline/record-contents.ts';
import { parseQuery } from '../src/search/parse-query.ts';
import { SearchDesk } from '../src/search/search-desk.ts';
import { type LogBatch, logBatch, setTime } from './log-batches.ts';

const START_MS = Date.UTC(2026, 0, 1);
const BATCHES = 32;
const EVENTS = 5000;
const MEBIBYTE = 1024 * 1024;

const { values } = parseArgs({ options: { gb: { type: 'string', default: '10' } } });
const bytesWanted = Number(values.gb) * 1e9;
if (!(bytesWanted > 0)) throw new Error(`--gb ${values.gb}: give the amount of log text in gigabytes`);

// As the agent does at its start.
tuneHeapForManyBuffers();
const dir = mkdtempSync(join(tmpdir(), 'sentinellog-needle-'));
const say = (text: string) => process.stderr.write(`\r\u001b[K${text}`);
const forever = { keepMs: () => 1e15, longestKeepMs: () => 1e15 };
const journal = await openJournal({
  dir,
  segmentBytes: 64 * MEBIBYTE,
  maxBytes: 1e15,
  retention: forever,
  maxPendingBytes: 64 * MEBIBYTE,
  minFreeBytes: 256 * MEBIBYTE,
  keys: [journalKey(randomBytes(32))],
  isEncrypted: true,
  now: () => START_MS,
  onCorruption: () => undefined,
});
const desk = new SearchDesk({
  entry: new URL('../src/search-worker.ts', import.meta.url),
  journal: () => journal.view(),
  threads: 1,
  maxWaiting: 0,
});
try {
  const written = await fill();
  const found = await find();
  process.stdout.write(`${JSON.stringify({ written_gb: written / 1e9, journal_gb: journal.bytes / 1e9, ...found })}\n`);
  if (found.hits !== 1) process.exitCode = 1;
} finally {
  await desk.close();
  await journal.close();
  rmSync(dir, { recursive: true, force: true });
}

/** A batch a second; the needle two thirds of the way in. */
async function fill(): Promise<number> {
  const batches = Array.from({ length: BATCHES }, (_, n) => logBatch(n, EVENTS));
  const needle = needled(logBatch(BATCHES, EVENTS));
  const total = Math.ceil(bytesWanted / batches[0].body.length);
  const needleAt = Math.floor((total * 2) / 3);
  let written = 0;
  for (let n = 0; n < total; n++) {
    const batch = n === needleAt ? needle : batches[n % BATCHES];
    const atMs = START_MS + n * 1000;
    setTime(batch, atMs);
    await append(batch, atMs);
    written += batch.body.length;
    if (n % 100 === 0) say(`writing ${(written / 1e9).toFixed(1)} of ${values.gb} GB`);
  }
  return written;
}

function needled(batch: LogBatch): LogBatch {
  const at = batch.body.indexOf('order ', batch.body.length >> 1);
  batch.body.write('NEEDLE', at);
  return batch;
}

/** Waits while the journal has enough to do. */
async function append({ body }: LogBatch, receivedAtMs: number): Promise<void> {
  const counts = { accepted: EVENTS, rejected: 0 };
  const names = { tenant: 'default', keyId: 'bench', pinnedService: null, batchId: String(receivedAtMs) };
  const contents = { oldestMs: receivedAtMs, newestMs: receivedAtMs, sourceHashes: [sourceHash('default', 'gateway')] };
  const durable = new Promise<number>((resolve, reject) => {
    journal.append({ receivedAtMs, ...names, ...counts, format: 'json', body }, contents, resolve, reject);
  });
  if (journal.pendingBytes > 16 * MEBIBYTE) await durable;
  else durable.catch((error: unknown) => say(`not written: ${String(error)}\n`));
}

async function find() {
  const run = await desk.start(
    {
      type: 'search',
      query: parseQuery('needle'),
      fromMs: 0,
      toMs: 8e15,
      tenant: 'default',
      services: null,
      keptSince: { bySource: new Map(), othersMs: 0 },
      order: 'newest',
      limit: 10,
      after: null,
      withFields: false,
      stepMs: null,
      by: null,
      top: 1,
      maxMs: 3_600_000,
      maxBytes: 1e15,
    },
    new AbortController().signal,
  );
  const lines = [];
  for await (const piece of run.pieces()) {
    for (const text of Buffer.from(piece).toString('utf8').trimEnd().split('\n')) {
      const line = SearchLineSchema.parse(JSON.parse(text));
      if (line.type === 'progress') say(`searching ${(line.fraction * 100).toFixed(1)} %, ${line.matched} found`);
      else lines.push(line);
    }
  }
  say('');
  const done = lines.at(-1);
  if (done?.type !== 'done') throw new Error(`the search did not come to its end: ${JSON.stringify(done)}`);
  const { searched_bytes: searched, elapsed_ms: elapsed, cpu_ms: cpu } = done;
  return {
    hits: lines.filter(({ type }) => type === 'hit').length,
    searched_gb: searched / 1e9,
    seconds: elapsed / 1000,
    gb_per_second: searched / 1e6 / elapsed,
    gb_per_core_second: searched / 1e6 / cpu,
  };
}
