import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreRefused } from './store-errors.ts';

export interface FolderLock {
  release(): void;
}

/**
 * Makes this process the only agent on a folder, or throws StoreRefused.
 *
 * The lock is the operating system's own, held through an open SQLite file: it goes with the process however that
 * ends, so there is no stale lock to detect. A file with a process id fails where it matters most: in containers every
 * agent has the same id, and on a shared volume the other process cannot be seen at all.
 */
export function lockFolder(folder: string): FolderLock {
  const holderFile = join(folder, 'agent.pid');
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(folder, 'agent.lock'), { timeout: 0 });
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    writeFileSync(holderFile, `${process.pid}\n`, { mode: 0o644 });
  } catch (error) {
    lock?.close();
    const reason = isBusy(error)
      ? `is in use by another agent${holder(holderFile)}; stop it, or choose another --data-dir`
      : 'cannot be locked; check that it is writable';
    throw new StoreRefused(`${folder} ${reason}`, { cause: error });
  }
  const held = lock;
  return { release: () => held.close() };
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

/** For the message only: who holds the lock is decided by the lock. */
function holder(file: string): string {
  try {
    return ` (process ${Number.parseInt(readFileSync(file, 'utf8'), 10)})`;
  } catch {
    return '';
  }
}
