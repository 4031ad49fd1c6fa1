import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { type BaselineVersion, BaselineVersionSchema } from '@sentinellog/shared';
import { toStorableJson } from './lossless-text.ts';
import type { Database } from './postgres.ts';

/** A week of daily states and what relearning and reverting left behind. */
const KEPT_A_SOURCE = 10;
const MOST_STATE_BYTES = 4 * 1024 * 1024;

export interface SavedState {
  readonly version: BaselineVersion;
  readonly state: Uint8Array;
}

/** Keeps the newest ten of the source. */
export async function saveBaselineVersion(
  database: Pick<Database, 'transaction'>,
  { version, state }: SavedState,
): Promise<void> {
  await database.transaction(async (transaction) => {
    await transaction.query(
      'INSERT INTO baseline_version (version_id, source_id, made_at_ms, body, state) VALUES ($1, $2, $3, $4, $5)',
      [version.version_id, version.source_id, version.made_at_ms, toStorableJson(version), zstdCompressSync(state)],
    );
    await transaction.query(
      `DELETE FROM baseline_version WHERE source_id = $1 AND version_id NOT IN
         (SELECT version_id FROM baseline_version WHERE source_id = $1 ORDER BY made_at_ms DESC, version_id DESC LIMIT $2)`,
      [version.source_id, KEPT_A_SOURCE],
    );
  });
}

/** Newest first. */
export async function readBaselineVersions(
  database: Pick<Database, 'query'>,
  sourceId: string,
): Promise<BaselineVersion[]> {
  const rows = await database.query<{ body: unknown }>(
    'SELECT body FROM baseline_version WHERE source_id = $1 ORDER BY made_at_ms DESC, version_id DESC',
    [sourceId],
  );
  return rows.map(({ body }) => BaselineVersionSchema.parse(body));
}

export async function readBaselineState(
  database: Pick<Database, 'query'>,
  sourceId: string,
  versionId: string,
): Promise<SavedState | undefined> {
  const [row] = await database.query<{ body: unknown; state: Uint8Array }>(
    'SELECT body, state FROM baseline_version WHERE source_id = $1 AND version_id = $2',
    [sourceId, versionId],
  );
  return (
    row && {
      version: BaselineVersionSchema.parse(row.body),
      state: zstdDecompressSync(row.state, { maxOutputLength: MOST_STATE_BYTES }),
    }
  );
}

/** When each source was last saved, whatever for. */
export async function readNewestVersions(database: Pick<Database, 'query'>): Promise<ReadonlyMap<string, number>> {
  const rows = await database.query<{ source_id: string; made_at_ms: number }>(
    'SELECT source_id, max(made_at_ms) AS made_at_ms FROM baseline_version GROUP BY source_id',
  );
  return new Map(rows.map(({ source_id, made_at_ms }) => [source_id, made_at_ms]));
}
