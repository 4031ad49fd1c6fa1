import type { IngestKey } from '@sentinellog/shared';
import type { Caller } from '../pipeline/caller.ts';
import { actorOf, type BookParts, CredentialBook, type StoredCredential } from './credential-book.ts';
import { existingCredential, makeCredential, type NewCredential } from './credential-text.ts';

export type StoredIngestKey = Readonly<IngestKey> & StoredCredential;

export type KeyVerdict =
  | { readonly type: 'ok'; readonly keyId: string; readonly tenant: string; readonly pinnedService: string | null }
  | { readonly type: 'unknown' }
  | { readonly type: 'revoked' };

export interface KeyInput {
  readonly name: string;
  /** Pins the key to one service; null lets events name their own. */
  readonly service: string | null;
}

/** Everybody's, until tenants are told apart. */
const DEFAULT_TENANT = 'default';

/** The ingest keys: who may send logs, and in whose name. */
export class KeyRing {
  readonly #entropy: (bytes: number) => Uint8Array;
  readonly #book: CredentialBook<StoredIngestKey>;

  constructor(parts: BookParts<StoredIngestKey>) {
    this.#entropy = parts.entropy;
    this.#book = new CredentialBook('slk', ({ key_id }) => key_id, parts);
  }

  get isEmpty(): boolean {
    return this.#book.isEmpty;
  }

  /** Synchronous and without I/O. */
  verify(presented: string): KeyVerdict {
    const found = this.#book.recognise(presented);
    if (found.type !== 'ok') return found;
    const { key_id, tenant, service } = found.credential;
    return { type: 'ok', keyId: key_id, tenant, pinnedService: service };
  }

  async list(): Promise<readonly IngestKey[]> {
    return this.#book.list().map(publicKey);
  }

  /** Its answer is the only one that ever holds the key itself. */
  async create(input: KeyInput, actor: Caller): Promise<IngestKey & { readonly key: string }> {
    const made = makeCredential('slk', this.#entropy(38));
    return { ...publicKey(await this.#add(made, input, actorOf(actor))), key: made.text };
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

  /** Stores when keys were last used; call it now and then. */
  flushUses(): Promise<void> {
    return this.#book.flushUses();
  }

  #add(made: NewCredential, { name, service }: KeyInput, actor: string): Promise<StoredIngestKey> {
    return this.#book.add(
      made,
      (common) => ({ key_id: made.id, name, tenant: DEFAULT_TENANT, service, ...common }),
      actor,
    );
  }
}

function publicKey(stored: StoredIngestKey): IngestKey {
  const { key_id, name, tenant, service, created_at_ms, last_used_ms, revoked_at_ms } = stored;
  return { key_id, name, tenant, service, created_at_ms, last_used_ms, revoked_at_ms };
}
