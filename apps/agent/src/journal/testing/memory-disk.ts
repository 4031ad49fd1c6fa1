import { basename } from 'node:path';
import type { JournalFiles } from '../journal-files.ts';

interface MemoryFile {
  data: Buffer;
  /** What a power cut leaves for certain. */
  synced: Buffer;
  isNameSynced: boolean;
  /** Indexes are copies, so what a test breaks is never one of them. */
  readonly isIndex: boolean;
}

type Operation = 'open' | 'writev' | 'sync' | 'syncDir' | 'truncate';

/**
 * A disk in memory that keeps apart what was written and what was flushed, tears and refuses writes, fails flushes and
 * loses its power. Like Linux: a full disk first writes short, and only the next write fails.
 */
export class MemoryDisk implements JournalFiles {
  readonly files = new Map<string, MemoryFile>();
  capacityBytes = Number.POSITIVE_INFINITY;
  /** The errno that the next operation of a kind fails with, once. */
  readonly failNext = new Map<Operation, string>();
  readonly calls: Operation[] = [];
  readonly #open = new Map<number, MemoryFile>();
  #fds = 10;

  #writesUntilTorn: { left: number; readonly share: number } | undefined;

  /** The write after `writes` others gets only a share of its bytes onto the disk, and fails. */
  tearWrite(writes: number, share: number): void {
    this.#writesUntilTorn = { left: writes, share };
  }

  #tornShare(): number | undefined {
    const tear = this.#writesUntilTorn;
    if (tear === undefined || tear.left-- > 0) return undefined;
    this.#writesUntilTorn = undefined;
    return tear.share;
  }

  makeDir(): Promise<void> {
    return Promise.resolve();
  }

  list(): Promise<string[]> {
    return Promise.resolve([...this.files.keys()]);
  }

  async open(path: string, mode: 'create' | 'append' | 'read'): Promise<number> {
    const name = basename(path);
    if (!isIndex(name)) this.#step('open');
    if (mode === 'create') {
      this.files.set(name, {
        data: Buffer.alloc(0),
        synced: Buffer.alloc(0),
        isNameSynced: false,
        isIndex: isIndex(name),
      });
    }
    const file = this.files.get(name);
    if (file === undefined) throw systemError('ENOENT', 'open');
    const fd = this.#fds++;
    this.#open.set(fd, file);
    await Promise.resolve();
    return fd;
  }

  async writev(fd: number, buffers: readonly Uint8Array[], position: number): Promise<number> {
    const file = this.#file(fd);
    if (!file.isIndex) this.#step('writev');
    const bytes = Buffer.concat(buffers);
    const used = [...this.files.values()].reduce((sum, { data }) => sum + data.length, 0);
    const grows = Math.max(0, position + bytes.length - file.data.length);
    const room = Math.max(0, this.capacityBytes - used);
    const torn = this.#tornShare();
    const fitting = bytes.subarray(0, Math.max(0, bytes.length - Math.max(0, grows - room)));
    const written = torn === undefined ? fitting : fitting.subarray(0, Math.floor(fitting.length * torn));
    if (written.length === 0 && torn === undefined) throw systemError('ENOSPC', 'write');
    const data = Buffer.alloc(Math.max(file.data.length, position + written.length));
    file.data.copy(data);
    written.copy(data, position);
    file.data = data;
    if (torn !== undefined) throw systemError('EIO', 'write');
    await Promise.resolve();
    return written.length;
  }

  async read(fd: number, target: Uint8Array, length: number, position: number): Promise<number> {
    const part = this.#file(fd).data.subarray(position, position + length);
    target.set(part);
    await Promise.resolve();
    return part.length;
  }

  async truncate(fd: number, length: number): Promise<void> {
    this.#step('truncate');
    const file = this.#file(fd);
    file.data = Buffer.from(file.data.subarray(0, length));
    await Promise.resolve();
  }

  async sync(fd: number): Promise<void> {
    this.#step('sync');
    const file = this.#file(fd);
    file.synced = Buffer.from(file.data);
    await Promise.resolve();
  }

  async syncDir(): Promise<void> {
    this.#step('syncDir');
    for (const file of this.files.values()) file.isNameSynced = true;
    await Promise.resolve();
  }

  close(fd: number): Promise<void> {
    this.#open.delete(fd);
    return Promise.resolve();
  }

  remove(path: string): Promise<void> {
    this.files.delete(basename(path));
    return Promise.resolve();
  }

  rename(from: string, to: string): Promise<void> {
    const file = this.files.get(basename(from));
    if (file === undefined) throw systemError('ENOENT', 'rename');
    this.files.delete(basename(from));
    this.files.set(basename(to), file);
    return Promise.resolve();
  }

  stat(path: string): Promise<{ bytes: number; modifiedMs: number }> {
    return Promise.resolve({ bytes: this.files.get(basename(path))?.data.length ?? 0, modifiedMs: 0 });
  }

  space(): Promise<{ freeBytes: number; totalBytes: number }> {
    const used = [...this.files.values()].reduce((sum, { data }) => sum + data.length, 0);
    const freeBytes = Math.max(0, this.capacityBytes - used);
    return Promise.resolve({ freeBytes, totalBytes: this.capacityBytes });
  }

  /** What a file that is open holds now. */
  contentOf(fd: number): Buffer {
    return this.#file(fd).data;
  }

  /** Names of the segments, in order. */
  get segments(): string[] {
    return [...this.files.keys()].filter((name) => name.endsWith('.slj')).toSorted();
  }

  /** A disk on which one file lies as given, as if it had always been like that. */
  static holding(files: Readonly<Record<string, Buffer>>): MemoryDisk {
    const disk = new MemoryDisk();
    for (const [name, data] of Object.entries(files)) {
      disk.files.set(name, { data, synced: data, isNameSynced: true, isIndex: isIndex(name) });
    }
    return disk;
  }

  get openFiles(): number {
    return this.#open.size;
  }

  /**
   * The disk as it may be found after the power went: what was flushed, and of what was not any prefix, perhaps torn.
   * @param keep for each file, 0 … 1: how much of the unflushed rest has reached the platter
   */
  afterPowerCut(keep: (name: string) => number): MemoryDisk {
    const disk = new MemoryDisk();
    for (const [name, file] of this.files) {
      if (!file.isNameSynced) continue;
      const rest = Math.max(0, file.data.length - file.synced.length);
      const data = Buffer.from(file.data.subarray(0, file.synced.length + Math.floor(rest * keep(name))));
      disk.files.set(name, { data, synced: data, isNameSynced: true, isIndex: file.isIndex });
    }
    return disk;
  }

  #file(fd: number): MemoryFile {
    const file = this.#open.get(fd);
    if (file === undefined) throw systemError('EBADF', 'fd');
    return file;
  }

  #step(operation: Operation): void {
    this.calls.push(operation);
    const code = this.failNext.get(operation);
    if (code === undefined) return;
    this.failNext.delete(operation);
    throw systemError(code, operation === 'sync' ? 'fdatasync' : operation);
  }
}

function isIndex(name: string): boolean {
  return name.endsWith('.sli');
}

function systemError(code: string, syscall: string): Error {
  return Object.assign(new Error(`${code}: ${syscall}`), { code, syscall });
}
