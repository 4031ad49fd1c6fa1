import { type Anomaly, AnomalySchema, RequestError } from '@sentinellog/shared';
import { fromStorableJson, toStorableJson } from './lossless-text.ts';
import type { Database, Transaction } from './postgres.ts';
import { remedyOf } from './sqlstate.ts';

export interface AnomalyQuery {
  readonly sourceId?: string | undefined;
  /** Milliseconds; anomalies that started in [fromMs, toMs). */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly limit: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
}

export interface AnomalyPage {
  /** Newest start first. */
  readonly anomalies: readonly Anomaly[];
  /** null on the last page. */
  readonly nextCursor: string | null;
}

/** A cursor that no page has given out. */
export class UnknownCursor extends RequestError {
  constructor() {
    super('invalid_request', 'the cursor is not one that this list has given out; start without it');
    this.name = 'UnknownCursor';
  }
}

type AnomalyRow = { readonly body: string; readonly raw_data_sample: string; readonly verdict: string | null };
/** With sample lines, at most about 20 MB a statement. */
const CHUNK = 500;
const COLUMNS =
  'body::text, raw_data_sample::text, (SELECT verdict FROM verdict v WHERE v.event_id = anomaly.event_id)';

export async function readAnomalies(database: Pick<Database, 'query'>, query: AnomalyQuery): Promise<AnomalyPage> {
  const { sourceId, fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, limit, cursor } = query;
  const [beforeMs, beforeId] = cursor === undefined ? [null, null] : parseCursor(cursor);
  const rows = await database.query<AnomalyRow>(
    `SELECT ${COLUMNS} FROM anomaly
     WHERE started_at_ms >= $1 AND started_at_ms < $2
       AND ($3::uuid IS NULL OR source_id = $3)
       AND ($4::bigint IS NULL OR (started_at_ms, event_id) < ($4, $5::uuid))
     ORDER BY started_at_ms DESC, event_id DESC LIMIT $6`,
    // One more than asked for tells whether there is another page.
    [fromMs, toMs, sourceId ?? null, beforeMs, beforeId, limit + 1],
  );
  const anomalies = rows.slice(0, limit).map(anomalyOf);
  const last = anomalies.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { anomalies, nextCursor: more ? `${last.started_at_ms}_${last.event_id}` : null };
}

export async function readAnomaly(database: Pick<Database, 'query'>, eventId: string): Promise<Anomaly | undefined> {
  const rows = await database.query<AnomalyRow>(`SELECT ${COLUMNS} FROM anomaly WHERE event_id = $1`, [eventId]);
  return rows.map(anomalyOf).at(0);
}

/** Those that people have judged and that started since. */
export async function readJudgedAnomalies(database: Pick<Database, 'query'>, sinceMs: number): Promise<Anomaly[]> {
  const rows = await database.query<AnomalyRow>(
    `SELECT ${COLUMNS} FROM anomaly
     WHERE event_id IN (SELECT event_id FROM verdict) AND started_at_ms >= $1 ORDER BY started_at_ms, event_id`,
    [sinceMs],
  );
  return rows.map(anomalyOf);
}

/** Those that are not over, which detection goes on with after a start. */
export async function readOpenAnomalies(database: Pick<Database, 'query'>): Promise<Anomaly[]> {
  const rows = await database.query<AnomalyRow>(
    `SELECT ${COLUMNS} FROM anomaly WHERE state IN ('early', 'open') ORDER BY event_id`,
  );
  return rows.map(anomalyOf);
}

/** One that the database does not take goes to the dead letters; the others are stored. Returns how many went there. */
export async function writeAnomalies(
  transaction: Transaction,
  anomalies: readonly Anomaly[],
  atMs: number,
): Promise<number> {
  let dead = 0;
  for (let from = 0; from < anomalies.length; from += CHUNK) {
    const chunk = anomalies.slice(from, from + CHUNK);
    if ((await tryUpsert(transaction, chunk)) === 'stored') continue;
    for (const anomaly of chunk) {
      const outcome = await tryUpsert(transaction, [anomaly]);
      if (outcome === 'stored') continue;
      await setAside(transaction, anomaly, outcome.poison, atMs);
      dead++;
    }
  }
  return dead;
}

/** All of them, or none and the reason; the transaction goes on either way. */
async function tryUpsert(
  transaction: Transaction,
  anomalies: readonly Anomaly[],
): Promise<'stored' | { readonly poison: unknown }> {
  await transaction.query('SAVEPOINT anomalies');
  try {
    await upsert(transaction, anomalies);
  } catch (error) {
    if (!isPoison(error)) throw error;
    await transaction.query('ROLLBACK TO SAVEPOINT anomalies');
    return { poison: error };
  }
  await transaction.query('RELEASE SAVEPOINT anomalies');
  return 'stored';
}

async function upsert(transaction: Transaction, anomalies: readonly Anomaly[]): Promise<void> {
  await transaction.query(
    `INSERT INTO anomaly (event_id, source_id, signal, detector, state, severity, deviation_score, started_at_ms,
                          raw_data_sample, body)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[],
                          $7::double precision[], $8::bigint[], $9::jsonb[], $10::jsonb[])
     ON CONFLICT (event_id) DO UPDATE SET
       state = excluded.state, severity = excluded.severity, deviation_score = excluded.deviation_score,
       started_at_ms = excluded.started_at_ms, raw_data_sample = excluded.raw_data_sample, body = excluded.body`,
    [
      anomalies.map(({ event_id }) => event_id),
      anomalies.map(({ source_id }) => source_id),
      anomalies.map(({ signal }) => signal),
      anomalies.map(({ detector }) => detector),
      anomalies.map(({ state }) => state),
      anomalies.map(({ severity }) => severity),
      anomalies.map(({ deviation_score }) => deviation_score),
      anomalies.map(({ started_at_ms }) => started_at_ms),
      anomalies.map(({ raw_data_sample }) => toStorableJson(raw_data_sample)),
      anomalies.map((anomaly) => toStorableJson({ ...anomaly, raw_data_sample: undefined, verdict: undefined })),
    ],
  );
}

/** Refused by the database, or by JSON before it got there. */
function isPoison(error: unknown): boolean {
  return error instanceof RangeError || remedyOf(error) === 'poison';
}

async function setAside(transaction: Transaction, anomaly: Anomaly, reason: unknown, atMs: number): Promise<void> {
  await transaction.query('INSERT INTO dead_letter (at_ms, kind, reason, body) VALUES ($1, $2, $3, $4)', [
    atMs,
    'anomaly',
    reason instanceof Error ? reason.message : String(reason),
    Buffer.from(JSON.stringify(anomaly)),
  ]);
}

function anomalyOf({ body, raw_data_sample, verdict }: AnomalyRow): Anomaly {
  const rest = fromStorableJson(body);
  return AnomalySchema.parse({
    ...Object(rest),
    raw_data_sample: fromStorableJson(raw_data_sample),
    ...(verdict !== null && { verdict }),
  });
}

function parseCursor(cursor: string): readonly [number, string] {
  const match = /^(\d{1,15})_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(cursor);
  if (!match) throw new UnknownCursor();
  return [Number(match[1]), match[2]];
}
