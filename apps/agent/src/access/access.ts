import { randomBytes } from 'node:crypto';
import type { CredentialStore } from './credential-book.ts';
import { ensureFirstCredentials } from './credentials-file.ts';
import { type IngestKeyStore, KeyRing } from './ingest-keys.ts';
import { loadPepper } from './pepper.ts';
import { type StoredAccessToken, TokenBook } from './tokens.ts';

export interface Access {
  readonly keys: KeyRing;
  readonly tokens: TokenBook;
  /** Stores when credentials were last used; call it now and then. Never rejects: what could not be stored waits. */
  readonly saveLastUses: () => Promise<void>;
  /** Takes over what other agents on the same database have changed; call it about once a second. Never rejects. */
  readonly followOthers: () => Promise<void>;
}

/** The part of the agent's log that access writes to. */
export interface AccessLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  debug(fields: object, message: string): void;
}

/**
 * Reads every key and token into memory and, on the first start, makes the first ones. The store must have been
 * restored. Rejects as the store does when the database is not there: until then nobody can be let in.
 */
export async function openAccess(parts: {
  readonly dataDir: string;
  readonly ingestKeys: IngestKeyStore;
  readonly accessTokens: CredentialStore<StoredAccessToken>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: AccessLog;
  /** Chance for new credentials: that many bytes. */
  readonly entropy?: (bytes: number) => Uint8Array;
}): Promise<Access> {
  const { dataDir, ingestKeys, accessTokens, now, log, entropy = randomBytes } = parts;
  const pepper = loadPepper(dataDir, entropy);
  const keys = new KeyRing({ store: ingestKeys, pepper, now, entropy });
  const tokens = new TokenBook({ store: accessTokens, pepper, now, entropy });
  const unrecognisable = (await keys.refresh()) + (await tokens.refresh());
  if (unrecognisable > 0)
    log.warn({ unrecognisable }, 'these credentials were made with another DIR/pepper; bring it back or make new ones');
  if (await ensureFirstCredentials({ dataDir, keys, tokens, entropy }))
    log.info({ dataDir }, 'first start: the admin token and the first ingest key are in credentials.json');
  return {
    keys,
    tokens,
    followOthers: async () => {
      const outcomes = await Promise.allSettled([keys.followOthers(), tokens.followOthers()]);
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') log.debug({ err: outcome.reason }, 'credentials stay as they were known');
    },
    saveLastUses: async () => {
      const outcomes = await Promise.allSettled([keys.flushUses(), tokens.flushUses()]);
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') log.warn({ err: outcome.reason }, 'last uses are not stored yet');
    },
  };
}
