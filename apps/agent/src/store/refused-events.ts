import type { DeadLetter } from '@sentinellog/shared';
import type { RefusedEvent } from '../pipeline/refused-event.ts';
import { fromStorableText, toStorableText } from './lossless-text.ts';
import type { Database } from './postgres.ts';

/** The newest are kept: about 80 MB at the worst. */
const KEPT = 10_000;

export interface RefusedEventPage {
  /** Newest first. */
  readonly letters: readonly DeadLetter[];
  /** null on the last page. */
  readonly nextCursor: number | null;
}

export async function addRefusedEvents(
  database: Pick<Database, 'transaction'>,
  letters: readonly RefusedEvent[],
): Promise<void> {
  await database.transaction(async (transaction) => {
    await transaction.query(
      `INSERT INTO refused_event (at_ms, tenant, key_id, code, detail, event)
       SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])`,
      [
        letters.map(({ atMs }) => Math.floor(atMs)),
        letters.map(({ tenant }) => tenant),
        letters.map(({ keyId }) => keyId),
        letters.map(({ code }) => code),
        letters.map(({ detail }) => toStorableText(detail)),
        letters.map(({ event }) => toStorableText(event)),
      ],
    );
    await transaction.query('DELETE FROM refused_event WHERE id <= (SELECT max(id) FROM refused_event) - $1', [KEPT]);
  });
}

/** @param cursor `nextCursor` of the page before */
export async function readRefusedEvents(
  database: Pick<Database, 'query'>,
  limit: number,
  cursor?: number,
): Promise<RefusedEventPage> {
  const rows = await database.query<DeadLetter>(
    `SELECT id::int8, at_ms, key_id, code, detail, event FROM refused_event
     WHERE $2::bigint IS NULL OR id < $2 ORDER BY id DESC LIMIT $1`,
    // One more than asked for tells whether there is another page.
    [limit + 1, cursor ?? null],
  );
  const letters = rows.slice(0, limit).map((row) => ({
    ...row,
    detail: fromStorableText(row.detail),
    event: fromStorableText(row.event),
  }));
  const last = letters.at(-1);
  return { letters, nextCursor: rows.length > limit && last !== undefined ? last.id : null };
}
