import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { IngestRecord } from '../pipeline/ingest-record.ts';
import type { RecordContents } from '../pipeline/record-contents.ts';
import { Group, GROUP_BYTES, roomFor, type Waiter } from './group.ts';
import type { JournalFiles } from './journal-files.ts';
import { nodeJournalFiles } from './journal-files.ts';
import { JournalRefusal } from './journal-refusal.ts';
import { headsOf, type JournalView } from './journal-view.ts';
import type { KeyRing } from './key-ring.ts';
import { decodeRecords } from './record-format.ts';
import { type Corruption, recover, type Recovered } from './recover.ts';
import type { SealedSegment, Segment } from './segment.ts';
import { segmentName } from './segment-format.ts';
import { indexName, unknownSummary } from './segment-index.ts';
import { SegmentReader } from './segment-reader.ts';
import { type CommitOutcome, type GroupWriter, SegmentWriter, type WriterSettings } from './segment-writer.ts';
import { ThreadedWriter } from './threaded-writer.ts';

export type { Corruption } from './recover.ts';

/** Space is asked for at most this often. */
const SPACE_CHECK_MS = 500;
/** Damaged places that are remembered, so that reading twice counts once. */
const MAX_KNOWN_DAMAGE = 10_000;
/** Group memory that is kept for the next groups: those under way, one that collects and one to spare. */
const KEPT_MEMORIES = 6;
/** With so much at hand a group does not wait for the one before it: zstd takes a millisecond for it. */
const EAGER_BYTES = 512 * 1024;
/** While one is flushed the next are compressed, and share the flush after it. */
const GROUPS_UNDER_WAY = 4;
/** Free space never has to be more than this share of the volume (F5: refuse at 90 %). */
const MOST_FREE_SHARE = 0.1;

/** How long each source's events are kept. */
export interface JournalRetention {
  /** @param sourceHash as `sourceHash` gives it */
  keepMs(sourceHash: number): number;
  /** Of whatever source: how long a segment stays that does not say what is in it. */
  longestKeepMs(): number;
}

export interface JournalOptions {
  readonly dir: string;
  /** A segment is sealed when the next group would make it larger. */
  readonly segmentBytes: number;
  /** `trim` deletes the oldest sealed segments above this; at two segments more, `append` refuses. */
  readonly maxBytes: number;
  /** `trim` deletes sealed segments in which every source is over its time. */
  readonly retention: JournalRetention;
  /** Records that wait for the disk: above this `append` refuses with `overloaded`. */
  readonly maxPendingBytes: number;
  /**
   * Left free on the volume, on which PostgreSQL may live too: below it (or a tenth of a small volume) `append` refuses
   * with `disk_full`.
   */
  readonly minFreeBytes: number;
  /** Opens what is encrypted. Undefined: nothing is. */
  readonly keys: KeyRing | undefined;
  /** Whether new segments are encrypted, which takes `keys`. */
  readonly isEncrypted: boolean;
  readonly now: () => number;
  onCorruption(corruption: Corruption): void;
  /** For tests: the writer then runs on this thread. */
  readonly files?: JournalFiles;
}

/**
 * Opens the journal in a folder, made if it is not there. A torn tail is cut off. Must be closed. Throws JournalKeyError
 * when something in it is encrypted with a key that was not given.
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const files = options.files ?? nodeJournalFiles;
  const journal = new Journal(options, files, await recover(files, options.dir, options.keys));
  await journal.start();
  return journal;
}

/**
 * Append-only, on disk before it is acknowledged. While one group is written and flushed the next collects, so the
 * disk's rhythm sets the size of a group: a lone request waits for nobody, a thousand share one block and one flush.
 *
 * Positions: a record's end is its block's end for the last record of a block, else the block's start plus its number,
 * so that reading can begin between two records of a block whatever codec that has.
 */
export class Journal {
  readonly counters = { blocks: 0, records: 0, corruptions: 0, torn_bytes: 0, failed_commits: 0, refused: 0 };
  readonly #options: JournalOptions;
  readonly #files: JournalFiles;
  readonly #sealed: SealedSegment[];
  #sealedBytes: number;
  /** Undefined after a failure, until the writer has made a new one. */
  #active: Segment | undefined;
  #writer: GroupWriter | undefined;
  #end: number;
  /** The last one still takes records; the others wait because it is full. */
  #groups: Group[] = [];
  readonly #freeMemories: SharedArrayBuffer[] = [];
  #pendingBytes = 0;
  /** Groups that the writer has. */
  #underWay = 0;
  #isScheduled = false;
  #onIdle: (() => void) | undefined;
  #isFull = false;
  #spaceCheckedAtMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;
  readonly #knownDamage = new Set<number>();

  /** Use `openJournal`. */
  constructor(options: JournalOptions, files: JournalFiles, { sealed, endLsn, tornBytes, corruptions }: Recovered) {
    this.#options = options;
    this.#files = files;
    this.#sealed = sealed;
    this.#sealedBytes = sealed.reduce((sum, { goodBytes }) => sum + goodBytes, 0);
    this.#end = endLsn;
    this.counters.torn_bytes = tornBytes;
    for (const corruption of corruptions) this.#report(corruption);
  }

  /** A disk that takes nothing just now does not stop a start: records are refused until it does. */
  async start(): Promise<void> {
    await this.#forgetOldDamage();
    this.#writer = this.#newWriter();
    const outcome = await this.#writer.open();
    this.#learn(outcome);
    if (outcome.type === 'failed' && outcome.code === 'disk_full') this.#isFull = true;
    if (outcome.type === 'failed' && outcome.code === 'storage_unavailable') {
      await this.close();
      throw new Error(`the journal in ${this.#options.dir} cannot be written: ${outcome.message}`);
    }
  }

  /** Position behind the last durable record. */
  get end(): number {
    return this.#end;
  }

  /** On disk. */
  get bytes(): number {
    return this.#sealedBytes + (this.#active?.goodBytes ?? 0);
  }

  get segmentCount(): number {
    return this.#segments().length;
  }

  /** Why `append` would refuse just now; undefined when it would not. */
  refusalNow(): JournalRefusal | undefined {
    return this.#refusal();
  }

  /** Waiting for the disk. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /**
   * Takes a record and copies it. `onDurable` follows once it is flushed, in journal order, or `onFailed` when it could
   * not be. Throws a JournalRefusal when it cannot even be taken.
   * @param contents what the scan saw in it, for readers that look for something
   */
  append(
    record: IngestRecord,
    contents: RecordContents,
    onDurable: (endLsn: number) => void,
    onFailed: (refusal: JournalRefusal) => void,
  ): void {
    const refusal = this.#refusal();
    if (refusal !== undefined) {
      this.counters.refused++;
      throw refusal;
    }
    const bytes = roomFor(record);
    const group = this.#groupFor(bytes);
    group.add(record, contents, { onDurable, onFailed });
    this.#pendingBytes += bytes;
    this.#schedule(group);
  }

  /**
   * Records behind a position, in order, up to the durable end as it is at each step. Bodies are valid until the next
   * step. What is damaged is reported to `onCorruption` and passed over.
   */
  async *read(fromLsn: number): AsyncGenerator<{ readonly record: IngestRecord; readonly endLsn: number }> {
    let segment = fromLsn < this.#end ? this.#segmentFor(fromLsn) : undefined;
    while (segment !== undefined) {
      yield* this.#readSegment(segment, fromLsn);
      segment = this.#segmentAfter(segment.firstLsn);
    }
  }

  /**
   * A position from which `read` gives everything received since then, and perhaps a little more.
   * @param mostBytes less is given where that would be more than this much of the journal
   */
  async positionAt(receivedAtMs: number, mostBytes = Number.POSITIVE_INFINITY): Promise<number> {
    const earliestLsn = this.#end - mostBytes;
    for (const segment of this.#segments()) {
      const { firstLsn, goodBytes, summary } = segment;
      const isOver = summary !== undefined && summary.newestReceivedAtMs < receivedAtMs;
      if (isOver || firstLsn + goodBytes <= earliestLsn) continue;
      const heads = await headsOf(this.#files, this.#options.dir, segment);
      const head = heads.find(
        ({ lsn, newestReceivedAtMs }) => lsn >= earliestLsn && newestReceivedAtMs >= receivedAtMs,
      );
      if (head !== undefined) return head.lsn;
    }
    return this.#end;
  }

  /** What is durable now, for `findBlocks` on any thread. */
  view(): JournalView {
    return { dir: this.#options.dir, segments: this.#segments() };
  }

  /**
   * Events of a source that were received before this are over their time and are not shown, though the segment they
   * are in may stay for the sake of others.
   */
  keptSinceMs(sourceHash: number, nowMs: number): number {
    return nowMs - this.#options.retention.keepMs(sourceHash);
  }

  /**
   * Deletes the oldest segments while there are too many bytes, and every segment in which all sources are over their
   * time. Never one that holds something at or above `safeLsn`.
   */
  async trim(safeLsn: number, nowMs: number): Promise<void> {
    for (const segment of this.#sealed.slice()) {
      if (segment.firstLsn + segment.goodBytes > safeLsn) return;
      if (this.bytes > this.#options.maxBytes || this.#isExpired(segment, nowMs)) await this.#delete(segment);
    }
  }

  /** Flushes what has been taken and seals the segment. Records that come later are refused. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#idle();
    const writer = this.#writer;
    this.#writer = undefined;
    await writer?.close();
  }

  #idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      this.#handOver();
      if (this.#underWay === 0) resolve();
    });
  }

  #refusal(): JournalRefusal | undefined {
    if (this.#isClosed) return new JournalRefusal('shutting_down', 'the journal is closed');
    const { dir, maxPendingBytes, maxBytes, segmentBytes } = this.#options;
    if (this.#isFull) {
      // Whoever is refused makes the journal look again, so it takes records as soon as there is room.
      void this.#checkSpace();
      return new JournalRefusal('disk_full', `the volume of ${dir} is full; free some space and the agent goes on`);
    }
    if (this.bytes > maxBytes + 2 * segmentBytes) {
      return new JournalRefusal(
        'disk_full',
        `the journal has reached its limit of ${maxBytes} bytes and waits for a checkpoint; is the database reachable?`,
      );
    }
    if (this.#pendingBytes > maxPendingBytes) {
      return new JournalRefusal('overloaded', `${this.#pendingBytes} bytes wait for the disk; send again in a second`);
    }
    return undefined;
  }

  #groupFor(bytes: number): Group {
    const last = this.#groups.at(-1);
    if (last?.fits(bytes) === true) return last;
    const isUsual = bytes <= GROUP_BYTES;
    const memory =
      (isUsual ? this.#freeMemories.pop() : undefined) ?? new SharedArrayBuffer(Math.max(bytes, GROUP_BYTES));
    const group = new Group(memory);
    this.#groups.push(group);
    return group;
  }

  /**
   * A lone request goes to the writer with the end of this turn of the event loop, so that those which came with it
   * share its flush. While a group is written the next one collects; only when much has come does that one follow at
   * once, because the writer must not stand still until this thread has read all its sockets.
   */
  #schedule(group: Group): void {
    if (group.bytes >= EAGER_BYTES) this.#handOver();
    else if (this.#underWay === 0 && !this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(() => {
        this.#isScheduled = false;
        this.#handOver();
      });
    }
  }

  #handOver(): void {
    while (this.#groups.length > 0) {
      const isNext =
        this.#underWay === 0 || (this.#underWay < GROUPS_UNDER_WAY && this.#groups[0].bytes >= EAGER_BYTES);
      const group = isNext ? this.#groups.shift() : undefined;
      if (group === undefined) return;
      this.#underWay++;
      // Never rejects: failures go to the records they concern.
      void this.#commit(group).finally(() => {
        this.#underWay--;
        this.#handOver();
        if (this.#underWay === 0) this.#onIdle?.();
      });
    }
  }

  async #commit(group: Group): Promise<void> {
    const outcome = await this.#written(group);
    this.#learn(outcome);
    if (outcome.type === 'committed') this.#acknowledge(group, outcome.blocks);
    else this.#fail(group, this.#refusalFor(outcome));
    void this.#checkSpace();
  }

  async #written(group: Group): Promise<CommitOutcome> {
    this.#writer ??= this.#newWriter();
    const writer = this.#writer;
    try {
      const { memory, outcome } = await writer.commit(group.memory, group.blocks);
      if (memory.byteLength === GROUP_BYTES && this.#freeMemories.length < KEPT_MEMORIES) {
        this.#freeMemories.push(memory);
      }
      return outcome;
    } catch (error) {
      // The writer's thread has died. What it had under way is not acknowledged; the next group gets a new thread.
      const message = error instanceof Error ? error.message : String(error);
      const sealed = this.#writer === writer ? this.#abandon(writer) : [];
      return { type: 'failed', code: 'storage_unavailable', message, sealed, active: this.#active ?? null };
    }
  }

  #newWriter(): GroupWriter {
    const { dir, segmentBytes, keys, isEncrypted, files } = this.#options;
    const key = isEncrypted ? keys?.[0] : undefined;
    const settings: WriterSettings = { dir, segmentBytes, key, endLsn: this.#end };
    return files === undefined ? new ThreadedWriter(settings) : new SegmentWriter(settings, files, randomBytes);
  }

  /** The segment whose writer has died is good up to what was reported of it. */
  #abandon(writer: GroupWriter): SealedSegment[] {
    const active = this.#active;
    this.#writer = undefined;
    this.#active = undefined;
    writer.close().catch(() => undefined);
    if (active === undefined || active.goodBytes <= active.headerBytes) return [];
    return [{ ...active, summary: unknownSummary(this.#options.now()) }];
  }

  #learn({ sealed, active }: CommitOutcome): void {
    this.#sealed.push(...sealed);
    for (const { goodBytes } of sealed) this.#sealedBytes += goodBytes;
    this.#active = active ?? undefined;
  }

  #refusalFor({ code, message }: Extract<CommitOutcome, { type: 'failed' }>): JournalRefusal {
    this.counters.failed_commits++;
    if (code === 'disk_full') this.#isFull = true;
    return new JournalRefusal(code, `the journal in ${this.#options.dir} could not be written: ${message}`);
  }

  #acknowledge(group: Group, blocks: readonly { readonly lsn: number; readonly endLsn: number }[]): void {
    this.#end = blocks.at(-1)?.endLsn ?? this.#end;
    this.counters.blocks += blocks.length;
    this.counters.records += group.waiters.length;
    this.#pendingBytes -= group.bytes;
    let next = 0;
    for (const [at, { records }] of group.blocks.entries()) {
      const { lsn, endLsn } = blocks[at];
      for (let number = 1; number <= records; number++) {
        group.waiters[next++].onDurable(number === records ? endLsn : lsn + number);
      }
    }
  }

  /** What waits behind a failed group fails with it: it would meet the same disk. */
  #fail(group: Group, refusal: JournalRefusal): void {
    const concerned = [group, ...this.#groups.splice(0)];
    for (const { bytes } of concerned) this.#pendingBytes -= bytes;
    const waiters: Waiter[] = concerned.flatMap((each) => each.waiters);
    for (const { onFailed } of waiters) onFailed(refusal);
  }

  async #checkSpace(): Promise<void> {
    const nowMs = this.#options.now();
    if (nowMs - this.#spaceCheckedAtMs < SPACE_CHECK_MS) return;
    this.#spaceCheckedAtMs = nowMs;
    // Where the system cannot say, the writes themselves will.
    const space = await this.#files.space(this.#options.dir).catch(() => undefined);
    const needed = Math.min(this.#options.minFreeBytes, (space?.totalBytes ?? 0) * MOST_FREE_SHARE);
    this.#isFull = space !== undefined && space.freeBytes < needed;
  }

  #isExpired({ summary }: SealedSegment, nowMs: number): boolean {
    const { retention } = this.#options;
    const longest =
      summary.sources === null
        ? retention.longestKeepMs()
        : summary.sources.reduce((most, hash) => Math.max(most, retention.keepMs(hash)), 0);
    return summary.newestReceivedAtMs < nowMs - longest;
  }

  async #delete(segment: SealedSegment): Promise<void> {
    const path = join(this.#options.dir, segmentName(segment.firstLsn));
    await this.#files.remove(path);
    await this.#files.remove(indexName(path));
    await this.#files.remove(`${path}.corrupt`);
    this.#sealed.splice(this.#sealed.indexOf(segment), 1);
    this.#sealedBytes -= segment.goodBytes;
  }

  /** What earlier starts have set aside is kept no longer than anything else. */
  async #forgetOldDamage(): Promise<void> {
    const { dir, now, retention } = this.#options;
    for (const name of await this.#files.list(dir)) {
      const path = join(dir, name);
      if (!name.endsWith('.corrupt')) continue;
      if ((await this.#files.stat(path)).modifiedMs < now() - retention.longestKeepMs()) await this.#files.remove(path);
    }
  }

  #segments(): (SealedSegment | (Segment & { readonly summary?: undefined }))[] {
    return this.#active === undefined ? [...this.#sealed] : [...this.#sealed, this.#active];
  }

  /** The segment that holds a position, or the first one behind it if that has been deleted. */
  #segmentFor(lsn: number): Segment | undefined {
    return this.#segments().find(({ firstLsn, goodBytes }) => firstLsn + goodBytes > lsn);
  }

  #segmentAfter(firstLsn: number): Segment | undefined {
    return this.#segments().find((segment) => segment.firstLsn > firstLsn);
  }

  /** The durable bytes of a segment as they are now: it grows while it is the active one. */
  #limitOf(firstLsn: number): number {
    if (this.#active?.firstLsn === firstLsn) return this.#active.goodBytes;
    return this.#sealed.find((segment) => segment.firstLsn === firstLsn)?.goodBytes ?? 0;
  }

  async *#readSegment(
    segment: Segment,
    fromLsn: number,
  ): AsyncGenerator<{ readonly record: IngestRecord; readonly endLsn: number }> {
    const { firstLsn } = segment;
    const name = segmentName(firstLsn);
    for await (const step of this.#walk(segment, fromLsn)) {
      const toLsn = firstLsn + step.next;
      if (step.type === 'damaged') {
        this.#report({ segment: name, fromLsn: firstLsn + step.at, toLsn, reason: 'no block begins here' });
        continue;
      }
      const { lsn, records } = step.head;
      const opened = await step.open();
      if (opened.type === 'damaged') {
        this.#report({ segment: name, fromLsn: lsn, toLsn, reason: opened.reason });
        continue;
      }
      let number = 0;
      for (const record of decodeRecords(opened.raw)) {
        number++;
        const endLsn = number === records ? toLsn : lsn + number;
        if (endLsn > fromLsn) yield { record, endLsn };
      }
    }
  }

  /** The steps of a segment from the block that holds `fromLsn`, while the file is held open. */
  async *#walk(segment: Segment, fromLsn: number) {
    const { firstLsn, headerBytes } = segment;
    const fd = await this.#files.open(join(this.#options.dir, segmentName(firstLsn)), 'read');
    try {
      const reader = new SegmentReader(this.#files, fd, segment);
      // A checkpoint's position is the start of a block unless it fell between two records of one.
      const direct = Math.max(headerBytes, fromLsn - firstLsn);
      const isBlock = (await reader.step(direct, this.#limitOf(firstLsn))).type === 'block';
      let at = isBlock ? direct : headerBytes;
      for (;;) {
        const step = await reader.step(at, this.#limitOf(firstLsn));
        if (step.type === 'end') return;
        if (firstLsn + step.next > fromLsn) {
          if (step.type === 'damaged') yield step;
          else yield { ...step, open: () => reader.open(step.at, step.head) };
        }
        at = step.next;
      }
    } finally {
      await this.#files.close(fd);
    }
  }

  #report(corruption: Corruption): void {
    if (this.#knownDamage.has(corruption.fromLsn)) return;
    if (this.#knownDamage.size < MAX_KNOWN_DAMAGE) this.#knownDamage.add(corruption.fromLsn);
    this.counters.corruptions++;
    this.#options.onCorruption(corruption);
  }
}
