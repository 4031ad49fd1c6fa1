import { RequestError, SENSITIVITIES, type Source, type SourcePatch } from '@sentinellog/shared';
import { z } from 'zod';
import type { SourceProgress, SourceRow } from '../pipeline/checkpoint.ts';
import { appendAudit } from './audit.ts';
import { fromStorableText, toStorableText } from './lossless-text.ts';
import type { Database, Transaction } from './postgres.ts';

/** A source as it is stored: how far its baseline has learnt is known to the detector only. */
export type StoredSource = Readonly<Omit<Source, 'learning' | 'learnt_hours'>>;

const RowSchema = z
  .object({
    source_id: z.string(),
    tenant: z.string().transform(fromStorableText),
    service: z.string().transform(fromStorableText),
    sensitivity: z.enum(SENSITIVITIES),
    sigma: z.number().nullable(),
    retention_days: z.number(),
    time_zone: z.string(),
    tags: z.array(z.string().transform(fromStorableText)),
    first_seen_ms: z.number(),
    last_seen_ms: z.number(),
  })
  .transform((row): StoredSource => row);

const SELECT = `SELECT s.source_id, s.tenant, s.service, s.sensitivity, s.sigma, s.retention_days, s.time_zone, s.tags,
                       s.first_seen_ms, coalesce(p.last_seen_ms, s.first_seen_ms) AS last_seen_ms
                FROM log_source s LEFT JOIN source_progress p USING (source_id)`;

export async function readSources(database: Pick<Database, 'query'>): Promise<StoredSource[]> {
  return (await database.query(`${SELECT} ORDER BY s.tenant, s.service, s.source_id`)).map((row) =>
    RowSchema.parse(row),
  );
}

/** Changes what is given and writes who did it, together. undefined: there is no such source. */
export async function patchSource(
  database: Pick<Database, 'transaction'>,
  sourceId: string,
  patch: SourcePatch,
  by: { readonly actor: string; readonly atMs: number },
): Promise<StoredSource | undefined> {
  if (patch.time_zone !== undefined) requireTimeZone(patch.time_zone);
  return database.transaction(async (transaction) => {
    const [before] = await transaction.query(`${SELECT} WHERE s.source_id = $1 FOR UPDATE OF s`, [sourceId]);
    if (before === undefined) return undefined;
    await transaction.query(
      `UPDATE log_source SET sensitivity = coalesce($2, sensitivity), retention_days = coalesce($3, retention_days),
                             time_zone = coalesce($4, time_zone), tags = coalesce($5, tags),
                             sigma = CASE WHEN $6 THEN $7 ELSE sigma END
       WHERE source_id = $1`,
      [
        sourceId,
        patch.sensitivity ?? null,
        patch.retention_days ?? null,
        patch.time_zone ?? null,
        patch.tags?.map(toStorableText) ?? null,
        // One of the three takes away a number that was set before.
        patch.sigma !== undefined || patch.sensitivity !== undefined,
        patch.sigma ?? null,
      ],
    );
    const old = RowSchema.parse(before);
    const changed = Object.keys(patch) as (keyof SourcePatch)[];
    const detail = { before: Object.fromEntries(changed.map((name) => [name, old[name]])), after: patch };
    await appendAudit(transaction, { ...by, action: 'source.patch', object: sourceId, detail });
    const [after] = await transaction.query(`${SELECT} WHERE s.source_id = $1`, [sourceId]);
    return RowSchema.parse(after);
  });
}

function requireTimeZone(timeZone: string): void {
  try {
    Intl.DateTimeFormat('en', { timeZone });
  } catch (error) {
    throw new RequestError('invalid_request', 'time_zone is not an IANA time zone, for instance Europe/Berlin', {
      cause: error,
    });
  }
}

/** A source that is known already stays as it is, settings included. */
export async function addSources(transaction: Transaction, sources: readonly SourceRow[]): Promise<void> {
  if (sources.length === 0) return;
  await transaction.query(
    `INSERT INTO log_source (source_id, tenant, service, first_seen_ms)
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[])
     ON CONFLICT (source_id) DO NOTHING`,
    [
      sources.map(({ sourceId }) => sourceId),
      sources.map(({ tenant }) => toStorableText(tenant)),
      sources.map(({ service }) => toStorableText(service)),
      sources.map(({ firstSeenMs }) => firstSeenMs),
    ],
  );
}

/** @param newestBlocks start of the newest level-0 block that each source was given now */
export async function writeProgress(
  transaction: Transaction,
  progress: readonly SourceProgress[],
  newestBlocks: ReadonlyMap<string, number>,
): Promise<void> {
  if (progress.length > 0)
    await transaction.query(
      `INSERT INTO source_progress (source_id, closed_through, first_seen_ms, last_seen_ms, live)
       SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::boolean[])
       ON CONFLICT (source_id) DO UPDATE SET closed_through = excluded.closed_through,
         first_seen_ms = excluded.first_seen_ms, last_seen_ms = excluded.last_seen_ms, live = excluded.live`,
      [
        progress.map(({ sourceId }) => sourceId),
        progress.map(({ closedThrough }) => closedThrough),
        progress.map(({ firstSeenMs }) => firstSeenMs),
        progress.map(({ lastSeenMs }) => lastSeenMs),
        progress.map(({ live }) => live),
      ],
    );
  if (newestBlocks.size > 0)
    await transaction.query(
      `UPDATE source_progress p SET newest_block = newest.start
       FROM unnest($1::uuid[], $2::bigint[]) AS newest (source_id, start)
       WHERE p.source_id = newest.source_id AND p.newest_block < newest.start`,
      [[...newestBlocks.keys()], [...newestBlocks.values()]],
    );
}

type ProgressRow = {
  readonly source_id: string;
  readonly tenant: string;
  readonly service: string;
  readonly closed_through: number;
  readonly first_seen_ms: number;
  readonly last_seen_ms: number;
  readonly live: boolean;
};

export async function readProgress(database: Pick<Database, 'query'>): Promise<(SourceRow & SourceProgress)[]> {
  const rows = await database.query<ProgressRow>(
    `SELECT source_id, s.tenant, s.service, p.closed_through, p.first_seen_ms, p.last_seen_ms, p.live
     FROM log_source s JOIN source_progress p USING (source_id) ORDER BY s.first_seen_ms, source_id`,
  );
  return rows.map((row) => ({
    sourceId: row.source_id,
    tenant: fromStorableText(row.tenant),
    service: fromStorableText(row.service),
    firstSeenMs: row.first_seen_ms,
    closedThrough: row.closed_through,
    lastSeenMs: row.last_seen_ms,
    live: row.live,
  }));
}
