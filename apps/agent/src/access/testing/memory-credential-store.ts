import type { By, CredentialStore, StoredCredential } from '../credential-book.ts';

/** Keeps credentials as the database does; `failing` stands for an outage. */
export class MemoryCredentialStore<S extends StoredCredential> implements CredentialStore<S> {
  failing = false;
  readonly audit: (By & { readonly action: string })[] = [];
  readonly #rows = new Map<string, S>();
  readonly #idOf: (credential: S) => string;

  constructor(idOf: (credential: S) => string) {
    this.#idOf = idOf;
  }

  async list(): Promise<readonly S[]> {
    return [...this.#rows.values()];
  }

  async add(credential: S, by: By): Promise<void> {
    this.#requireUp();
    this.#rows.set(this.#idOf(credential), credential);
    this.audit.push({ ...by, action: 'add' });
  }

  async revoke(id: string, fromMs: number, by: By): Promise<S | undefined> {
    this.#requireUp();
    const found = this.#rows.get(id);
    if (found === undefined) return undefined;
    const revoked = { ...found, revoked_at_ms: Math.min(found.revoked_at_ms ?? fromMs, fromMs) };
    this.#rows.set(id, revoked);
    this.audit.push({ ...by, action: 'revoke' });
    return revoked;
  }

  async touch(lastUsedMs: ReadonlyMap<string, number>): Promise<void> {
    this.#requireUp();
    for (const [id, last_used_ms] of lastUsedMs) {
      const found = this.#rows.get(id);
      if (found !== undefined) this.#rows.set(id, { ...found, last_used_ms });
    }
  }

  async version(): Promise<string> {
    this.#requireUp();
    return JSON.stringify([...this.#rows.values()].map((row) => ({ ...row, last_used_ms: null })));
  }

  /** Limits are the only fields that ever change. */
  async limit(id: string, limits: Partial<S>, by: By): Promise<S | undefined> {
    this.#requireUp();
    const found = this.#rows.get(id);
    if (found === undefined) return undefined;
    const limited = { ...found, ...limits };
    this.#rows.set(id, limited);
    this.audit.push({ ...by, action: 'limit' });
    return limited;
  }

  #requireUp(): void {
    if (this.failing) throw new Error('the database is down');
  }
}
