import type { SearchDone, SearchLine } from '@sentinellog/shared';
import { BlockSearch } from './block-search.ts';
import { EventCounts } from './event-counts.ts';
import type { RecordPlace, RecordReader } from './found-event.ts';
import { cursorOf, HitList } from './hit-list.ts';
import { CSV_HEAD, csvLine, exportLine, hitOf } from './result-lines.ts';
import type { EndReason, ExportTask, HitPlace, JournalTask, SearchTask, TaskEnd } from './search-task.ts';
import { servicesOf } from './services-of.ts';

/** How often whoever waits hears how far it is. */
const PROGRESS_MS = 250;

/** One block of the journal, as a task sees it. */
export interface SearchedBlock {
  readonly lsn: number;
  /** Event times that blocks behind this one may still hold. */
  readonly restOldestMs: number;
  readonly restNewestMs: number;
  /** Share of the journal that lies behind this block, 0 to 1. */
  readonly fraction: number;
  open(): Promise<{ readonly type: 'ok'; readonly raw: Buffer } | { readonly type: 'damaged' }>;
}

export interface BlockWish {
  readonly fromMs: number;
  readonly toMs: number;
  readonly tenant: string;
  readonly services: readonly string[] | null;
  readonly order: 'newest' | 'oldest';
}

/** Handed in: this stage knows neither the journal nor the formats. */
export interface TaskTools {
  /** In the order of arrival, or against it. */
  blocks(wish: BlockWish): AsyncIterable<SearchedBlock>;
  records(raw: Buffer): Iterable<RecordPlace>;
  readonly reader: RecordReader;
  /** Milliseconds, from any beginning. */
  now(): number;
  /** Of this thread, in milliseconds. */
  cpuMs(): number;
  isCancelled(): boolean;
  /** Resolves when the receiver can take more. */
  send(bytes: Uint8Array): Promise<void>;
  compress(bytes: Uint8Array): Uint8Array;
}

/** Runs a task to its end; what it finds goes to `tools.send`. */
export function runTask(task: JournalTask, tools: TaskTools): Promise<TaskEnd> {
  return task.type === 'search' ? runSearch(task, tools) : runExport(task, tools);
}

async function runSearch(task: SearchTask, tools: TaskTools): Promise<TaskEnd> {
  const { reader } = tools;
  const startedMs = tools.now();
  const startedCpuMs = tools.cpuMs();
  const isNewest = task.order === 'newest';
  const counts = new EventCounts(task.stepMs, task.by);
  const isCounting = task.stepMs !== null || task.by !== null || task.limit === 0;
  const hits = new HitList<{ readonly place: HitPlace; readonly json: string }>(task.order, task.limit, task.after);
  const search = new BlockSearch(task);
  let last: HitPlace | undefined;
  let lsn = 0;
  let restMs = isNewest ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  let fraction = 0;
  let toldMs = startedMs;
  const end = { searchedBytes: 0, blocks: 0, damagedBlocks: 0 };

  const onMatch = (record: number, event: number): void => {
    counts.add(reader.event);
    const place = { atMs: reader.event.atMs, lsn, record, event };
    if (task.limit === 0 || !hits.wants(place)) return;
    hits.add(place, { place, json: JSON.stringify(hitOf(reader.event, place, task.withFields)) });
  };
  const tell = async (ready: readonly { readonly place: HitPlace; readonly json: string }[], more: SearchLine[]) => {
    if (ready.length === 0 && more.length === 0) return;
    last = ready.at(-1)?.place ?? last;
    const lines = [...ready.map(({ json }) => json), ...more.map((line) => JSON.stringify(line))];
    await tools.send(Buffer.from(`${lines.join('\n')}\n`));
  };
  const progress = (): SearchLine[] => {
    const nowMs = tools.now();
    if (nowMs - toldMs < PROGRESS_MS) return [];
    toldMs = nowMs;
    const { searchedBytes: searched_bytes } = end;
    const elapsed_ms = nowMs - startedMs;
    const lines: SearchLine[] = [{ type: 'progress', fraction, searched_bytes, matched: counts.total, elapsed_ms }];
    return isCounting ? [...lines, counts.told(task.top, false)] : lines;
  };
  const endNow = (): EndReason | undefined => {
    if (tools.isCancelled()) return 'cancelled';
    if (!isCounting && hits.isSettled(restMs)) return 'limit';
    if (tools.now() - startedMs > task.maxMs) return 'time';
    return end.searchedBytes >= task.maxBytes ? 'bytes' : undefined;
  };

  let reason: EndReason | undefined;
  for await (const block of tools.blocks(blockWishOf(task, task.order))) {
    reason = endNow();
    if (reason !== undefined) break;
    const opened = await block.open();
    end.blocks++;
    if (opened.type === 'ok') {
      lsn = block.lsn;
      end.searchedBytes += opened.raw.length;
      search.search(opened.raw, tools.records(opened.raw), reader, onMatch);
    } else end.damagedBlocks++;
    restMs = isNewest ? block.restNewestMs : block.restOldestMs;
    fraction = block.fraction;
    await tell(hits.take(restMs), progress());
  }
  const ended = reason ?? (endNow() === 'cancelled' ? 'cancelled' : 'complete');
  if (ended !== 'cancelled') {
    const ready = hits.take();
    last = ready.at(-1)?.place ?? last;
    const done: SearchDone = {
      type: 'done',
      reason: ended,
      matched: counts.total,
      searched_bytes: end.searchedBytes,
      blocks: end.blocks,
      damaged_blocks: end.damagedBlocks,
      elapsed_ms: tools.now() - startedMs,
      cpu_ms: tools.cpuMs() - startedCpuMs,
      cursor: last !== undefined && hits.isFull ? cursorOf(last) : null,
    };
    await tell(ready, isCounting ? [counts.told(task.top, true), done] : [done]);
  }
  return { ...end, reason: ended, events: counts.total };
}

/** Enough to be worth a gzip member of its own, little enough to wait for. */
const EXPORT_PIECE_BYTES = 256 * 1024;

/** Clients and proxies give up on answers in which nothing comes for a minute or so. */
const MAX_SILENCE_MS = 5000;

/** Every event of the wish in the order of arrival. */
async function runExport(task: ExportTask, tools: TaskTools): Promise<TaskEnd> {
  const { reader } = tools;
  const search = new BlockSearch(task);
  const end = { events: 0, searchedBytes: 0, blocks: 0, damagedBlocks: 0 };
  const isCsv = task.format === 'csv';
  let pieces: Uint8Array[] = isCsv ? [Buffer.from(CSV_HEAD)] : [];
  let bytes = 0;
  let isEmpty = true;
  let sentMs = tools.now();
  const flush = async () => {
    const piece = Buffer.concat(pieces);
    pieces = [];
    bytes = 0;
    // Members of gzip one after the other are gzip.
    // Nothing at all would be no gzip.
    if (piece.length === 0 && !(task.isGzipped && isEmpty)) return;
    isEmpty = false;
    sentMs = tools.now();
    await tools.send(task.isGzipped ? tools.compress(piece) : piece);
  };
  const onMatch = (): void => {
    end.events++;
    const line = isCsv ? Buffer.from(csvLine(reader.event)) : exportLine(reader.event);
    pieces.push(line);
    bytes += line.length;
  };
  for await (const block of tools.blocks(blockWishOf(task, 'oldest'))) {
    if (tools.isCancelled()) return { ...end, reason: 'cancelled' };
    const opened = await block.open();
    end.blocks++;
    if (opened.type === 'ok') {
      end.searchedBytes += opened.raw.length;
      search.search(opened.raw, tools.records(opened.raw), reader, onMatch);
    } else end.damagedBlocks++;
    if (bytes >= EXPORT_PIECE_BYTES || tools.now() - sentMs > MAX_SILENCE_MS) await flush();
    if (task.isGzipped && tools.now() - sentMs > MAX_SILENCE_MS) {
      // Nothing was found for a while: an empty member of gzip keeps the connection from looking dead.
      sentMs = tools.now();
      await tools.send(tools.compress(new Uint8Array(0)));
    }
  }
  await flush();
  return { ...end, reason: 'complete' };
}

function blockWishOf(task: JournalTask, order: BlockWish['order']): BlockWish {
  const { fromMs, toMs, tenant } = task;
  return { fromMs, toMs, tenant, services: task.services ?? servicesOf(task.query), order };
}
