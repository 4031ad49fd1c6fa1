import type { Caller } from '../pipeline/caller.ts';
import { type CredentialPrefix, credentialId, type NewCredential } from './credential-text.ts';
import type { Pepper } from './pepper.ts';

/** Far more than people make; what is beyond is an attack or a script gone wrong. */
const MOST_CREDENTIALS = 10_000;

/** What every stored credential has. The secret itself is stored nowhere. */
export interface StoredCredential {
  readonly hash: Uint8Array;
  readonly pepper_id: string;
  readonly created_at_ms: number;
  readonly last_used_ms: number | null;
  readonly revoked_at_ms: number | null;
}

/** Who acts, for the audit, and when. */
export interface By {
  readonly actor: string;
  readonly atMs: number;
}

/** Where credentials of one kind are kept. Every change is written together with its audit entry. */
export interface CredentialStore<S> {
  /** Revoked ones too, oldest first. */
  list(): Promise<readonly S[]>;
  add(credential: S, by: By): Promise<void>;
  /** From `fromMs` on. The credential as it is afterwards (an earlier end stays); undefined: there is no such one. */
  revoke(id: string, fromMs: number, by: By): Promise<S | undefined>;
  touch(lastUsedMs: ReadonlyMap<string, number>): Promise<void>;
  /** Another text after every change but a use. */
  version(): Promise<string>;
}

export interface BookParts<S> {
  readonly store: CredentialStore<S>;
  readonly pepper: Pepper;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Chance for new credentials: that many bytes. */
  readonly entropy: (bytes: number) => Uint8Array;
}

export type Recognition<S> =
  | { readonly type: 'ok'; readonly credential: S }
  | { readonly type: 'unknown' }
  | { readonly type: 'revoked' };

const UNKNOWN = { type: 'unknown' } as const;
const REVOKED = { type: 'revoked' } as const;

/**
 * Every credential of one kind in memory, so that a request waits for no database and outlives its outage. Texts that
 * were recognised are remembered: the hash is computed once for a sender, not once for a request.
 */
export class CredentialBook<S extends StoredCredential> {
  readonly #prefix: CredentialPrefix;
  readonly #idOf: (credential: S) => string;
  readonly #parts: BookParts<S>;
  readonly #credentials = new Map<string, S>();
  /** By presented text; only good ones, so that guesses cannot fill it. */
  readonly #recognised = new Map<string, S>();
  /** Last uses that are not stored yet. */
  #usedMs = new Map<string, number>();
  /** Compared with where there is nothing to compare with, so that an unknown id takes as long as a known one. */
  readonly #nobody: Uint8Array;
  /** Counts what this agent changes itself: what was read before that is older than what is known. */
  #changes = 0;
  #version = '';

  constructor(prefix: CredentialPrefix, idOf: (credential: S) => string, parts: BookParts<S>) {
    this.#prefix = prefix;
    this.#idOf = idOf;
    this.#parts = parts;
    this.#nobody = parts.pepper.hash('');
  }

  get isEmpty(): boolean {
    return this.#credentials.size === 0;
  }

  /** Reads all of them anew. Returns how many cannot be recognised any more, as they are of another pepper. */
  async refresh(): Promise<number> {
    const stored = await this.#parts.store.list();
    requireRoom(stored.length);
    this.#takeOver(stored);
    return stored.filter(({ pepper_id }) => pepper_id !== this.#parts.pepper.id).length;
  }

  /** Takes over what other agents on the same database have changed since the last time. */
  async followOthers(): Promise<void> {
    const { store } = this.#parts;
    const changes = this.#changes;
    const version = await store.version();
    if (version === this.#version) return;
    const stored = await store.list();
    if (this.#changes !== changes) return;
    this.#takeOver(stored);
    this.#version = version;
  }

  /** Synchronous and without I/O; a text that was recognised before costs one look into a map. */
  recognise(presented: string): Recognition<S> {
    const known = this.#recognised.get(presented);
    if (known !== undefined) return this.#isOver(known) ? REVOKED : this.#used(known);
    const id = credentialId(this.#prefix, presented);
    if (id === undefined) return UNKNOWN;
    const credential = this.#credentials.get(id);
    const matches = this.#parts.pepper.matches(presented, credential?.hash ?? this.#nobody);
    if (!matches || credential === undefined) return UNKNOWN;
    if (this.#isOver(credential)) return REVOKED;
    this.#recognised.set(presented, credential);
    return this.#used(credential);
  }

  /** By id, unless it is revoked. */
  current(id: string): S | undefined {
    const found = this.#credentials.get(id);
    return found === undefined || this.#isOver(found) ? undefined : found;
  }

  /** Stores one and knows it from then on. */
  async add({ text }: NewCredential, describe: (common: StoredCredential) => S, actor: string): Promise<S> {
    requireRoom(this.#credentials.size + 1);
    const { store, pepper, now } = this.#parts;
    const credential = describe({
      hash: pepper.hash(text),
      pepper_id: pepper.id,
      created_at_ms: now(),
      last_used_ms: null,
      revoked_at_ms: null,
    });
    await store.add(credential, { actor, atMs: now() });
    this.#put(credential);
    return credential;
  }

  /**
   * In effect when it resolves, or `graceMs` later. False: there is no such one; twice is harmless, and the earlier end
   * holds.
   */
  async revoke(id: string, actor: string, graceMs = 0): Promise<boolean> {
    const atMs = this.#parts.now();
    const revoked = await this.#parts.store.revoke(id, atMs + graceMs, { actor, atMs });
    if (revoked !== undefined) this.#put(revoked);
    return revoked !== undefined;
  }

  /** Changes one as the store has changed it. */
  replace(credential: S): void {
    this.#put(credential);
  }

  /** In creation order, with the last use as it is known here. */
  list(): S[] {
    return [...this.#credentials.values()].map((credential) => {
      const usedMs = this.#usedMs.get(this.#idOf(credential));
      return usedMs === undefined ? credential : { ...credential, last_used_ms: usedMs };
    });
  }

  /** Stores when they were last used; call it now and then. After a rejection the next call stores them. */
  async flushUses(): Promise<void> {
    const uses = this.#usedMs;
    this.#usedMs = new Map();
    try {
      await this.#parts.store.touch(uses);
    } catch (error) {
      this.#usedMs = new Map([...uses, ...this.#usedMs]);
      throw error;
    }
    for (const [id, last_used_ms] of uses) {
      const credential = this.#credentials.get(id);
      if (credential !== undefined) this.#credentials.set(id, { ...credential, last_used_ms });
    }
  }

  #takeOver(stored: readonly S[]): void {
    this.#credentials.clear();
    this.#recognised.clear();
    for (const credential of stored) this.#credentials.set(this.#idOf(credential), credential);
  }

  #put(credential: S): void {
    this.#changes++;
    this.#credentials.set(this.#idOf(credential), credential);
    this.#recognised.clear();
  }

  #isOver({ revoked_at_ms }: S): boolean {
    return revoked_at_ms !== null && revoked_at_ms <= this.#parts.now();
  }

  #used(credential: S): Recognition<S> {
    this.#usedMs.set(this.#idOf(credential), this.#parts.now());
    return { type: 'ok', credential };
  }
}

function requireRoom(count: number): void {
  if (count > MOST_CREDENTIALS)
    throw new RangeError(`there can be at most ${MOST_CREDENTIALS} credentials of a kind; remove revoked ones`);
}

/** The person or program behind a change, as the audit names them. */
export function actorOf({ name, tokenId }: Caller): string {
  return `${name} (${tokenId})`;
}
