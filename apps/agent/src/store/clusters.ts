import { appendAudit } from './audit.ts';
import { fromStorableText, toStorableText } from './lossless-text.ts';
import type { Database } from './postgres.ts';

export interface ClusterRow {
  readonly clusterId: string;
  readonly founderText: string;
  readonly name: string | null;
  readonly pinned: boolean;
  readonly mergedInto: string | null;
}

interface AssignmentRow {
  readonly templateId: string;
  readonly clusterId: string;
  readonly byHand: boolean;
}

/** Rows that are new or have changed. */
export interface ClusterChanges {
  readonly clusters: readonly ClusterRow[];
  readonly assignments: readonly AssignmentRow[];
}

/** What a person did; the agent's own finds are no entry of the audit. */
export interface ClusterDeed {
  readonly actor: string;
  readonly action: 'cluster.patch' | 'cluster.merge' | 'cluster.split';
  readonly object: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

const CHUNK = 1000;

export async function readClusters(database: Pick<Database, 'query'>): Promise<ClusterChanges> {
  const clusters = await database.query<{
    cluster_id: string;
    founder_text: string;
    name: string | null;
    pinned: boolean;
    merged_into: string | null;
  }>('SELECT cluster_id, founder_text, name, pinned, merged_into FROM cluster ORDER BY changed_ms, cluster_id');
  const assignments = await database.query<{ template_id: string; cluster_id: string; by_hand: boolean }>(
    'SELECT template_id, cluster_id, by_hand FROM template_cluster ORDER BY changed_ms, template_id',
  );
  return {
    clusters: clusters.map((row) => ({
      clusterId: row.cluster_id,
      founderText: fromStorableText(row.founder_text),
      name: row.name === null ? null : fromStorableText(row.name),
      pinned: row.pinned,
      mergedInto: row.merged_into,
    })),
    assignments: assignments.map((row) => ({
      templateId: row.template_id,
      clusterId: row.cluster_id,
      byHand: row.by_hand,
    })),
  };
}

/** All or nothing, with the audit entry of what a person did; may be written twice. */
export async function saveClusters(
  database: Pick<Database, 'transaction'>,
  { clusters, assignments }: ClusterChanges,
  atMs: number,
  deed: ClusterDeed | undefined,
): Promise<void> {
  await database.transaction(async (transaction) => {
    for (let from = 0; from < clusters.length; from += CHUNK) {
      const chunk = clusters.slice(from, from + CHUNK);
      await transaction.query(
        `INSERT INTO cluster (cluster_id, founder_text, name, pinned, merged_into, changed_ms)
         SELECT *, $6::bigint FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::text[])
         ON CONFLICT (cluster_id) DO UPDATE SET founder_text = excluded.founder_text, name = excluded.name,
           pinned = excluded.pinned, merged_into = excluded.merged_into, changed_ms = excluded.changed_ms`,
        [
          chunk.map(({ clusterId }) => clusterId),
          chunk.map(({ founderText }) => toStorableText(founderText)),
          chunk.map(({ name }) => (name === null ? null : toStorableText(name))),
          chunk.map(({ pinned }) => pinned),
          chunk.map(({ mergedInto }) => mergedInto),
          atMs,
        ],
      );
    }
    for (let from = 0; from < assignments.length; from += CHUNK) {
      const chunk = assignments.slice(from, from + CHUNK);
      await transaction.query(
        `INSERT INTO template_cluster (template_id, cluster_id, by_hand, changed_ms)
         SELECT *, $4::bigint FROM unnest($1::text[], $2::text[], $3::boolean[])
         ON CONFLICT (template_id) DO UPDATE SET
           cluster_id = excluded.cluster_id, by_hand = excluded.by_hand, changed_ms = excluded.changed_ms`,
        [
          chunk.map(({ templateId }) => templateId),
          chunk.map(({ clusterId }) => clusterId),
          chunk.map(({ byHand }) => byHand),
          atMs,
        ],
      );
    }
    if (deed !== undefined) await appendAudit(transaction, { atMs, ...deed });
  });
}
