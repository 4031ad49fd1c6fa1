import type { IngestKey, KeyCreateSchema } from '@sentinellog/shared';
import type { z } from 'zod';
import { CredentialBook } from './credential-book.ts';
import { credentialId, makeCredential } from './credential-text.ts';
import type { CredentialStore } from './credential-store.ts';
import type { Pepper } from './pepper.ts';

export type StoredIngestKey = Readonly<IngestKey> & { readonly hash: Uint8Array; readonly pepper_id: string };

export type KeyVerdict =
  | { readonly type: 'ok'; readonly keyId: string; readonly tenant: string; readonly pinnedService: string | null }
  | { readonly type: 'unknown' }
  | { readonly type: 'revoked' };

export interface AccessParts<S> {
  readonly store: CredentialStore<S>;
  readonly pepper: Pepper;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly entropy: (bytes: number) => Uint8Array;
}

/** Everybody's, until tenants are told apart. */
export const DEFAULT_TENANT = 'default';

/** The ingest keys: who may send logs, and in whose name. */
export class KeyRing {
  readonly #parts: AccessParts<StoredIngestKey>;
  readonly #book: CredentialBook<StoredIngestKey>;

  constructor(parts: AccessParts<StoredIngestKey>) {
    this.#parts = parts;
    this.#book = new CredentialBook('slk', ({ key_id }) => key_id, parts.pepper, parts.now);
  }

  /** Reads all keys anew. Returns how many are of another pepper and can no longer be used. */
  async refresh(): Promise<number> {
    return this.#book.replaceAll(await this.#parts.store.list());
  }

  /** Synchronous and without I/O; a key that was seen before costs one look into a map. */
  verify(presented: string): KeyVerdict {
    const found = this.#book.recognise(presented);
    if (found.type !== 'ok') return found;
    const { key_id, tenant, service } = found.credential;
    return { type: 'ok', keyId: key_id, tenant, pinnedService: service };
  }

  /** The only time that `key` is seen whole. */
  async create(wanted: z.output<typeof KeyCreateSchema>, actor: string): Promise<IngestKey & { readonly key: string }> {
    const { id, text } = makeCredential('slk', this.#parts.entropy(38));
    const stored = this.#stored(id, text, wanted);
    await this.#add(stored, actor);
    return { ...publicKey(stored), key: text };
  }

  /** Makes a key that was written down elsewhere valid here; false when the text is no ingest key. */
  async adopt(key: string, name: string, actor: string): Promise<boolean> {
    const id = credentialId('slk', key);
    if (id === undefined) return false;
    await this.#add(this.#stored(id, key, { name }), actor);
    return true;
  }

  /** In effect when it resolves. undefined: there is no such key. */
  async revoke(keyId: string, actor: string): Promise<IngestKey | undefined> {
    const revoked = await this.#parts.store.revoke(keyId, { actor, atMs: this.#parts.now() });
    if (revoked === undefined) return undefined;
    this.#book.put(revoked);
    return publicKey(revoked);
  }

  list(): IngestKey[] {
    return this.#book.list().map(publicKey);
  }

  /** Stores when keys were last used; call it now and then. */
  async flushUses(): Promise<void> {
    const uses = this.#book.takeUses();
    try {
      await this.#parts.store.touch(uses);
    } catch (error) {
      this.#book.giveBackUses(uses);
      throw error;
    }
  }

  #stored(id: string, text: string, { name, source }: z.output<typeof KeyCreateSchema>): StoredIngestKey {
    return {
      key_id: id,
      name,
      tenant: DEFAULT_TENANT,
      service: source ?? null,
      created_at_ms: this.#parts.now(),
      last_used_ms: null,
      revoked_at_ms: null,
      hash: this.#parts.pepper.hash(text),
      pepper_id: this.#parts.pepper.id,
    };
  }

  async #add(stored: StoredIngestKey, actor: string): Promise<void> {
    this.#book.requireRoomForOne();
    await this.#parts.store.add(stored, { actor, atMs: this.#parts.now() });
    this.#book.put(stored);
  }
}

function publicKey({ hash: _hash, pepper_id: _pepperId, ...key }: StoredIngestKey): IngestKey {
  return key;
}
