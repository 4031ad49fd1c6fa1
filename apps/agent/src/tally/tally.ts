import { isUtf8 } from 'node:buffer';
import { LineKey } from '@sentinellog/detector';
import { countsAt, EMPTY_COUNTS, type FrameBlock } from '@sentinellog/shared';
import type { BlockDelta, Checkpoint, RestoredState, SourceProgress, SourceRow } from '../pipeline/checkpoint.ts';
import type { IngestRecord } from '../pipeline/ingest-record.ts';
import { sourceHash } from '../pipeline/record-contents.ts';
import { isBelievable } from './accept-window.ts';
import type { FieldWish } from './batch-details.ts';
import { type BatchLines, KEPT_BYTES } from './batch-lines.ts';
import { eventColumn, eventService, eventTimeMs } from './event-fields.ts';
import { type EventScan, SCAN_STEP } from './event-scan.ts';
import { SPAN } from './event-spans.ts';
import { FrameClock, isNews } from './frame-clock.ts';
import { unescapeJson } from './json-unescape.ts';
import { LEAST_LAG_SECONDS, learnLag, startLag } from './lag-allowance.ts';
import { OpenDetails } from './open-details.ts';
import { PendingBlocks } from './pending-blocks.ts';
import { FRAME_WIDTH, ScannedBatch } from './scanned-batch.ts';
import { ScanShelf } from './scans.ts';
import { storable } from './service-name.ts';
import { sourceIdOf } from './source-id.ts';
import type { SecondTemplates } from './source-templates.ts';
import { type FrameCounts, NOTHING_CLOSED, SourceState, type TallySource } from './source-state.ts';
import { TemplateBook } from './template-book.ts';
import { TenantSources } from './tenant-sources.ts';

/** Where events of a tenant go that would make one source too many. */
export const OVERFLOW_SERVICE = '__overflow__';
export const UNKNOWN_SERVICE = 'unknown';

const BACKSLASH = 0x5c;
const BYTES_COLUMN = FRAME_WIDTH - 1;

/** Bodies up to here are scanned into small batches: those of a thousand senders of single events wait for one flush. */
const SMALL_BODY_BYTES = 4096;
/** Batches that are kept for reuse: of small bodies, about 2 kB each, and of others, up to POOLED_ROWS and a megabyte. */
const POOLED_SMALL = 2048;
const POOLED_LARGE = 64;
const POOLED_ROWS = 4096;

/** Sources that one step of the rhythm goes through: ingest waits for it, 10 ms or so when all of them have a second to close. */
const MOST_AT_ONCE = 2000;
/** Sources whose seconds one step closes: where five minutes end with the second, that is 55 µs each (packages/detector/bench/scoring.ts). */
const MOST_CLOSED_AT_ONCE = 800;

export interface TallyOptions {
  readonly maxSourcesPerTenant: number;
  /** Once per second and source, in order; null for seconds that nobody looked at. See frame-clock.ts. */
  onClosed(source: TallySource, second: number, counts: FrameCounts | null): void;
  /** Right before `onClosed`, for seconds that hold something: what was said. Costs memory only where it is given. */
  readonly onDetailsClosed?: (source: TallySource, second: number, details: ClosedDetails) => void;
  /** A source has spoken for the first time. */
  onSource(source: TallySource): void;
  /** True for a second in which this agent was not running or not receiving. */
  isBlind(second: number): boolean;
}

/** What a second held beside its counts. */
export interface ClosedDetails {
  readonly templates: SecondTemplates | undefined;
  /** How long things took, and fields by value; not of seconds from before a restart. */
  readonly details: OpenDetails | undefined;
}

/** What a checkpoint stores of the tally. The blocks are additive. */
export type TallyDelta = Pick<Checkpoint, 'lsn' | 'newSources' | 'progress' | 'deltas' | 'counters' | 'templates'>;

export type ScanMeta = Pick<IngestRecord, 'receivedAtMs' | 'tenant' | 'pinnedService' | 'defaultService' | 'format'>;

/** Events since the agent was first started; `overflow` are those counted under `__overflow__`. */
type Counter =
  | 'accepted'
  | 'rejected'
  | 'late'
  | 'clamped'
  | 'encoding_fixed'
  | 'time_unreadable'
  | 'overflow'
  | 'field_overflow'
  | 'unparsed';

/**
 * Reduces bodies to frames. `scan` reads a body and changes nothing; `apply` merges the result, in journal order and
 * only once the record is on disk; `tick` lets clock time pass. Everything else is reading and checkpointing.
 */
export class Tally {
  readonly #options: TallyOptions;
  readonly #clock: FrameClock;
  readonly #scans = new ScanShelf();
  readonly #small: ScannedBatch[] = [];
  readonly #large: ScannedBatch[] = [];
  readonly #tenants = new Map<string, TenantSources>();
  readonly #sources: SourceState[] = [];
  readonly #bySourceId = new Map<string, SourceState>();
  readonly #pending = new PendingBlocks();
  readonly #touched: SourceState[] = [];
  /** Of the record that is being applied: the source of each row. */
  readonly #rowSources: SourceState[] = [];
  readonly #book = new TemplateBook();
  /** Of the record that is being applied, by line. */
  #hasRoom = new Uint8Array(1024);
  readonly #key = new LineKey();
  /** A message without the escapes of JSON. */
  readonly #unescaped = new Uint8Array(KEPT_BYTES + 4);
  #wishes: readonly FieldWish[] = [];
  #newSources: SourceState[] = [];
  /** Since the last `eachMoved`. */
  readonly #moved: SourceState[] = [];
  /** The source that clock time has passed for last. */
  #ticked = -1;
  #lsn = 0;
  #counters: Record<Counter, number> = {
    accepted: 0,
    rejected: 0,
    late: 0,
    clamped: 0,
    encoding_fixed: 0,
    time_unreadable: 0,
    overflow: 0,
    field_overflow: 0,
    unparsed: 0,
  };

  constructor(options: TallyOptions) {
    this.#options = options;
    this.#clock = new FrameClock({
      isBlind: (second) => options.isBlind(second),
      onClosed: (source, second, counts) => {
        const templates = source.templates.open.get(second);
        const details = source.details.get(second);
        if (templates !== undefined || details !== undefined) {
          source.templates.open.delete(second);
          source.details.delete(second);
          options.onDetailsClosed?.(source, second, { templates, details });
        }
        this.#hasMoved(source);
        options.onClosed(source, second, counts);
      },
    });
  }

  get #isAwaited(): boolean {
    return this.#options.onDetailsClosed !== undefined;
  }

  /** Fields whose values are counted from the next record on. */
  countFields(wishes: readonly FieldWish[]): void {
    this.#wishes = wishes;
  }

  get sources(): readonly TallySource[] {
    return this.#sources;
  }

  get counters(): Readonly<Record<string, number>> {
    return { ...this.#counters, template_overflow: this.#book.overflowed };
  }

  /** Templates by source and second; read only. */
  get templates(): Pick<TemplateBook, 'record' | 'records' | 'resolve' | 'pendingOf' | 'counts' | 'templateOf'> {
    return this.#book;
  }

  /** The id of a source by its name; null for one that has not been counted. */
  sourceIdOf(tenant: string, service: string): string | null {
    const at = this.#tenants.get(tenant)?.findName(service) ?? -1;
    return this.#sources[at]?.sourceId ?? null;
  }

  /** Journal position up to which records have been applied. */
  get lsn(): number {
    return this.#lsn;
  }

  /**
   * One pass over a body. The running state is only read. Give the result to `apply`, or `release` it.
   * @param meta `receivedAtMs` stands in for missing and impossible event times
   */
  scan(meta: ScanMeta, body: Uint8Array): ScannedBatch {
    const isSmall = body.length <= SMALL_BODY_BYTES;
    const batch = (isSmall ? this.#small : this.#large).pop() ?? new ScannedBatch(isSmall, this.#recycle);
    batch.receivedAtMs = meta.receivedAtMs;
    batch.tenant = meta.tenant;
    batch.knownSources = this.#sources.length;
    const tenant = this.#tenants.get(meta.tenant);
    const pinned = meta.pinnedService === null ? -1 : this.#sourceOfName(batch, tenant, meta.pinnedService);
    const fallback = meta.defaultService === undefined ? UNKNOWN_SERVICE : storable(meta.defaultService);
    const receivedSecond = Math.floor(meta.receivedAtMs / 1000);
    let unknown = -1;
    let accepted = 0;
    let oldestMs = Number.POSITIVE_INFINITY;
    let newestMs = Number.NEGATIVE_INFINITY;

    const scan = this.#scans.of(meta.format);
    const { spans } = scan;
    scan.begin(body);
    // A binary format is full of bytes that are no text; its texts are repaired where they are read.
    const allValid = scan.isPlainText || isUtf8(body);
    for (;;) {
      const step = scan.next();
      if (step !== SCAN_STEP.event) {
        if (step === SCAN_STEP.end) break;
        if (step === SCAN_STEP.broken) {
          batch.discard(scan.line, scan.rejection, scan.detail);
          return batch;
        }
        batch.reject(scan.line, scan.rejection, scan.detail);
        continue;
      }

      let atMs = meta.receivedAtMs;
      let second = receivedSecond;
      const ms = eventTimeMs(spans, body);
      if (isBelievable(ms, meta.receivedAtMs)) {
        atMs = Math.floor(ms);
        second = Math.floor(ms / 1000);
      } else if (!Number.isNaN(ms)) batch.clamped++;
      else if (spans.starts[SPAN.time] >= 0) batch.timeUnreadable++;
      if (atMs < oldestMs) oldestMs = atMs;
      if (atMs > newestMs) newestMs = atMs;

      let source = pinned;
      if (source < 0) {
        const named = spans.starts[SPAN.service];
        if (named >= 0) {
          source = tenant === undefined ? -1 : tenant.findBytes(body, named, spans.ends[SPAN.service]);
          if (source < 0) {
            source = this.#sourceOfName(batch, tenant, eventService(scan, body));
          }
        } else {
          if (unknown < 0) unknown = this.#sourceOfName(batch, tenant, fallback);
          source = unknown;
        }
      }

      const level = eventColumn(spans, body);
      const row = batch.row(source, second);
      const at = row * FRAME_WIDTH;
      batch.cells[at + level]++;
      this.#readLine(batch.lines, scan, body, row, level);
      if (this.#isAwaited) batch.details.add(spans, body, row, level, this.#wishes);
      batch.cells[at + BYTES_COLUMN] += spans.ends[SPAN.event] - spans.starts[SPAN.event];
      accepted++;
      if (!allValid && !isUtf8(body.subarray(spans.starts[SPAN.event], spans.ends[SPAN.event]))) batch.encodingFixed++;
    }
    batch.accepted = accepted;
    batch.oldestMs = oldestMs;
    batch.newestMs = newestMs;
    batch.unparsed = scan.unparsed ?? 0;
    for (let row = 0; row < batch.rows; row++) batch.sourceHashes.push(this.#hashOfRow(batch, batch.rowSource[row]));
    return batch;
  }

  /**
   * Merges a scanned record that is on disk, then closes what its event time has passed. In journal order.
   * Releases the batch.
   */
  apply(batch: ScannedBatch, endLsn: number): void {
    const receivedSecond = Math.floor(batch.receivedAtMs / 1000);
    const known = this.#newSources.length;
    for (let row = 0; row < batch.rows; row++) {
      const source = this.#sourceOfRow(batch, batch.rowSource[row]);
      this.#rowSources.push(source);
      if (source.recordEvents === 0) {
        source.recordOldest = batch.rowSecond[row];
        this.#touched.push(source);
      } else source.recordOldest = Math.min(source.recordOldest, batch.rowSecond[row]);
      source.recordEvents += eventsIn(batch.cells, row * FRAME_WIDTH);
    }
    for (const source of this.#touched) {
      if (source.closedThrough === NOTHING_CLOSED) source.closedThrough = source.recordOldest;
      reopenFuture(source, receivedSecond);
    }
    this.#addLines(batch.lines, batch);
    this.#addDetails(batch);
    for (let row = 0; row < batch.rows; row++) this.#addRow(batch, row, receivedSecond);
    // Told only now that their first events are counted: before, they have no first and last time.
    for (const source of this.#newSources.slice(known)) this.#options.onSource(source);
    for (const source of this.#touched) {
      if (source.justLive) startLag(source, receivedSecond);
      source.justLive = false;
      if (source.live) learnLag(source, receivedSecond);
      source.recordEvents = 0;
      source.recordLate = 0;
      source.changed = true;
      this.#hasMoved(source);
      this.#clock.eventTime(source);
    }
    this.#touched.length = 0;
    this.#rowSources.length = 0;

    this.#lsn = endLsn;
    this.#counters.accepted += batch.accepted;
    this.#counters.rejected += batch.rejected;
    this.#counters.clamped += batch.clamped;
    this.#counters.encoding_fixed += batch.encodingFixed;
    this.#counters.time_unreadable += batch.timeUnreadable;
    this.#counters.unparsed += batch.unparsed;
    batch.release();
  }

  /**
   * Clock time passes: closes seconds of live sources, of some hundreds in turn. Not while the journal is being
   * replayed (replay.ts).
   */
  tick(nowMs: number): void {
    for (let left = Math.min(MOST_CLOSED_AT_ONCE, this.#sources.length); left > 0; left--) {
      this.#ticked = (this.#ticked + 1) % this.#sources.length;
      const source = this.#sources[this.#ticked];
      reopenFuture(source, Math.floor(nowMs / 1000));
      this.#clock.clockTime(source, nowMs);
    }
  }

  /**
   * The seconds that are not closed yet, with what they hold so far, of the sources that have had events or whose
   * seconds have closed since the last call: of ten thousand sources few speak between two looks. Those above a few
   * thousand wait for the next call.
   */
  eachMoved(fn: (source: TallySource, second: number, counts: FrameCounts) => void): void {
    const moved = this.#moved.splice(0, MOST_AT_ONCE);
    for (const source of moved) {
      source.hasMoved = false;
      for (const [second, cells] of source.open) fn(source, second, countsAt(cells));
    }
  }

  /**
   * The seconds of live sources that are over and not closed, from `fromSecond` up to but without `nowSecond`, with what
   * they hold so far: zeros where nothing has come (yet).
   */
  eachOver(
    fromSecond: number,
    nowSecond: number,
    fn: (source: TallySource, second: number, counts: FrameCounts) => void,
  ): void {
    for (const source of this.#sources) {
      if (!source.live) continue;
      for (let second = Math.max(fromSecond, source.closedThrough); second < nowSecond; second++) {
        const cells = source.open.get(second);
        fn(source, second, cells === undefined ? EMPTY_COUNTS : countsAt(cells));
      }
    }
  }

  /** What has been counted since the last `takeDelta`, of one source: stored blocks plus these are the truth. */
  pendingOf(sourceId: string): readonly BlockDelta[] {
    const source = this.#bySourceId.get(sourceId);
    return source === undefined ? [] : this.#pending.of(source);
  }

  /** Everything since the last checkpoint, and a fresh start for the next one. */
  takeDelta(): TallyDelta {
    const newSources = this.#newSources.map(rowOf);
    const changed = this.#sources.filter((source) => source.changed);
    for (const source of changed) source.changed = false;
    const deltas = this.#pending.deltas();
    this.#pending.clear();
    this.#newSources = [];
    const templates = this.#book.takeDelta();
    const { lsn, counters } = { lsn: this.#lsn, counters: { ...this.counters } };
    return { lsn, newSources, progress: changed.map(progressOf), deltas, counters, templates };
  }

  /** The commit of a delta failed: it becomes part of the next one. */
  giveBack(delta: TallyDelta): void {
    this.#book.giveBack(delta.templates);
    const returned = delta.newSources.map((row) => this.#known(row.sourceId));
    this.#newSources = [...returned, ...this.#newSources];
    for (const { sourceId } of delta.progress) this.#known(sourceId).changed = true;
    for (const { sourceId, level, start, block } of delta.deltas) {
      // Hours and days are made again from the minutes.
      if (level === 0) this.#pending.merge(this.#known(sourceId), start, block);
    }
  }

  /** Before anything else, on an empty tally: the state that the last checkpoint stored. */
  restore(state: RestoredState): void {
    this.#lsn = state.lsn;
    for (const name of Object.keys(this.#counters) as Counter[]) this.#counters[name] = state.counters[name] ?? 0;
    for (const row of state.sources) {
      const source = this.#addSource(row.tenant, row.service, row.sourceId);
      source.firstSeenMs = row.firstSeenMs;
      source.lastSeenMs = row.lastSeenMs;
      source.closedThrough = row.closedThrough;
      source.live = row.live;
      source.watermark = Math.floor(row.lastSeenMs / 1000);
    }
    for (const { sourceId, level, start, block } of state.openMinutes) {
      if (level === 0) this.#reopen(this.#known(sourceId), start, block);
    }
    this.#book.overflowed = state.counters['template_overflow'] ?? 0;
    const isAwaited = this.#isAwaited;
    this.#book.restore(state.templates, (sourceId, second) => {
      return isAwaited && second >= this.#known(sourceId).closedThrough;
    });
  }

  /** Names what the event at hand says and counts it in its row. */
  #readLine(lines: BatchLines, scan: EventScan, body: Uint8Array, row: number, level: number): void {
    const { spans } = scan;
    const key = this.#key;
    let bytes = body;
    let start = spans.starts[SPAN.message];
    let end = spans.ends[SPAN.message];
    if (spans.isMessageMade) {
      bytes = Buffer.from(scan.text().message);
      start = 0;
      end = bytes.length;
    } else if (start < 0) {
      // Without a message the event as a whole says what happened.
      start = spans.starts[SPAN.event];
      end = spans.ends[SPAN.event];
    }
    key.read(bytes, start, end);
    if (spans.isMessageEscaped && key.mayHaveBackslash && bytes.subarray(start, end).includes(BACKSLASH)) {
      end = unescapeJson(bytes, start, end, this.#unescaped);
      bytes = this.#unescaped;
      start = 0;
      key.read(bytes, start, end);
    }
    lines.add(key, bytes, start, end, row, level);
  }

  #addDetails({ details, rowSecond }: ScannedBatch): void {
    this.#counters.field_overflow += details.dropped;
    details.eachRow((row) => {
      const source = this.#rowSources[row];
      const second = rowSecond[row];
      if (second < source.closedThrough) return null;
      let open = source.details.get(second);
      if (open === undefined) source.details.set(second, (open = new OpenDetails()));
      return open;
    });
  }

  #addLines(lines: BatchLines, { rowSecond }: ScannedBatch): void {
    const book = this.#book;
    const isAwaited = this.#isAwaited;
    const hasRoom = this.#hasRoom;
    hasRoom.fill(0, 0, lines.size);
    if (hasRoom.length < lines.size) this.#hasRoom = new Uint8Array(lines.size * 2);
    lines.eachCell((line, row) => {
      if (this.#hasRoom[line] === 0 && book.hasRoom(this.#rowSources[row].templates, rowSecond[row])) {
        this.#hasRoom[line] = 1;
      }
    });
    book.mine(lines, (line) => this.#hasRoom[line] === 1);
    lines.eachCell((line, row, level, events) => {
      const source = this.#rowSources[row];
      const second = rowSecond[row];
      book.add(line, source.templates, second, level, events, isAwaited && second >= source.closedThrough);
    });
  }

  #reopen(source: SourceState, start: number, block: FrameBlock): void {
    for (let slot = 0; slot < block.slots; slot++) {
      const second = start + slot;
      if (second < source.closedThrough) continue;
      const cells = block.cells.slice(slot * FRAME_WIDTH, (slot + 1) * FRAME_WIDTH);
      if (cells.some((count) => count > 0)) source.open.set(second, cells);
    }
    this.#hasMoved(source);
  }

  /** The slow path of a name: unknown, unusually spelt, or new to the tenant. */
  #sourceOfName(batch: ScannedBatch, tenant: TenantSources | undefined, name: string): number {
    const known = tenant?.findName(name) ?? -1;
    if (known >= 0) return known;
    const room = this.#options.maxSourcesPerTenant - (tenant?.size ?? 0);
    const fitting = batch.newNames.length < room || name === OVERFLOW_SERVICE ? name : OVERFLOW_SERVICE;
    const overflow = fitting === OVERFLOW_SERVICE ? (tenant?.findName(OVERFLOW_SERVICE) ?? -1) : -1;
    return overflow >= 0 ? overflow : batch.knownSources + batch.newName(fitting);
  }

  #hashOfRow(batch: ScannedBatch, number: number): number {
    if (number < batch.knownSources) return this.#sources[number].hash;
    return sourceHash(batch.tenant, batch.newNames[number - batch.knownSources]);
  }

  #sourceOfRow(batch: ScannedBatch, number: number): SourceState {
    if (number < batch.knownSources) return this.#sources[number];
    const wanted = batch.newNames[number - batch.knownSources];
    const tenant = this.#tenants.get(batch.tenant);
    const isFull = (tenant?.size ?? 0) >= this.#options.maxSourcesPerTenant;
    const service = isFull && (tenant?.findName(wanted) ?? -1) < 0 ? OVERFLOW_SERVICE : wanted;
    const known = tenant?.findName(service) ?? -1;
    if (known >= 0) return this.#sources[known];
    const source = this.#addSource(batch.tenant, service, sourceIdOf(batch.receivedAtMs, batch.tenant, service));
    this.#newSources.push(source);
    return source;
  }

  #addSource(tenantName: string, service: string, sourceId: string): SourceState {
    const source = new SourceState(this.#sources.length, this.#book.source(sourceId, service), tenantName);
    source.allowedLagSeconds = LEAST_LAG_SECONDS;
    this.#sources.push(source);
    this.#bySourceId.set(sourceId, source);
    let tenant = this.#tenants.get(tenantName);
    if (tenant === undefined) this.#tenants.set(tenantName, (tenant = new TenantSources()));
    tenant.add(service, source.index);
    return source;
  }

  #addRow(batch: ScannedBatch, row: number, receivedSecond: number): void {
    const source = this.#rowSources[row];
    const second = batch.rowSecond[row];
    const at = row * FRAME_WIDTH;
    const events = eventsIn(batch.cells, at);
    this.#pending.add(source, second, batch.cells, at);
    source.firstSeenMs = Math.min(source.firstSeenMs, second * 1000);
    source.lastSeenMs = Math.max(source.lastSeenMs, second * 1000);
    source.watermark = Math.max(source.watermark, Math.min(second, receivedSecond));
    if (!source.live && isNews(second, receivedSecond)) {
      source.live = true;
      source.justLive = true;
    }
    if (source.service === OVERFLOW_SERVICE) this.#counters.overflow += events;

    if (second < source.closedThrough) {
      source.recordLate += events;
      this.#counters.late += events;
      return;
    }
    let cells = source.open.get(second);
    if (cells === undefined) source.open.set(second, (cells = new Float64Array(FRAME_WIDTH)));
    for (let column = 0; column < FRAME_WIDTH; column++) cells[column] += batch.cells[at + column];
  }

  #hasMoved(source: SourceState): void {
    if (source.hasMoved) return;
    source.hasMoved = true;
    this.#moved.push(source);
  }

  #known(sourceId: string): SourceState {
    const source = this.#bySourceId.get(sourceId);
    if (source === undefined) throw new Error(`tally: source ${sourceId} is not one of the tally's sources`);
    return source;
  }

  readonly #recycle = (batch: ScannedBatch): void => {
    if (batch.isSmall) {
      if (this.#small.length < POOLED_SMALL) this.#small.push(batch);
    } else if (this.#large.length < POOLED_LARGE && batch.rowSource.length <= POOLED_ROWS) this.#large.push(batch);
  };
}

/** Clocks are nudged back by seconds all the time; that much lateness is counted and forgotten. */
const CLOCK_SET_BACK_SECONDS = 60;

/**
 * The clock had run ahead and was set back: seconds were closed that are still to come, and everything would be late until then.
 * They are closed again when they really are over.
 */
function reopenFuture(source: SourceState, nowSecond: number): void {
  if (source.closedThrough <= nowSecond + CLOCK_SET_BACK_SECONDS) return;
  // What was learnt of its shipper was learnt from the wrong clock.
  source.allowedLagSeconds = LEAST_LAG_SECONDS;
  source.closedThrough = nowSecond - LEAST_LAG_SECONDS;
  source.watermark = Math.min(source.watermark, nowSecond);
  source.changed = true;
}

function eventsIn(cells: Int32Array, at: number): number {
  let events = 0;
  for (let column = 0; column < BYTES_COLUMN; column++) events += cells[at + column];
  return events;
}

function rowOf({ sourceId, tenant, service, firstSeenMs }: SourceState): SourceRow {
  return { sourceId, tenant, service, firstSeenMs };
}

function progressOf({ sourceId, closedThrough, firstSeenMs, lastSeenMs, live }: SourceState): SourceProgress {
  return { sourceId, closedThrough, firstSeenMs, lastSeenMs, live };
}
