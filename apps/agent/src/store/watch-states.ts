import type { Database, Transaction } from './postgres.ts';

const CHUNK = 500;

/** Detector state by source id, opaque. In pages: with 10,000 sources it is more than one statement may take. */
export async function readWatches(database: Pick<Database, 'query'>): Promise<Map<string, Uint8Array>> {
  const watches = new Map<string, Uint8Array>();
  let after: string | null = null;
  do {
    const rows: { source_id: string; body: Uint8Array }[] = await database.query(
      `SELECT source_id, body FROM watch_state WHERE $1::uuid IS NULL OR source_id > $1
       ORDER BY source_id LIMIT $2`,
      [after, CHUNK],
    );
    for (const { source_id, body } of rows) watches.set(source_id, body);
    after = rows.at(-1)?.source_id ?? null;
  } while (after !== null);
  return watches;
}

export async function writeWatches(transaction: Transaction, watches: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const entries = [...watches];
  for (let from = 0; from < entries.length; from += CHUNK) {
    const chunk = entries.slice(from, from + CHUNK);
    await transaction.query(
      `INSERT INTO watch_state (source_id, body) SELECT * FROM unnest($1::uuid[], $2::bytea[])
       ON CONFLICT (source_id) DO UPDATE SET body = excluded.body`,
      [chunk.map(([sourceId]) => sourceId), chunk.map(([, body]) => body)],
    );
  }
}
