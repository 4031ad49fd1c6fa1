import { type AccessToken, type IngestKey, ROLES } from '@sentinellog/shared';
import { z } from 'zod';
import { appendAudit } from './audit.ts';
import { fromStorableText, toStorableText } from './lossless-text.ts';
import type { Database, Row, Transaction } from './postgres.ts';

/** What is stored of a secret: a keyed hash, and which pepper it was made with. */
interface StoredHash {
  readonly hash: Uint8Array;
  readonly pepper_id: string;
}
export type StoredIngestKey = Readonly<IngestKey> & StoredHash;
export type StoredAccessToken = Readonly<AccessToken> & StoredHash;

/** Who acts, and when. */
export interface By {
  readonly actor: string;
  readonly atMs: number;
}

const text = z.string().transform(fromStorableText);
const shared = {
  name: text,
  hash: z.instanceof(Uint8Array),
  pepper_id: z.string(),
  created_at_ms: z.number(),
  last_used_ms: z.number().nullable(),
  revoked_at_ms: z.number().nullable(),
};
const KeyRow = z.object({
  key_id: z.string(),
  tenant: text,
  service: text.nullable(),
  events_per_second: z.number().nullable(),
  bytes_per_day: z.number().nullable(),
  ...shared,
});
const TokenRow = z.object({ token_id: z.string(), role: z.enum(ROLES), ...shared });

/** One kind of credential and the table it lies in. */
interface Kind<Stored> {
  readonly table: string;
  readonly id: string;
  readonly noun: string;
  readonly columns: readonly string[];
  readonly parse: (row: Row) => Stored;
}

const INGEST_KEY: Kind<StoredIngestKey> = {
  table: 'ingest_key',
  id: 'key_id',
  noun: 'key',
  columns: [
    'key_id',
    'name',
    'tenant',
    'service',
    'events_per_second',
    'bytes_per_day',
    'hash',
    'pepper_id',
    'created_at_ms',
    'last_used_ms',
    'revoked_at_ms',
  ],
  parse: (row) => KeyRow.parse(row),
};
const ACCESS_TOKEN: Kind<StoredAccessToken> = {
  table: 'access_token',
  id: 'token_id',
  noun: 'token',
  columns: ['token_id', 'name', 'role', 'hash', 'pepper_id', 'created_at_ms', 'last_used_ms', 'revoked_at_ms'],
  parse: (row) => TokenRow.parse(row),
};

/** The table of one kind of credential. Every change writes its audit entry in the same transaction. */
export class CredentialTable<Stored extends StoredIngestKey | StoredAccessToken> {
  readonly #database: Pick<Database, 'query' | 'transaction'>;
  readonly #kind: Kind<Stored>;

  constructor(database: Pick<Database, 'query' | 'transaction'>, kind: Kind<Stored>) {
    this.#database = database;
    this.#kind = kind;
  }

  /** Revoked ones too, oldest first. */
  async list(): Promise<Stored[]> {
    const { table, id, parse } = this.#kind;
    return (await this.#database.query(`SELECT * FROM ${table} ORDER BY created_at_ms, ${id}`)).map(parse);
  }

  async add(credential: Stored, by: By): Promise<void> {
    const { table, columns, noun, id } = this.#kind;
    const values: Readonly<Record<string, unknown>> = { ...credential };
    const places = columns.map((_, index) => `$${index + 1}`).join(', ');
    await this.#database.transaction(async (transaction) => {
      await transaction.query(
        `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`,
        columns.map((column) => storable(values[column])),
      );
      const { name, role, service, tenant, events_per_second, bytes_per_day } = values;
      const detail = { name, role, service, tenant, events_per_second, bytes_per_day };
      await appendAudit(transaction, { ...by, action: `${noun}.create`, object: String(values[id]), detail });
    });
  }

  /** From `fromMs` on. The credential as it is afterwards; an earlier end stays. undefined: there is no such credential. */
  async revoke(credentialId: string, fromMs: number, by: By): Promise<Stored | undefined> {
    const { table, id, noun, parse } = this.#kind;
    return this.#database.transaction(async (transaction) => {
      const fresh = await firstRow(
        transaction,
        `UPDATE ${table} SET revoked_at_ms = $2
         WHERE ${id} = $1 AND (revoked_at_ms IS NULL OR revoked_at_ms > $2) RETURNING *`,
        [credentialId, fromMs],
      );
      if (fresh !== undefined)
        await appendAudit(transaction, {
          ...by,
          action: `${noun}.revoke`,
          object: credentialId,
          detail: { from_ms: fromMs },
        });
      const row = fresh ?? (await firstRow(transaction, `SELECT * FROM ${table} WHERE ${id} = $1`, [credentialId]));
      return row === undefined ? undefined : parse(row);
    });
  }

  /** Another text after every change but a use, whoever made it. */
  async version(): Promise<string> {
    const { table } = this.#kind;
    const [row] = await this.#database.query<{ version: string }>(
      `SELECT count(*) || ':' || coalesce(bit_xor(hashtextextended((to_jsonb(t) - 'last_used_ms')::text, 0)), 0)
         AS version FROM ${table} t`,
    );
    return row?.version ?? '';
  }

  /** Not audited: it happens with every request. */
  async touch(lastUsedMs: ReadonlyMap<string, number>): Promise<void> {
    if (lastUsedMs.size === 0) return;
    const { table, id } = this.#kind;
    await this.#database.query(
      `UPDATE ${table} t SET last_used_ms = greatest(t.last_used_ms, used.at_ms)
       FROM unnest($1::text[], $2::bigint[]) AS used (id, at_ms) WHERE t.${id} = used.id`,
      [[...lastUsedMs.keys()], [...lastUsedMs.values()]],
    );
  }
}

/** Ingest keys have limits, too. */
export class IngestKeyTable extends CredentialTable<StoredIngestKey> {
  readonly #database: Pick<Database, 'transaction'>;

  constructor(database: Pick<Database, 'query' | 'transaction'>) {
    super(database, INGEST_KEY);
    this.#database = database;
  }

  /** The key as it is afterwards; undefined: there is no such key. */
  async limit(
    keyId: string,
    limits: Pick<IngestKey, 'events_per_second' | 'bytes_per_day'>,
    by: By,
  ): Promise<StoredIngestKey | undefined> {
    const { events_per_second, bytes_per_day } = limits;
    return this.#database.transaction(async (transaction) => {
      const row = await firstRow(
        transaction,
        'UPDATE ingest_key SET events_per_second = $2, bytes_per_day = $3 WHERE key_id = $1 RETURNING *',
        [keyId, events_per_second, bytes_per_day],
      );
      if (row === undefined) return undefined;
      const detail = { events_per_second, bytes_per_day };
      await appendAudit(transaction, { ...by, action: 'key.limit', object: keyId, detail });
      return KeyRow.parse(row);
    });
  }
}

export function accessTokenTable(
  database: Pick<Database, 'query' | 'transaction'>,
): CredentialTable<StoredAccessToken> {
  return new CredentialTable(database, ACCESS_TOKEN);
}

async function firstRow(transaction: Transaction, sql: string, values: readonly unknown[]): Promise<Row | undefined> {
  return (await transaction.query(sql, values)).at(0);
}

function storable(value: unknown): unknown {
  return typeof value === 'string' ? toStorableText(value) : value;
}
