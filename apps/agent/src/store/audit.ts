import type { AuditRecord } from '@sentinellog/shared';
import { type ChainEnd, linkHash } from './audit-chain.ts';
import { fromStorableJson, fromStorableText, toStorableJson, toStorableText } from './lossless-text.ts';
import type { Database, Transaction } from './postgres.ts';

/** Who did what to which object. Written in the same transaction as the change itself; never changed afterwards. */
export interface AuditEntry {
  readonly atMs: number;
  /** Name of the token or the part of the agent that acted. */
  readonly actor: string;
  /** `key.create`, `source.patch` … */
  readonly action: string;
  readonly object: string;
  /** What it was and what it became; no secrets. */
  readonly detail: Readonly<Record<string, unknown>>;
}

type HeadRow = { readonly seq: number; readonly hash: Buffer };

/**
 * Adds a link to the chain. From the first one on the transaction holds the lock of the chain's end, so write it last:
 * whoever wants to write waits for the commit, which is why there is no gap and no fork.
 */
export async function appendAudit(transaction: Transaction, entry: AuditEntry): Promise<void> {
  const [head] = await transaction.query<HeadRow>('SELECT seq, hash FROM audit_head FOR UPDATE');
  const seq = head.seq + 1;
  const prev = head.hash.toString('hex');
  const { atMs, actor, action, object } = entry;
  // As JSON will give it back: members that are undefined are gone, and -0 is 0.
  const detail: AuditRecord['detail'] = Object(JSON.parse(JSON.stringify(entry.detail)));
  const hash = Buffer.from(linkHash(prev, { seq, at_ms: atMs, actor, action, object, detail }), 'hex');
  await transaction.query(
    `INSERT INTO audit_entry (seq, at_ms, actor, action, object, detail, prev_hash, hash)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [seq, atMs, toStorableText(actor), action, toStorableText(object), toStorableJson(detail), head.hash, hash],
  );
  await transaction.query('UPDATE audit_head SET seq = $1, hash = $2', [seq, hash]);
}

export interface AuditQuery {
  readonly order: 'asc' | 'desc';
  /** Entries beyond this one, in that order. */
  readonly after?: number | undefined;
  readonly limit: number;
}

type EntryRow = {
  readonly seq: number;
  readonly at_ms: number;
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  readonly detail: string;
  readonly prev_hash: Buffer;
  readonly hash: Buffer;
};

export async function readAudit(database: Pick<Database, 'query'>, query: AuditQuery): Promise<AuditRecord[]> {
  const { order, after, limit } = query;
  const rows = await database.query<EntryRow>(
    `SELECT seq, at_ms, actor, action, object, detail::text, prev_hash, hash FROM audit_entry
     WHERE $1::bigint IS NULL OR seq ${order === 'asc' ? '>' : '<'} $1
     ORDER BY seq ${order === 'asc' ? 'ASC' : 'DESC'} LIMIT $2`,
    [after ?? null, limit],
  );
  return rows.map((row) => ({
    seq: row.seq,
    at_ms: row.at_ms,
    actor: fromStorableText(row.actor),
    action: row.action,
    object: fromStorableText(row.object),
    detail: Object(fromStorableJson(row.detail)),
    prev_hash: row.prev_hash.toString('hex'),
    hash: row.hash.toString('hex'),
  }));
}

export async function readAuditHead(database: Pick<Database, 'query'>): Promise<ChainEnd> {
  const [head] = await database.query<HeadRow>('SELECT seq, hash FROM audit_head');
  return { seq: head.seq, hash: head.hash.toString('hex') };
}
