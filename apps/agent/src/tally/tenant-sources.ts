import { SourceNames } from './source-names.ts';

const BACKSLASH = '\\';

/** The sources of one tenant by name. */
export class TenantSources {
  readonly #byBytes = new SourceNames();
  readonly #byName = new Map<string, number>();

  get size(): number {
    return this.#byName.size;
  }

  /** By the raw bytes of a JSON text; −1 also for a known name in an unusual spelling, which `findName` then finds. */
  findBytes(bytes: Uint8Array, start: number, end: number): number {
    return this.#byBytes.find(bytes, start, end);
  }

  findName(name: string): number {
    return this.#byName.get(name) ?? -1;
  }

  add(name: string, index: number): void {
    this.#byName.set(name, index);
    // A backslash in raw JSON bytes is an escape: such bytes must never be taken for the name they look like.
    if (!name.includes(BACKSLASH)) this.#byBytes.add(name, index);
  }
}
