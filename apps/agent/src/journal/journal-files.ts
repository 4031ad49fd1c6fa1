import fs from 'node:fs';
import { promisify } from 'node:util';

/**
 * Everything the journal asks of a disk, so that a test can tear writes, fill the volume and fail a flush.
 */
export interface JournalFiles {
  makeDir(dir: string): Promise<void>;
  list(dir: string): Promise<string[]>;
  /** `create` empties a file that is there. */
  open(path: string, mode: 'create' | 'append' | 'read'): Promise<number>;
  /** Bytes written: may be fewer than given, which is how a full disk announces itself. */
  writev(fd: number, buffers: readonly Uint8Array[], position: number): Promise<number>;
  /** Bytes read: 0 at the end of the file. */
  read(fd: number, target: Uint8Array, length: number, position: number): Promise<number>;
  truncate(fd: number, length: number): Promise<void>;
  /** Flushes the data, and the length where that has changed. After an error the file must not be synced again. */
  sync(fd: number): Promise<void>;
  /** Makes created and removed names durable. */
  syncDir(dir: string): Promise<void>;
  close(fd: number): Promise<void>;
  remove(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  stat(path: string): Promise<{ readonly bytes: number; readonly modifiedMs: number }>;
  /** Of the volume; free is what this process may still write. */
  space(dir: string): Promise<{ readonly freeBytes: number; readonly totalBytes: number }>;
}

const open = promisify(fs.open);
const writev = promisify(fs.writev);
const read = promisify(fs.read);
const ftruncate = promisify(fs.ftruncate);
const fdatasync = promisify(fs.fdatasync);
const fsync = promisify(fs.fsync);
const close = promisify(fs.close);

const FLAGS = { create: 'w+', append: 'r+', read: 'r' } as const;
/** Log text is nobody else's business. */
const FILE_MODE = 0o600;
const DIR_MODE = 0o700;

export const nodeJournalFiles: JournalFiles = {
  makeDir: async (dir) => {
    await fs.promises.mkdir(dir, { recursive: true, mode: DIR_MODE });
  },
  list: (dir) => fs.promises.readdir(dir),
  open: (path, mode) => open(path, FLAGS[mode], FILE_MODE),
  writev: async (fd, buffers, position) => (await writev(fd, buffers, position)).bytesWritten,
  read: async (fd, target, length, position) => (await read(fd, target, 0, length, position)).bytesRead,
  truncate: (fd, length) => ftruncate(fd, length),
  sync: (fd) => fdatasync(fd),
  syncDir: async (dir) => {
    // Windows has no way to flush a folder, and NTFS journals names by itself.
    if (process.platform === 'win32') return;
    const fd = await open(dir, 'r');
    try {
      await fsync(fd);
    } finally {
      await close(fd);
    }
  },
  close: (fd) => close(fd),
  remove: (path) => fs.promises.rm(path, { force: true }),
  rename: (from, to) => fs.promises.rename(from, to),
  stat: async (path) => {
    const { size, mtimeMs } = await fs.promises.stat(path);
    return { bytes: size, modifiedMs: mtimeMs };
  },
  space: async (dir) => {
    const { bavail, blocks, bsize } = await fs.promises.statfs(dir);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  },
};

/**
 * For the writer's thread. A write into the page cache is over sooner than a way over libuv's threads; a flush is not,
 * and the next group is compressed meanwhile.
 */
export const writerFiles: JournalFiles = {
  ...nodeJournalFiles,
  // Async, so that what it throws is a rejection like everybody else's.
  writev: async (fd, buffers, position) => fs.writevSync(fd, buffers, position),
};
