import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { z } from 'zod';

/**
 * One small JSON document on disk, held by its schema. Written to a neighbour and renamed, so that a crash leaves the old
 * one or the new one. A file that cannot be understood is set aside as `….damaged`, never overwritten.
 */
export class JsonFile<T> {
  readonly #path: string;
  readonly #schema: z.ZodType<T>;
  readonly #fallback: T;
  /** Writes follow each other; two at once would race for the neighbour. */
  #last: Promise<void> = Promise.resolve();

  constructor(path: string, schema: z.ZodType<T>, fallback: T) {
    this.#path = path;
    this.#schema = schema;
    this.#fallback = fallback;
  }

  async read(): Promise<T> {
    let text;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      if (isMissing(error)) return this.#fallback;
      throw new Error(`Cannot read ${this.#path}: check that you own it and may read it`, { cause: error });
    }
    const parsed = this.#schema.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    await rename(this.#path, `${this.#path}.damaged`);
    return this.#fallback;
  }

  write(value: T): Promise<void> {
    const written = this.#last.then(() => this.#replace(JSON.stringify(value, null, 2)));
    // The caller hears of a failure; the next write must not inherit it.
    this.#last = written.catch(() => undefined);
    return written;
  }

  /** Resolves when everything written so far is on disk or has failed. */
  settled(): Promise<void> {
    return this.#last;
  }

  async #replace(text: string): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true });
    const neighbour = `${this.#path}.new`;
    await writeFile(neighbour, `${text}\n`, { mode: 0o600 });
    await rename(neighbour, this.#path);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
