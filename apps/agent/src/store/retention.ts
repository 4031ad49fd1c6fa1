import type { Database } from './postgres.ts';

const DAY_MS = 86_400_000;

/** Days that each kind of row is kept. Seconds are what is many; hours are for comparing with last year. */
const KEPT_DAYS = {
  seconds: 30,
  minutes: 90,
  hours: 400,
  // By template there is much more of them; what is explained by the second is what happened today.
  templateSeconds: 1,
  templateMinutes: 90,
  templateHours: 400,
  templates: 400,
  templateAliases: 400,
  expected: 90,
  anomalies: 90,
  incidents: 90,
  blind: 400,
  routing: 90,
} as const;
export type Kept = keyof typeof KEPT_DAYS;

/** Rows of one statement, and statements of one sweep and kind: never a long lock, never a long pause for the writer. */
const BATCH = 5000;
const MOST_BATCHES = 20;

interface Rule {
  readonly kept: Kept;
  readonly table: string;
  readonly key: string;
  /** True for rows to remove; $1 is the oldest time to keep, in the column's own unit. */
  readonly where: string;
  readonly unitMs: number;
}

/**
 * Rows are deleted by their key's time in batches, not by dropping partitions: the tables are ordered by time first, so
 * that a batch is one range of the index. Partitions can follow where a site's volume asks for them.
 */
const RULES: readonly Rule[] = [
  {
    kept: 'seconds',
    table: 'frame_block',
    key: 'level, start, source_id',
    where: 'level = 0 AND start < $1',
    unitMs: 1000,
  },
  {
    kept: 'minutes',
    table: 'frame_block',
    key: 'level, start, source_id',
    where: 'level = 1 AND start < $1',
    unitMs: 1000,
  },
  {
    kept: 'hours',
    table: 'frame_block',
    key: 'level, start, source_id',
    where: 'level = 2 AND start < $1',
    unitMs: 1000,
  },
  ...(['templateSeconds', 'templateMinutes', 'templateHours'] as const).map((kept, level) => ({
    kept,
    table: 'template_block',
    key: 'level, start, source_id',
    where: `level = ${level} AND start < $1`,
    unitMs: 1000,
  })),
  {
    kept: 'templates',
    table: 'template',
    key: 'template_id',
    // Not what the miner still has, however long it has been the same, and nothing that people have marked.
    where: `changed_ms < $1 AND name IS NULL AND NOT pinned AND template_id NOT IN (
              SELECT one ->> 'templateId' FROM template_miner, jsonb_array_elements(body -> 'live') AS one)`,
    unitMs: 1,
  },
  {
    kept: 'templateAliases',
    table: 'template_alias',
    key: 'from_id',
    where: 'at_ms < $1 AND NOT by_hand',
    unitMs: 1,
  },
  { kept: 'expected', table: 'expected_hour', key: 'hour, source_id, signal', where: 'hour < $1', unitMs: 1000 },
  {
    kept: 'anomalies',
    table: 'anomaly',
    key: 'event_id',
    where: "started_at_ms < $1 AND state NOT IN ('early', 'open')",
    unitMs: 1,
  },
  {
    // Alerts, timeline and marks go with it.
    kept: 'incidents',
    table: 'incident',
    key: 'incident_id',
    where: "state = 'RESOLVED' AND resolved_at_ms < $1",
    unitMs: 1,
  },
  { kept: 'blind', table: 'blind_interval', key: 'from_second, to_second', where: 'to_second < $1', unitMs: 1000 },
  { kept: 'routing', table: 'silence', key: 'silence_id', where: 'ended_at_ms < $1', unitMs: 1 },
  { kept: 'routing', table: 'incident_routing', key: 'incident_id', where: 'at_ms < $1', unitMs: 1 },
  {
    kept: 'routing',
    table: 'escalation_step',
    key: 'incident_id, waiting_since_ms, step',
    where: 'at_ms < $1',
    unitMs: 1,
  },
  { kept: 'routing', table: 'page_sent', key: 'page_id', where: 'at_ms < $1', unitMs: 1 },
  {
    kept: 'routing',
    table: 'window_run',
    key: 'window_id, starts_at_ms',
    where: 'starts_at_ms < $1 AND is_over',
    unitMs: 1,
  },
  { kept: 'routing', table: 'routing_notice', key: 'notice_id', where: 'at_ms < $1', unitMs: 1 },
];

/**
 * Removes what is older than its time, at most 100,000 rows of a kind; call it again when a count reaches that.
 * The audit is kept.
 */
export async function sweep(database: Pick<Database, 'query'>, nowMs: number): Promise<Readonly<Record<Kept, number>>> {
  const removed = Object.fromEntries(Object.keys(KEPT_DAYS).map((kept) => [kept, 0])) as Record<Kept, number>;
  for (const { kept, table, key, where, unitMs } of RULES) {
    const oldest = Math.floor((nowMs - KEPT_DAYS[kept] * DAY_MS) / unitMs);
    for (let batch = 0; batch < MOST_BATCHES; batch++) {
      const [{ count }] = await database.query<{ count: number }>(
        `WITH gone AS (
           DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${where} LIMIT ${BATCH}) RETURNING 1
         ) SELECT count(*) AS count FROM gone`,
        [oldest],
      );
      removed[kept] += count;
      if (count < BATCH) break;
    }
  }
  return removed;
}
