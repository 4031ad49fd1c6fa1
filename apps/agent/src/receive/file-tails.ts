import { randomUUID } from 'node:crypto';
import { glob, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, matchesGlob, resolve } from 'node:path';
import type { TextReading } from '../pipeline/text-reading.ts';
import { HEAD_BYTES, hashOf, headOf } from './file-head.ts';
import { FileFollower } from './file-follower.ts';
import type { Scanned } from './intake.ts';
import type { LineDeps } from './line-deps.ts';
import type { KnownFile, PositionBook } from './position-book.ts';

const LOOK_MS = 1000;
const SAVE_MS = 1000;
/** Open files; the rest waits its turn, and is counted. */
const MAX_OPEN = 1024;
const PACKED = /\.(gz|zst|bz2|xz|zip)$/;

/** Files that are read alike. */
export interface Tail {
  readonly glob: string;
  readonly exclude: readonly string[];
  readonly from: 'start' | 'end';
  /** Absent: as the configuration says for the service. */
  readonly reading: Partial<Pick<TextReading, 'parser'>>;
  readonly serviceOf: (path: string) => string;
}

/**
 * Follows files by glob: those that are there, those that appear, those that are renamed or emptied (rotation by name
 * and by copytruncate).
 */
export class FileTails<Batch extends Scanned> {
  readonly #tails: readonly Tail[];
  readonly #deps: LineDeps<Batch>;
  readonly #book: PositionBook;
  readonly #followers = new Map<string, FileFollower>();
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #isFirstLook = true;

  constructor(tails: readonly Tail[], book: PositionBook, deps: LineDeps<Batch>) {
    this.#tails = tails;
    this.#book = book;
    this.#deps = deps;
  }

  get openFiles(): number {
    return this.#followers.size;
  }

  start(): void {
    this.#run(this.#lookAgain());
    this.#run(this.#saveAgain());
  }

  /** What is under way is stored; the rest is read at the next start. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
    await this.#book.save(this.#deps.now());
  }

  #run(work: Promise<void>): void {
    const guarded = work.catch(this.#deps.onFault).finally(() => this.#running.delete(guarded));
    this.#running.add(guarded);
  }

  async #lookAgain(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#look();
      await this.#sleep(LOOK_MS);
    }
  }

  async #saveAgain(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#sleep(SAVE_MS);
      await this.#guard('positions_unsaved', () => this.#book.save(this.#deps.now()));
    }
  }

  /** What the system refuses (a full disk, a file that may not be read) is counted, and tried again with the next look. */
  async #guard(reason: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      this.#deps.count(reason);
    }
  }

  async #look(): Promise<void> {
    const isFirst = this.#isFirstLook;
    this.#isFirstLook = false;
    for (const tail of this.#tails) {
      for await (const found of glob(tail.glob)) {
        const path = resolve(found);
        if (PACKED.test(path) || tail.exclude.some((pattern) => matchesGlob(path, pattern))) continue;
        await this.#guard('files_unreadable', () => this.#meet(path, tail, isFirst && this.#book.isNew));
      }
      if (isFirst) await this.#findRenamed(tail);
    }
  }

  /** A path that a glob names: followed already, known from before, or new. */
  async #meet(path: string, tail: Tail, wasThereBefore: boolean): Promise<void> {
    const seen = await identityOf(path);
    if (seen === undefined) return;
    const key = `${seen.device}:${seen.inode}`;
    const follower = this.#followers.get(key);
    if (follower !== undefined) {
      follower.path = path;
      return;
    }
    if (this.#followers.size >= MAX_OPEN) {
      this.#deps.count('files_waiting');
      return;
    }
    const handle = await open(path, 'r');
    const { size } = await handle.stat();
    const head = await headOf(handle, HEAD_BYTES);
    let file = await this.#known(handle, seen, size);
    if (file === undefined) {
      const position = tail.from === 'end' && wasThereBefore ? size : (this.#copied(head, size)?.position ?? 0);
      file = this.#newFile(path, seen, head, position);
    } else file.seenAtMs = this.#deps.now();
    file.path = path;
    try {
      // On disk before its first line is: else a crash between the two would read it twice.
      await this.#book.save(this.#deps.now());
    } catch (error) {
      await handle.close();
      throw error;
    }
    this.#run(this.#follow(key, file, new FileFollower(file, handle, this.#followerDeps(tail, path))));
  }

  /** The entry of this very file: the same inode, and it still begins as it began. */
  async #known(
    handle: Awaited<ReturnType<typeof open>>,
    { device, inode }: Identity,
    size: number,
  ): Promise<KnownFile | undefined> {
    const candidates = [...this.#book.files]
      .filter((file) => file.device === device && file.inode === inode && size >= file.position)
      .toSorted((a, b) => b.seenAtMs - a.seenAtMs);
    for (const file of candidates) {
      const head = await headOf(handle, file.headBytes);
      if (head.length === file.headBytes && hashOf(head) === file.headHash) return file;
    }
    return undefined;
  }

  /** A copy that rotation has made of a file we read (copytruncate): it is read from where the original was. */
  #copied(head: Buffer, size: number): KnownFile | undefined {
    if (head.length < HEAD_BYTES) return undefined;
    const hash = hashOf(head);
    return [...this.#book.files]
      .filter((file) => file.headBytes === HEAD_BYTES && file.headHash === hash && file.position <= size)
      .toSorted((a, b) => b.position - a.position)
      .at(0);
  }

  /** Files that were renamed while the agent did not run, to a name no glob matches: their rest is not forgotten. */
  async #findRenamed(tail: Tail): Promise<void> {
    const missing = [...this.#book.files].filter(
      (file) => matchesGlob(file.path, resolve(tail.glob)) && !this.#followers.has(`${file.device}:${file.inode}`),
    );
    const folders = Map.groupBy(missing, ({ path }) => dirname(path));
    for (const [folder, files] of folders) {
      for (const name of await namesIn(folder)) {
        const path = join(folder, name);
        if (PACKED.test(path)) continue;
        const seen = await identityOf(path);
        const isWanted = files.some(({ device, inode }) => device === seen?.device && inode === seen.inode);
        if (isWanted) await this.#guard('files_unreadable', () => this.#meet(path, tail, false));
      }
    }
  }

  #newFile(path: string, { device, inode }: Identity, head: Buffer, position: number): KnownFile {
    const file: KnownFile = {
      id: randomUUID(),
      path,
      device,
      inode,
      headBytes: head.length,
      headHash: hashOf(head),
      position,
      seenAtMs: this.#deps.now(),
    };
    this.#book.add(file);
    return file;
  }

  async #follow(key: string, file: KnownFile, follower: FileFollower): Promise<void> {
    this.#followers.set(key, follower);
    try {
      const end = await follower.follow();
      // Emptied in place: the same inode begins anew, under an entry of its own, as soon as it is looked at.
      if (end === 'truncated') file.inode = `${file.inode} until ${this.#deps.now()}`;
    } finally {
      await follower.close();
      this.#followers.delete(key);
      file.seenAtMs = this.#deps.now();
    }
  }

  #followerDeps(tail: Tail, path: string) {
    const { readings, deliverer, now, count, ended } = this.#deps;
    const service = tail.serviceOf(path);
    const { parser, join: joining } = readings.settingsOf(service);
    return {
      book: this.#book,
      now,
      count,
      service,
      reading: { parser: tail.reading.parser ?? parser, join: joining },
      head: (nowMs: number) => readings.lines(service, nowMs, tail.reading),
      deliver: (delivery: Parameters<typeof deliverer.deliver>[0]) => deliverer.deliver(delivery, ended),
      sleep: (ms: number) => this.#sleep(ms),
      stopping: this.#stopping.signal,
    };
  }

  #sleep(ms: number): Promise<void> {
    return this.#deps.sleep(ms, this.#stopping.signal);
  }
}

interface Identity {
  readonly device: string;
  readonly inode: string;
}

/** Undefined for what is no file, or is gone again. */
async function identityOf(path: string): Promise<Identity | undefined> {
  try {
    const found = await stat(path, { bigint: true });
    return found.isFile() ? { device: String(found.dev), inode: String(found.ino) } : undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return [];
    throw error;
  }
}

/** `/var/log/shop/checkout.log.1` → `checkout`. */
export function serviceOfFile(path: string): string {
  const name = basename(path);
  const bare = name.replace(/([.-](log|txt|out|err|json|ndjson|current|\d+|\d{4}-\d{2}-\d{2}))+$/i, '');
  return bare === '' ? name : bare;
}

/** `…/<namespace>_<pod>_<uid>/<container>/<n>.log` → `namespace/workload`, and the container where it is named otherwise. */
export function serviceOfPod(path: string): string {
  const container = basename(dirname(path));
  const [namespace = '', pod = ''] = basename(dirname(dirname(path))).split('_');
  // Deployments add a hash and five letters, DaemonSets five letters, StatefulSets a number.
  const workload = pod.replace(/(-[a-f0-9]{6,10})?-([a-z0-9]{5}|\d+)$/, '');
  const names = [namespace, workload === '' ? pod : workload];
  return container === names[1] ? names.join('/') : [...names, container].join('/');
}
