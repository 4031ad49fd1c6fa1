import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

/** A file that is gone may come back under another name (rotation) for so long. */
const FORGOTTEN_AFTER_MS = 7 * 86_400_000;
const MAX_FILES = 20_000;
/** The journal is searched from a little before the book was written: clocks are set back now and then. */
const MARGIN_MS = 5000;
const PREFIX = 'tail:';

const KnownFileSchema = z.object({
  id: z.string(),
  path: z.string(),
  device: z.string(),
  inode: z.string(),
  /** SHA-256 of the first `headBytes` bytes: an inode is used again for another file. */
  headBytes: z.number().int(),
  headHash: z.string(),
  /** Everything before it is in the journal. */
  position: z.number().int(),
  seenAtMs: z.number(),
});
const BookSchema = z.object({ version: z.literal(1), savedAtMs: z.number(), files: z.array(KnownFileSchema) });
export type KnownFile = z.infer<typeof KnownFileSchema>;

/** What of the journal the book needs: which batches were stored since a time. */
export type StoredSince = (sinceMs: number) => AsyncIterable<{ readonly record: { readonly batchId: string } }>;

/**
 * How far each file has been read. The truth is in the journal: a batch's id says which file it came from and where it
 * ended, and is stored with it, so a position is never ahead of the lines nor behind them. The file on disk only says from where
 * in the journal to look.
 */
export class PositionBook {
  readonly #path: string;
  readonly #files: Map<string, KnownFile>;
  readonly #underWay = new Set<{ readonly sinceMs: number }>();
  readonly isNew: boolean;
  #isChanged = false;
  #saving: Promise<void> = Promise.resolve();

  private constructor(path: string, files: readonly KnownFile[], isNew: boolean) {
    this.#path = path;
    this.isNew = isNew;
    this.#files = new Map(files.map((file) => [file.id, file]));
  }

  /** Throws when the book is damaged: to begin anew would store every line twice. */
  static async open(path: string, storedSince: StoredSince): Promise<PositionBook> {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new PositionBook(path, [], true);
      throw error;
    }
    const parsed = BookSchema.safeParse(jsonOf(text));
    if (!parsed.success) {
      throw new Error(`${path} is damaged; mend it, or remove it to read all files again from their start`);
    }
    const { files, savedAtMs } = parsed.data;
    const book = new PositionBook(path, files, false);
    for await (const { record } of storedSince(savedAtMs - MARGIN_MS)) book.#recall(record.batchId);
    return book;
  }

  get files(): Iterable<KnownFile> {
    return this.#files.values();
  }

  batchId(file: KnownFile, end: number): string {
    return `${PREFIX}${file.id}:${end}`;
  }

  /** Before the first byte of it is stored, the file must be in the book on disk: call `save`. */
  add(file: KnownFile): void {
    this.#files.set(file.id, file);
    this.#isChanged = true;
  }

  /** The file is longer than when its head was taken: a longer head tells it from others more surely. */
  identify(file: KnownFile, headBytes: number, headHash: string): void {
    file.headBytes = headBytes;
    file.headHash = headHash;
    this.#isChanged = true;
  }

  /** A batch is on its way; call what it gives back with the new position once it is stored, or without one. */
  begin(file: KnownFile, nowMs: number): (position?: number) => void {
    const batch = { sinceMs: nowMs };
    this.#underWay.add(batch);
    return (position) => {
      this.#underWay.delete(batch);
      if (position === undefined) return;
      file.position = position;
      file.seenAtMs = nowMs;
      this.#isChanged = true;
    };
  }

  /** Writes what changed, whole and flushed, one at a time. */
  save(nowMs: number): Promise<void> {
    // One that failed is no reason for the next to fail.
    this.#saving = this.#saving.catch(() => undefined).then(() => this.#write(nowMs));
    return this.#saving;
  }

  async #write(nowMs: number): Promise<void> {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    try {
      await this.#writeNow(nowMs);
    } catch (error) {
      this.#isChanged = true;
      throw error;
    }
  }

  async #writeNow(nowMs: number): Promise<void> {
    this.#forget(nowMs);
    const savedAtMs = Math.min(nowMs, ...[...this.#underWay].map(({ sinceMs }) => sinceMs));
    const text = JSON.stringify({ version: 1, savedAtMs, files: [...this.#files.values()] });
    const beside = `${this.#path}.new`;
    const file = await open(beside, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, this.#path);
    const folder = await open(dirname(this.#path), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  #recall(batchId: string): void {
    if (!batchId.startsWith(PREFIX)) return;
    const colon = batchId.lastIndexOf(':');
    const file = this.#files.get(batchId.slice(PREFIX.length, colon));
    if (file !== undefined) file.position = Math.max(file.position, Number(batchId.slice(colon + 1)));
  }

  #forget(nowMs: number): void {
    for (const file of this.#files.values()) {
      if (nowMs - file.seenAtMs > FORGOTTEN_AFTER_MS) this.#files.delete(file.id);
    }
    const tooMany = this.#files.size - MAX_FILES;
    if (tooMany <= 0) return;
    const oldest = [...this.#files.values()].toSorted((a, b) => a.seenAtMs - b.seenAtMs).slice(0, tooMany);
    for (const { id } of oldest) this.#files.delete(id);
  }
}

/** Undefined when it is not JSON; the schema that follows says what should have been there. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
