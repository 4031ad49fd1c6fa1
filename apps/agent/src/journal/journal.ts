import { join } from 'node:path';
import type { IngestRecord } from '../pipeline/ingest-record.ts';
import { BlockEncoder } from './block-encoder.ts';
import { BLOCK_HEADER_BYTES, CODEC } from './block-format.ts';
import type { JournalFiles } from './journal-files.ts';
import { nodeJournalFiles } from './journal-files.ts';
import { JournalRefusal, type JournalRefusalCode } from './journal-refusal.ts';
import { decodeRecords, headRoomOf } from './record-format.ts';
import { recover } from './recover.ts';
import { ActiveSegment, type SealedSegment } from './segment.ts';
import { SEGMENT_HEADER_BYTES, segmentName } from './segment-format.ts';
import { SegmentReader } from './segment-reader.ts';

/** A group commit takes no more than this unless one record is larger: bounds memory of readers and time to the answer. */
const MAX_GROUP_BYTES = 8 * 1024 * 1024;
/** Space is asked for at most this often. */
const SPACE_CHECK_MS = 500;
/** Damaged places that are remembered, so that reading twice counts once. */
const MAX_KNOWN_DAMAGE = 10_000;

/** A stretch of the journal that could not be read. Everything before and after it could. */
export interface Corruption {
  readonly segment: string;
  readonly fromLsn: number;
  readonly toLsn: number;
  readonly reason: string;
}

export interface JournalOptions {
  readonly dir: string;
  /** A segment is sealed when the next block would make it larger. */
  readonly segmentBytes: number;
  /** `trim` deletes the oldest sealed segments above this; at two segments more, `append` refuses. */
  readonly maxBytes: number;
  /** `trim` deletes sealed segments that were last written longer ago. */
  readonly retentionMs: number;
  /** Records that wait for the disk: above this `append` refuses with `overloaded`. */
  readonly maxPendingBytes: number;
  /** Left free on the volume, on which PostgreSQL may live too: below it `append` refuses with `disk_full`. */
  readonly minFreeBytes: number;
  readonly now: () => number;
  onCorruption(corruption: Corruption): void;
  readonly files?: JournalFiles;
}

interface Pending {
  readonly record: IngestRecord;
  readonly bytes: number;
  readonly onDurable: (endLsn: number) => void;
  readonly onFailed: (refusal: JournalRefusal) => void;
}

/** Opens the journal in a folder, made if it is not there. A torn tail is cut off. Must be closed. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const files = options.files ?? nodeJournalFiles;
  const { sealed, active, tornBytes } = await recover(files, options.dir);
  return new Journal(options, files, sealed, active, tornBytes);
}

/**
 * Append-only, on disk before it is acknowledged. While one group is written and flushed the next collects, so the
 * disk's rhythm sets the size of a group: a lone request waits for nobody, a thousand share one flush.
 *
 * Positions: a record's end is its block's end for the last record of a block, else the block's start plus its number,
 * so that reading can begin between two records of a block whatever codec that has.
 */
export class Journal {
  readonly counters = { blocks: 0, records: 0, corruptions: 0, torn_bytes: 0, failed_commits: 0, refused: 0 };
  readonly #options: JournalOptions;
  readonly #files: JournalFiles;
  readonly #encoder = new BlockEncoder();
  readonly #sealed: SealedSegment[];
  #sealedBytes: number;
  /** Undefined after a failure, until a new segment can be made. */
  #active: ActiveSegment | undefined;
  #end: number;
  #pending: Pending[] = [];
  #pendingBytes = 0;
  #commits: Promise<void> | undefined;
  #isFull = false;
  #spaceCheckedAtMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;
  readonly #knownDamage = new Set<number>();

  /** Use `openJournal`. */
  constructor(
    options: JournalOptions,
    files: JournalFiles,
    sealed: SealedSegment[],
    active: ActiveSegment,
    tornBytes: number,
  ) {
    this.#options = options;
    this.#files = files;
    this.#sealed = sealed;
    this.#sealedBytes = sealed.reduce((sum, { goodBytes }) => sum + goodBytes, 0);
    this.#active = active;
    this.#end = active.endLsn;
    this.counters.torn_bytes = tornBytes;
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
   * Takes a record. `onDurable` follows once it is flushed, in journal order, or `onFailed` when it could not be;
   * the body must stay as it is until then. Throws a JournalRefusal when it cannot even be taken.
   */
  append(record: IngestRecord, onDurable: (endLsn: number) => void, onFailed: (refusal: JournalRefusal) => void): void {
    const refusal = this.#refusal();
    if (refusal !== undefined) {
      this.counters.refused++;
      throw refusal;
    }
    const bytes = headRoomOf(record) + record.body.length;
    this.#pending.push({ record, bytes, onDurable, onFailed });
    this.#pendingBytes += bytes;
    this.#commits ??= this.#commitAll();
  }

  /**
   * Records behind a position, in order, up to the durable end as it is at each step. Bodies are valid until the next
   * step. What is damaged is reported to `onCorruption` and passed over.
   */
  async *read(fromLsn: number): AsyncGenerator<{ readonly record: IngestRecord; readonly endLsn: number }> {
    let segment = fromLsn < this.#end ? this.#segmentFor(fromLsn) : undefined;
    while (segment !== undefined) {
      yield* this.#readSegment(segment.firstLsn, fromLsn);
      segment = this.#segmentAfter(segment.firstLsn);
    }
  }

  /**
   * A position from which `read` gives everything received since then, and perhaps a little more.
   * @param mostBytes less is given where that would be more than this much of the journal
   */
  async positionAt(receivedAtMs: number, mostBytes = Number.POSITIVE_INFINITY): Promise<number> {
    const earliestLsn = this.#end - mostBytes;
    // Files are written in order, so the first one touched since then holds the place.
    const candidates = this.#segments().filter(
      ({ firstLsn, goodBytes, newestMs }) => newestMs >= receivedAtMs && firstLsn + goodBytes > earliestLsn,
    );
    for (const { firstLsn } of candidates) {
      for await (const step of this.#walk(firstLsn)) {
        if (step.type !== 'block' || step.header.lsn < earliestLsn) continue;
        if (step.header.newestReceivedAtMs >= receivedAtMs) return step.header.lsn;
      }
    }
    return this.#end;
  }

  /** Deletes whole sealed segments that are too much or too old, and never one that holds something at or above `safeLsn`. */
  async trim(safeLsn: number, nowMs: number): Promise<void> {
    while (this.#sealed.length > 0) {
      const [oldest] = this.#sealed;
      const isUnwanted = this.bytes > this.#options.maxBytes || oldest.newestMs < nowMs - this.#options.retentionMs;
      if (!isUnwanted || oldest.firstLsn + oldest.goodBytes > safeLsn) return;
      await this.#files.remove(join(this.#options.dir, segmentName(oldest.firstLsn)));
      this.#sealed.shift();
      this.#sealedBytes -= oldest.goodBytes;
    }
  }

  /** Flushes what has been taken and closes the file. Records that come later are refused. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#commits;
    const active = this.#active;
    this.#active = undefined;
    if (active !== undefined) {
      this.#seal(active);
      await active.close();
    }
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

  /** Commits group after group until nothing waits. Never rejects: failures go to the records they concern. */
  async #commitAll(): Promise<void> {
    // Requests that arrived in the same turn of the event loop share the first flush.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#pending.length > 0) {
      const group = this.#takeGroup();
      let blockLsn: number;
      try {
        blockLsn = await this.#commit(group);
      } catch (error) {
        this.#fail(group, await this.#recoverFrom(error));
        continue;
      }
      this.#acknowledge(group, blockLsn);
    }
    this.#commits = undefined;
  }

  #takeGroup(): Pending[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#pending.length && (count === 0 || bytes + this.#pending[count].bytes <= MAX_GROUP_BYTES)) {
      bytes += this.#pending[count++].bytes;
    }
    return this.#pending.splice(0, count);
  }

  /** The position of the block that the group has become. */
  async #commit(group: readonly Pending[]): Promise<number> {
    const records = group.map(({ record }) => record);
    const bytesAtMost = group.reduce((sum, { bytes }) => sum + bytes, BLOCK_HEADER_BYTES);
    const segment = await this.#segmentWithRoomFor(bytesAtMost);
    const blockLsn = segment.endLsn;
    const block = this.#encoder.encode(records, blockLsn);
    await segment.write(block.buffers);
    await segment.sync(block.bytes);
    void this.#checkSpace();
    return blockLsn;
  }

  async #segmentWithRoomFor(bytes: number): Promise<ActiveSegment> {
    let active = this.#active;
    const isEmpty = active !== undefined && active.goodBytes <= SEGMENT_HEADER_BYTES;
    if (active !== undefined && !isEmpty && active.goodBytes + bytes > this.#options.segmentBytes) {
      this.#active = undefined;
      this.#seal(active);
      await active.close();
      active = undefined;
    }
    this.#active = active ?? (await ActiveSegment.create(this.#files, this.#options.dir, this.#end));
    return this.#active;
  }

  /**
   * A full disk leaves the file usable once the torn bytes are cut off. After any other error, and after any failed
   * flush, nothing is known about the file's pages: it is left with its good bytes and never synced again.
   */
  async #recoverFrom(error: unknown): Promise<JournalRefusal> {
    this.counters.failed_commits++;
    const code = refusalCodeOf(error);
    if (code === 'disk_full') this.#isFull = true;
    const active = this.#active;
    if (active !== undefined) {
      const isUsable = code === 'disk_full' && !isFlushError(error) && (await succeeds(active.rollBack()));
      if (!isUsable) {
        this.#active = undefined;
        if (active.goodBytes > SEGMENT_HEADER_BYTES) this.#seal(active);
        await succeeds(active.rollBack());
        await succeeds(active.close());
      }
    }
    const message = error instanceof Error ? error.message : String(error);
    return new JournalRefusal(code, `the journal in ${this.#options.dir} could not be written: ${message}`, {
      cause: error,
    });
  }

  #acknowledge(group: readonly Pending[], blockLsn: number): void {
    this.#end = this.#active?.endLsn ?? this.#end;
    this.counters.blocks++;
    this.counters.records += group.length;
    for (const { bytes } of group) this.#pendingBytes -= bytes;
    for (const [index, { onDurable }] of group.entries()) {
      onDurable(index === group.length - 1 ? this.#end : blockLsn + index + 1);
    }
  }

  /** What waits behind a failed group fails with it: it would meet the same disk. */
  #fail(group: readonly Pending[], refusal: JournalRefusal): void {
    const concerned = [...group, ...this.#pending.splice(0)];
    for (const { bytes } of concerned) this.#pendingBytes -= bytes;
    for (const { onFailed } of concerned) onFailed(refusal);
  }

  async #checkSpace(): Promise<void> {
    const nowMs = this.#options.now();
    if (nowMs - this.#spaceCheckedAtMs < SPACE_CHECK_MS) return;
    this.#spaceCheckedAtMs = nowMs;
    const free = await this.#files.freeBytes(this.#options.dir).catch(() => Number.POSITIVE_INFINITY);
    this.#isFull = free < this.#options.minFreeBytes;
  }

  #seal(segment: ActiveSegment): void {
    const { firstLsn, goodBytes } = segment;
    this.#sealed.push({ firstLsn, goodBytes, newestMs: this.#options.now() });
    this.#sealedBytes += goodBytes;
  }

  #segments(): SealedSegment[] {
    const active = this.#active;
    if (active === undefined) return [...this.#sealed];
    return [
      ...this.#sealed,
      { firstLsn: active.firstLsn, goodBytes: active.goodBytes, newestMs: Number.POSITIVE_INFINITY },
    ];
  }

  /** The segment that holds a position, or the first one behind it if that has been deleted. */
  #segmentFor(lsn: number): SealedSegment | undefined {
    return this.#segments().find(({ firstLsn, goodBytes }) => firstLsn + goodBytes > lsn);
  }

  #segmentAfter(firstLsn: number): SealedSegment | undefined {
    return this.#segments().find((segment) => segment.firstLsn > firstLsn);
  }

  /** The durable bytes of a segment as they are now: it grows while it is the active one. */
  #limitOf(firstLsn: number): number {
    if (this.#active?.firstLsn === firstLsn) return this.#active.goodBytes;
    return this.#sealed.find((segment) => segment.firstLsn === firstLsn)?.goodBytes ?? 0;
  }

  async *#readSegment(
    firstLsn: number,
    fromLsn: number,
  ): AsyncGenerator<{ readonly record: IngestRecord; readonly endLsn: number }> {
    for await (const step of this.#walk(firstLsn, fromLsn)) {
      const toLsn = firstLsn + step.next;
      if (step.type === 'damaged') {
        this.#report(firstLsn, firstLsn + step.at, toLsn, 'no block begins here');
        continue;
      }
      const { lsn, codec, records } = step.header;
      const payload = codec === CODEC.plain ? await step.payload() : undefined;
      if (payload === undefined) {
        const reason = codec === CODEC.plain ? 'the checksum is wrong' : `codec ${codec} is unknown to this build`;
        this.#report(firstLsn, lsn, toLsn, reason);
        continue;
      }
      let number = 0;
      for (const record of decodeRecords(payload)) {
        number++;
        const endLsn = number === records ? toLsn : lsn + number;
        if (endLsn > fromLsn) yield { record, endLsn };
      }
    }
  }

  /** The steps of a segment from the block that holds `fromLsn`, while the file is held open. */
  async *#walk(firstLsn: number, fromLsn = firstLsn) {
    const fd = await this.#files.open(join(this.#options.dir, segmentName(firstLsn)), 'read');
    try {
      const reader = new SegmentReader(this.#files, fd, firstLsn);
      // A checkpoint's position is the start of a block unless it fell between two records of one.
      const direct = Math.max(SEGMENT_HEADER_BYTES, fromLsn - firstLsn);
      const isBlock = (await reader.step(direct, this.#limitOf(firstLsn))).type === 'block';
      let at = isBlock ? direct : SEGMENT_HEADER_BYTES;
      for (;;) {
        const step = await reader.step(at, this.#limitOf(firstLsn));
        if (step.type === 'end') return;
        if (firstLsn + step.next > fromLsn) {
          if (step.type === 'damaged') yield step;
          else yield { ...step, payload: () => reader.payload(step.at, step.header) };
        }
        at = step.next;
      }
    } finally {
      await this.#files.close(fd);
    }
  }

  #report(firstLsn: number, fromLsn: number, toLsn: number, reason: string): void {
    if (this.#knownDamage.has(fromLsn)) return;
    if (this.#knownDamage.size < MAX_KNOWN_DAMAGE) this.#knownDamage.add(fromLsn);
    this.counters.corruptions++;
    this.#options.onCorruption({ segment: segmentName(firstLsn), fromLsn, toLsn, reason });
  }
}

function systemErrorOf(error: unknown): { readonly code: string; readonly syscall: string } {
  const { code, syscall } = (error instanceof Error ? error : {}) as { code?: unknown; syscall?: unknown };
  return { code: typeof code === 'string' ? code : '', syscall: typeof syscall === 'string' ? syscall : '' };
}

function refusalCodeOf(error: unknown): JournalRefusalCode {
  const { code } = systemErrorOf(error);
  return code === 'ENOSPC' || code === 'EDQUOT' ? 'disk_full' : 'storage_unavailable';
}

function isFlushError(error: unknown): boolean {
  const { syscall } = systemErrorOf(error);
  return syscall === 'fdatasync' || syscall === 'fsync';
}

/** For steps of a clean-up that may fail on a broken disk and whose failure changes nothing. */
async function succeeds(step: Promise<void>): Promise<boolean> {
  return step.then(
    () => true,
    () => false,
  );
}
