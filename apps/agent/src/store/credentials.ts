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
const KeyRow = z.object({ key_id: z.string(), tenant: text, service: text.nullable(), ...shared });
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
      const { name, role, service, tenant } = values;
      const detail = { name, role, service, tenant };
      await appendAudit(transaction, { ...by, action: `${noun}.create`, object: String(values[id]), detail });
    });
  }

  /** The credential as it is afterwards; the first revocation's time stays. undefined: there is no such credential. */
  async revoke(credentialId: string, by: By): Promise<Stored | undefined> {
    const { table, id, noun, parse } = this.#kind;
    return this.#database.transaction(async (transaction) => {
      const fresh = await firstRow(
        transaction,
        `UPDATE ${table} SET revoked_at_ms = $2 WHERE ${id} = $1 AND revoked_at_ms IS NULL RETURNING *`,
        [credentialId, by.atMs],
      );
      if (fresh !== undefined)
        await appendAudit(transaction, { ...by, action: `${noun}.revoke`, object: credentialId, detail: {} });
      const row = fresh ?? (await firstRow(transaction, `SELECT * FROM ${table} WHERE ${id} = $1`, [credentialId]));
      return row === undefined ? undefined : parse(row);
    });
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

export function ingestKeyTable(database: Pick<Database, 'query' | 'transaction'>): CredentialTable<StoredIngestKey> {
  return new CredentialTable(database, INGEST_KEY);
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
