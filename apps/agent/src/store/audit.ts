import { toStorableJson, toStorableText } from './lossless-text.ts';
import type { Transaction } from './postgres.ts';

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

export async function appendAudit(
  transaction: Transaction,
  { atMs, actor, action, object, detail }: AuditEntry,
): Promise<void> {
  await transaction.query(
    'INSERT INTO audit_entry (at_ms, actor, action, object, detail) VALUES ($1, $2, $3, $4, $5)',
    [atMs, toStorableText(actor), action, toStorableText(object), toStorableJson(detail)],
  );
}
