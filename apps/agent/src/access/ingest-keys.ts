import type { IngestKey } from '@sentinellog/shared';
import type { Caller } from '../pipeline/caller.ts';
import {
  actorOf,
  type BookParts,
  type By,
  CredentialBook,
  type CredentialStore,
  type StoredCredential,
} from './credential-book.ts';
import { existingCredential, makeCredential, type NewCredential } from './credential-text.ts';

export type StoredIngestKey = Readonly<IngestKey> & StoredCredential;

export type KeyVerdict =
  | {
      readonly type: 'ok';
      readonly keyId: string;
      readonly tenant: string;
      readonly pinnedService: string | null;
      readonly limits: KeyLimits;
    }
  | { readonly type: 'unknown' }
  | { readonly type: 'revoked' };

/** What a key may send; null: as much as the configuration allows every key. */
export type KeyLimits = Pick<IngestKey, 'events_per_second' | 'bytes_per_day'>;
/** What is left out stays as it is. */
type LimitChange = { readonly [Limit in keyof KeyLimits]?: KeyLimits[Limit] | undefined };

export interface IngestKeyStore extends CredentialStore<StoredIngestKey> {
  /** The key as it is afterwards; undefined: there is no such one. */
  limit(id: string, limits: KeyLimits, by: By): Promise<StoredIngestKey | undefined>;
}

export interface KeyInput {
  readonly name: string;
  /** Pins the key to one service; null lets events name their own. */
  readonly service: string | null;
  readonly limits?: LimitChange;
}

/** Everybody's, until tenants are told apart. */
const DEFAULT_TENANT = 'default';

/** The ingest keys: who may send logs, and in whose name. */
export class KeyRing {
  readonly #parts: BookParts<StoredIngestKey> & { readonly store: IngestKeyStore };
  readonly #book: CredentialBook<StoredIngestKey>;

  constructor(parts: BookParts<StoredIngestKey> & { readonly store: IngestKeyStore }) {
    this.#parts = parts;
    this.#book = new CredentialBook('slk', ({ key_id }) => key_id, parts);
  }

  get isEmpty(): boolean {
    return this.#book.isEmpty;
  }

  /** Synchronous and without I/O. */
  verify(presented: string): KeyVerdict {
    const found = this.#book.recognise(presented);
    if (found.type !== 'ok') return found;
    const { key_id, tenant, service, events_per_second, bytes_per_day } = found.credential;
    return { type: 'ok', keyId: key_id, tenant, pinnedService: service, limits: { events_per_second, bytes_per_day } };
  }

  async list(): Promise<readonly IngestKey[]> {
    return this.#book.list().map(publicKey);
  }

  /** Its answer is the only one that ever holds the key itself. */
  async create(input: KeyInput, actor: Caller): Promise<IngestKey & { readonly key: string }> {
    const made = makeCredential('slk', this.#parts.entropy(38));
    return { ...publicKey(await this.#add(made, input, actorOf(actor))), key: made.text };
  }

  /**
   * A new key that may do the same; the old one works for `graceMs` more. Undefined when there is no such key or it is
   * not valid any more. A crash in between leaves both valid.
   */
  async rotate(
    keyId: string,
    graceMs: number,
    actor: Caller,
  ): Promise<(IngestKey & { readonly key: string }) | undefined> {
    const old = this.#book.current(keyId);
    if (old === undefined) return undefined;
    const { name, service, events_per_second, bytes_per_day } = old;
    const made = await this.create({ name, service, limits: { events_per_second, bytes_per_day } }, actor);
    await this.#book.revoke(keyId, actorOf(actor), graceMs);
    return made;
  }

  /** Undefined when there is no such key. */
  async limit(keyId: string, limits: LimitChange, actor: Caller): Promise<IngestKey | undefined> {
    const old = this.#book.current(keyId);
    if (old === undefined) return undefined;
    const by = { actor: actorOf(actor), atMs: this.#parts.now() };
    const limited = await this.#parts.store.limit(keyId, withLimits(limits, old), by);
    if (limited === undefined) return undefined;
    this.#book.replace(limited);
    return publicKey(limited);
  }

  /** Makes a key valid here that was made before, by `makeCredential`. Throws when the text is no ingest key. */
  async adopt(key: string, input: KeyInput, actor: string): Promise<void> {
    await this.#add(existingCredential('slk', key), input, actor);
  }

  /** From now on the key is refused. False when there is no such key; revoking twice is harmless. */
  revoke(keyId: string, actor: Caller): Promise<boolean> {
    return this.#book.revoke(keyId, actorOf(actor));
  }

  /** Reads all keys anew. Returns how many are of another pepper and can no longer be used. */
  refresh(): Promise<number> {
    return this.#book.refresh();
  }

  /** Takes over what other agents on the same database have changed since the last time. */
  followOthers(): Promise<void> {
    return this.#book.followOthers();
  }

  /** Stores when keys were last used; call it now and then. */
  flushUses(): Promise<void> {
    return this.#book.flushUses();
  }

  #add(made: NewCredential, { name, service, limits }: KeyInput, actor: string): Promise<StoredIngestKey> {
    return this.#book.add(
      made,
      (common) => ({ key_id: made.id, name, tenant: DEFAULT_TENANT, service, ...withLimits(limits), ...common }),
      actor,
    );
  }
}

function withLimits(
  change: LimitChange = {},
  { events_per_second, bytes_per_day }: KeyLimits = { events_per_second: null, bytes_per_day: null },
): KeyLimits {
  // Null lifts a limit; only what is not said stays.
  return {
    events_per_second: change.events_per_second === undefined ? events_per_second : change.events_per_second,
    bytes_per_day: change.bytes_per_day === undefined ? bytes_per_day : change.bytes_per_day,
  };
}

function publicKey(stored: StoredIngestKey): IngestKey {
  const { hash: _hash, pepper_id: _pepper, ...shown } = stored;
  return shown;
}
