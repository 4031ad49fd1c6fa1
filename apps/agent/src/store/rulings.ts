import { type Exclusion, ExclusionSchema, type Verdict } from '@sentinellog/shared';
import { appendAudit } from './audit.ts';
import { fromStorableText, toStorableText } from './lossless-text.ts';
import type { Database, Transaction } from './postgres.ts';

/** Writes, changes or (null) takes back a verdict, with who did it. Saying the same again changes nothing, also in the audit. */
export async function saveVerdict(
  database: Pick<Database, 'transaction'>,
  {
    eventId,
    sourceId,
    verdict,
  }: { readonly eventId: string; readonly sourceId: string; readonly verdict: Verdict | null },
  by: { readonly actor: string; readonly atMs: number },
): Promise<void> {
  await database.transaction(async (transaction) => {
    await lockOf(transaction, eventId);
    const [row] = await transaction.query<{ verdict: string }>('SELECT verdict FROM verdict WHERE event_id = $1', [
      eventId,
    ]);
    const before = row?.verdict ?? null;
    if (before === verdict) return;
    if (verdict === null) await transaction.query('DELETE FROM verdict WHERE event_id = $1', [eventId]);
    else
      await transaction.query(
        `INSERT INTO verdict (event_id, source_id, verdict, actor, at_ms) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (event_id) DO UPDATE SET verdict = excluded.verdict, actor = excluded.actor, at_ms = excluded.at_ms`,
        [eventId, sourceId, verdict, toStorableText(by.actor), by.atMs],
      );
    await appendAudit(transaction, {
      ...by,
      action: 'anomaly.verdict',
      object: eventId,
      detail: { before, after: verdict },
    });
  });
}

/** Two people who judge the same anomaly take turns; the row may not be there to lock. */
async function lockOf(transaction: Transaction, eventId: string): Promise<void> {
  await transaction.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [eventId]);
}

const ExclusionRowSchema = ExclusionSchema.transform(
  (row): Exclusion => ({
    ...row,
    reason: fromStorableText(row.reason),
    created_by: fromStorableText(row.created_by),
  }),
);
const EXCLUSION_COLUMNS =
  'exclusion_id, source_id, signal, from_ms, to_ms, reason, actor AS created_by, at_ms AS created_at_ms';

export async function readExclusions(database: Pick<Database, 'query'>, sinceMs: number): Promise<Exclusion[]> {
  const rows = await database.query(
    `SELECT ${EXCLUSION_COLUMNS} FROM exclusion WHERE to_ms >= $1 ORDER BY from_ms, exclusion_id`,
    [sinceMs],
  );
  return rows.map((row) => ExclusionRowSchema.parse(row));
}

export async function addExclusion(database: Pick<Database, 'transaction'>, exclusion: Exclusion): Promise<void> {
  const { exclusion_id, source_id, signal, from_ms, to_ms, reason, created_by, created_at_ms } = exclusion;
  await database.transaction(async (transaction) => {
    await transaction.query(
      `INSERT INTO exclusion (exclusion_id, source_id, signal, from_ms, to_ms, reason, actor, at_ms)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        exclusion_id,
        source_id,
        signal,
        from_ms,
        to_ms,
        toStorableText(reason),
        toStorableText(created_by),
        created_at_ms,
      ],
    );
    const detail = { signal, from_ms, to_ms, reason };
    await appendAudit(transaction, {
      actor: created_by,
      atMs: created_at_ms,
      action: 'exclusion.create',
      object: `${source_id}/${exclusion_id}`,
      detail,
    });
  });
}

/** False: there is none. */
export async function removeExclusion(
  database: Pick<Database, 'transaction'>,
  exclusionId: string,
  by: { readonly actor: string; readonly atMs: number },
): Promise<boolean> {
  return database.transaction(async (transaction) => {
    const [gone] = await transaction.query(
      `DELETE FROM exclusion WHERE exclusion_id = $1 RETURNING ${EXCLUSION_COLUMNS}`,
      [exclusionId],
    );
    if (gone === undefined) return false;
    const { source_id, ...detail } = ExclusionRowSchema.parse(gone);
    await appendAudit(transaction, {
      ...by,
      action: 'exclusion.delete',
      object: `${source_id}/${exclusionId}`,
      detail,
    });
    return true;
  });
}
