import {
  RequestError,
  type Revision,
  ROUTING_KINDS,
  ROUTING_SCHEMAS,
  type RoutingDocument,
  type RoutingKind,
} from '@sentinellog/shared';
import { z } from 'zod';
import { appendAudit } from './audit.ts';
import type { By } from './credentials.ts';
import { fromStorableJson, fromStorableText, toStorableJson, toStorableText } from './lossless-text.ts';
import type { Database, Transaction } from './postgres.ts';

interface StoredDocument {
  readonly kind: RoutingKind;
  readonly body: RoutingDocument;
  readonly revision: Revision;
}

interface DocumentWrite {
  readonly kind: RoutingKind;
  readonly id: string;
  readonly body: RoutingDocument | null;
  readonly wasVersion: number | null;
}

const RowSchema = z
  .object({
    kind: z.enum(ROUTING_KINDS),
    body: z.string().transform(fromStorableJson),
    version: z.number(),
    updated_at_ms: z.number(),
    updated_by: z.string().transform(fromStorableText),
  })
  .transform(
    ({ kind, body, ...revision }): StoredDocument => ({ kind, body: ROUTING_SCHEMAS[kind].parse(body), revision }),
  );

/** `name`: what people call whoever acts. */
type NamedBy = By & { readonly name: string };

/** Policies, escalations, calendars, windows, people and teams. Every change writes its audit entry with it. */
export class RoutingDocumentTable {
  readonly #database: Pick<Database, 'query' | 'transaction'>;

  constructor(database: Pick<Database, 'query' | 'transaction'>) {
    this.#database = database;
  }

  async readDocuments(): Promise<{ readonly documents: readonly StoredDocument[]; readonly revision: number }> {
    return this.#database.transaction(async (transaction) => {
      const revision = await lockedRevision(transaction);
      const rows = await transaction.query(
        'SELECT kind, body::text, version, updated_at_ms, updated_by FROM routing_document ORDER BY kind, id',
      );
      return { documents: rows.map((row) => RowSchema.parse(row)), revision };
    });
  }

  /** All or nothing. RequestError('conflict'): a document has another version than the one that was changed. */
  writeDocuments(writes: readonly DocumentWrite[], by: NamedBy): Promise<{ readonly revision: number }> {
    return this.#database.transaction(async (transaction) => {
      const revision = (await lockedRevision(transaction)) + 1;
      for (const write of writes) await writeOne(transaction, write, by);
      await transaction.query('UPDATE routing_revision SET revision = $1', [revision]);
      return { revision };
    });
  }
}

async function lockedRevision(transaction: Transaction): Promise<number> {
  const [row] = await transaction.query<{ revision: number }>('SELECT revision FROM routing_revision FOR UPDATE');
  return row?.revision ?? 0;
}

async function writeOne(
  transaction: Transaction,
  { kind, id, body, wasVersion }: DocumentWrite,
  { name, ...by }: NamedBy,
) {
  const [before] = await transaction.query<{ version: number; body: string }>(
    'SELECT version, body::text FROM routing_document WHERE kind = $1 AND id = $2',
    [kind, id],
  );
  if ((before?.version ?? null) !== wasVersion)
    throw new RequestError('conflict', `the ${kind} ${id} was changed by another agent: read it again`);
  if (body === null) await transaction.query('DELETE FROM routing_document WHERE kind = $1 AND id = $2', [kind, id]);
  else
    await transaction.query(
      `INSERT INTO routing_document (kind, id, body, version, updated_at_ms, updated_by) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body, version = excluded.version,
         updated_at_ms = excluded.updated_at_ms, updated_by = excluded.updated_by`,
      [kind, id, toStorableJson(body), (wasVersion ?? 0) + 1, by.atMs, toStorableText(name)],
    );
  const verb = body === null ? 'delete' : wasVersion === null ? 'create' : 'replace';
  await appendAudit(transaction, {
    ...by,
    action: `${kind}.${verb}`,
    object: id,
    detail: { before: before === undefined ? null : fromStorableJson(before.body), after: body },
  });
}
