import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, truncateSync } from 'node:fs';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Holds the journal of a run of some minutes, with a second of load to spare. */
const VOLUME = 'size=1400m';
const PIECE = Buffer.alloc(1 << 20, 1);

/** A volume of its own for the journal, which can be filled to the last byte. Mounting one takes root on Linux. */
export class SmallVolume {
  readonly #path: string;
  readonly #ballast: string;

  private constructor(path: string) {
    this.#path = path;
    this.#ballast = join(path, 'ballast');
  }

  /** Undefined where this user cannot mount one. */
  static mount(path: string): SmallVolume | undefined {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
    mkdirSync(path, { recursive: true });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', VOLUME, 'sentinellog-chaos', path], { stdio: 'pipe' });
    } catch {
      // A container without the right to mount.
      return undefined;
    }
    return new SmallVolume(path);
  }

  /** To the last byte, whatever the agent writes meanwhile. */
  fill(): void {
    const file = openSync(this.#ballast, 'a');
    try {
      for (;;) writeSync(file, PIECE);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    } finally {
      closeSync(file);
    }
  }

  empty(): void {
    truncateSync(this.#ballast, 0);
    rmSync(this.#ballast);
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.#path);
    return bavail * bsize;
  }

  unmount(): void {
    execFileSync('umount', [this.#path], { stdio: 'pipe' });
  }
}
