import { join } from 'node:path';
import { type PackedBlock, packBlock, sealBlock, sealedBytes } from './block-codec.ts';
import { giveBack } from '../pipeline/give-back.ts';
import type { RandomBytes } from './data-key.ts';
import type { BlockPlan } from './group.ts';
import type { JournalFiles } from './journal-files.ts';
import type { JournalRefusalCode } from './journal-refusal.ts';
import type { JournalKey } from './key-ring.ts';
import type { SealedSegment, Segment } from './segment.ts';
import { createHeader, SEGMENT_HEADER_BYTES, segmentName } from './segment-format.ts';
import { encodeIndex, indexName, SummaryBuilder } from './segment-index.ts';
import { succeeds, writeAll, writeFile } from './write-file.ts';

export interface WriterSettings {
  readonly dir: string;
  /** A segment is sealed when the next group would make it larger. */
  readonly segmentBytes: number;
  /** Wraps the data keys of new segments; undefined: they are not encrypted. */
  readonly key: JournalKey | undefined;
  /** Position behind everything durable: where the first segment begins. */
  readonly endLsn: number;
}

/** Of one commit. `sealed` are segments that have been finished since the last outcome; `active` is null after a failure. */
interface WriterState {
  readonly sealed: readonly SealedSegment[];
  readonly active: Segment | null;
}

export type CommitOutcome = WriterState &
  (
    | { readonly type: 'committed'; readonly blocks: readonly { readonly lsn: number; readonly endLsn: number }[] }
    /** Nothing of the group counts. */
    | { readonly type: 'failed'; readonly code: JournalRefusalCode; readonly message: string }
  );

/**
 * Writes groups in the order in which they are given, on whatever thread it lives. Failures are outcomes; a rejection
 * is a broken thread.
 */
export interface GroupWriter {
  /** Makes the first segment. To be called first. */
  open(): Promise<CommitOutcome>;
  /** Resolves once the group is flushed. `memory` is the writer's until then. */
  commit(
    memory: SharedArrayBuffer,
    blocks: readonly BlockPlan[],
  ): Promise<{ memory: SharedArrayBuffer; outcome: CommitOutcome }>;
  /** Seals the segment. */
  close(): Promise<void>;
}

interface PackedGroup {
  readonly blocks: readonly PackedBlock[];
  readonly done: (outcome: CommitOutcome) => void;
}

/**
 * The active segment: compresses, encrypts, writes and flushes groups, and begins the next segment when one is full.
 * The one path that log text takes to the disk.
 */
export class SegmentWriter implements GroupWriter {
  readonly #settings: WriterSettings;
  readonly #files: JournalFiles;
  readonly #random: RandomBytes;
  /** Undefined after a failure, until a new segment can be made. */
  #active: ActiveSegment | undefined;
  #endLsn: number;
  #sealed: SealedSegment[] = [];
  #packed: PackedGroup[] = [];
  #writing: Promise<void> | undefined;

  constructor(settings: WriterSettings, files: JournalFiles, random: RandomBytes) {
    this.#settings = settings;
    this.#files = files;
    this.#random = random;
    this.#endLsn = settings.endLsn;
  }

  async open(): Promise<CommitOutcome> {
    return this.#write([]);
  }

  /** Compresses at once, while the group before may still be flushed; what has been compressed meanwhile shares a flush. */
  commit(memory: SharedArrayBuffer, blocks: readonly BlockPlan[]) {
    const packed = blocks.map((block) => packBlock(block, new Uint8Array(memory, block.from, block.to - block.from)));
    const committed = Promise.withResolvers<{ memory: SharedArrayBuffer; outcome: CommitOutcome }>();
    this.#packed.push({ blocks: packed, done: (outcome) => committed.resolve({ memory, outcome }) });
    this.#writing ??= this.#writeAll();
    return committed.promise;
  }

  async close(): Promise<void> {
    await this.#writing;
    const active = this.#active;
    this.#active = undefined;
    if (active !== undefined) await this.#leave(active);
  }

  async #writeAll(): Promise<void> {
    while (this.#packed.length > 0) {
      const groups = this.#packed.splice(0);
      const outcome = await this.#write(groups.flatMap(({ blocks }) => blocks));
      let first = 0;
      for (const { blocks, done } of groups) {
        const own = { ...outcome, sealed: first === 0 ? outcome.sealed : [] };
        done(own.type === 'failed' ? own : { ...own, blocks: own.blocks.slice(first, first + blocks.length) });
        first += blocks.length;
      }
    }
    this.#writing = undefined;
  }

  async #write(blocks: readonly PackedBlock[]): Promise<CommitOutcome> {
    try {
      const active = await this.#segmentFor(blocks);
      const written = blocks.length === 0 ? [] : await active.append(blocks);
      this.#endLsn = written.at(-1)?.endLsn ?? this.#endLsn;
      return { type: 'committed', blocks: written, ...this.#takeState() };
    } catch (error) {
      const code = refusalCodeOf(error);
      await this.#giveUpAfter(error, code);
      const message = error instanceof Error ? error.message : String(error);
      return { type: 'failed', code, message, ...this.#takeState() };
    }
  }

  async #segmentFor(blocks: readonly PackedBlock[]): Promise<ActiveSegment> {
    const { dir, segmentBytes, key } = this.#settings;
    const bytes = blocks.reduce((sum, block) => sum + sealedBytes(block, key !== undefined), 0);
    const active = this.#active;
    if (active !== undefined && !active.isEmpty && active.goodBytes + bytes > segmentBytes) {
      this.#active = undefined;
      await this.#seal(active);
    }
    this.#active ??= await ActiveSegment.create(this.#files, dir, this.#endLsn, key, this.#random);
    return this.#active;
  }

  /**
   * A full disk leaves the file usable once the torn bytes are cut off. After any other error, and after any failed
   * flush, nothing is known about the file's pages: it is left with its good bytes and never synced again.
   */
  async #giveUpAfter(error: unknown, code: JournalRefusalCode): Promise<void> {
    const active = this.#active;
    if (active === undefined) return;
    const isCut = await succeeds(active.rollBack());
    if (code === 'disk_full' && !isFlushError(error) && isCut) return;
    this.#active = undefined;
    await this.#leave(active);
  }

  /** One that nothing was written to is no segment: the next one takes its place and its name. */
  #leave(active: ActiveSegment): Promise<unknown> {
    return active.isEmpty ? succeeds(active.close()) : this.#seal(active);
  }

  /** The index is a copy, so that it could not be written is nobody's loss. */
  async #seal(active: ActiveSegment): Promise<void> {
    this.#sealed.push(active.sealed());
    await succeeds(active.writeIndex());
    await succeeds(active.close());
  }

  #takeState(): WriterState {
    const sealed = this.#sealed;
    this.#sealed = [];
    return { sealed, active: this.#active?.state() ?? null };
  }
}

class ActiveSegment {
  readonly firstLsn: number;
  readonly #files: JournalFiles;
  readonly #path: string;
  readonly #fd: number;
  readonly #dataKey: Uint8Array | undefined;
  /** Counts attempts, not blocks: a number that a failed write has used is not used again. */
  #sequence = 0;
  #goodBytes = SEGMENT_HEADER_BYTES;
  readonly #heads: Buffer[] = [];
  readonly #summary = new SummaryBuilder();

  private constructor(
    files: JournalFiles,
    path: string,
    fd: number,
    firstLsn: number,
    dataKey: Uint8Array | undefined,
  ) {
    this.#files = files;
    this.#path = path;
    this.#fd = fd;
    this.firstLsn = firstLsn;
    this.#dataKey = dataKey;
  }

  /** A new file, its name flushed before anything in it can be acknowledged. Empties one that an earlier failure left. */
  static async create(
    files: JournalFiles,
    dir: string,
    firstLsn: number,
    key: JournalKey | undefined,
    random: RandomBytes,
  ): Promise<ActiveSegment> {
    const path = join(dir, segmentName(firstLsn));
    const header = createHeader(firstLsn, key, random);
    const fd = await files.open(path, 'create');
    try {
      await writeAll(files, fd, [header.bytes], 0);
      await files.sync(fd);
      await files.syncDir(dir);
    } catch (error) {
      await files.close(fd);
      await files.remove(path);
      throw error;
    }
    return new ActiveSegment(files, path, fd, firstLsn, header.dataKey);
  }

  /** Everything before this offset is on disk, flushed. */
  get goodBytes(): number {
    return this.#goodBytes;
  }

  get isEmpty(): boolean {
    return this.#heads.length === 0;
  }

  /** Writes and flushes blocks behind the good bytes; gives their positions. */
  async append(blocks: readonly PackedBlock[]): Promise<{ lsn: number; endLsn: number }[]> {
    const buffers: Buffer[] = [];
    const heads: Buffer[] = [];
    const written: { lsn: number; endLsn: number }[] = [];
    let end = this.#goodBytes;
    for (const block of blocks) {
      const lsn = this.firstLsn + end;
      const { head, payload } = sealBlock(block, lsn, this.#sequence++, this.#dataKey);
      heads.push(head);
      buffers.push(head, ...payload);
      end += sealedBytes(block, this.#dataKey !== undefined);
      written.push({ lsn, endLsn: this.firstLsn + end });
    }
    await writeAll(this.#files, this.#fd, buffers, this.#goodBytes);
    await this.#files.sync(this.#fd);
    for (const buffer of buffers) giveBack(buffer);
    for (const { compressed } of blocks) giveBack(compressed);
    this.#goodBytes = end;
    this.#heads.push(...heads);
    for (const { facts } of blocks) this.#summary.add(facts);
    return written;
  }

  /** Takes away what a failed write left behind the good bytes. */
  rollBack(): Promise<void> {
    return this.#files.truncate(this.#fd, this.#goodBytes);
  }

  state(): Segment {
    const { firstLsn, goodBytes } = this;
    return { firstLsn, headerBytes: SEGMENT_HEADER_BYTES, goodBytes, dataKey: this.#dataKey };
  }

  sealed(): SealedSegment {
    return { ...this.state(), summary: this.#summary.summary() };
  }

  async writeIndex(): Promise<void> {
    const index = encodeIndex(this.firstLsn, this.#goodBytes, this.#summary.summary(), this.#heads);
    await writeFile(this.#files, indexName(this.#path), index);
  }

  close(): Promise<void> {
    return this.#files.close(this.#fd);
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
