import type { WatchTailPart } from '../pipeline/checkpoint.ts';
import type { Database, Transaction } from './postgres.ts';

type TailRow = { readonly place: number; readonly body: Uint8Array };

/** In the order in which they were observed. */
export async function readTails(
  database: Pick<Database, 'query'>,
): Promise<readonly { readonly place: number; readonly body: Uint8Array }[]> {
  return await database.query<TailRow>('SELECT place, body FROM watch_tail ORDER BY place, part');
}

/** Adds the newest, and lets go of what no source needs any more. */
export async function writeTail(transaction: Transaction, { place, bodies, neededFrom }: WatchTailPart): Promise<void> {
  // Of a commit whose answer was lost and that was done: the same place again, with at least the same.
  await transaction.query('DELETE FROM watch_tail WHERE place < $1 OR place = $2', [neededFrom, place]);
  if (bodies.length === 0) return;
  await transaction.query(
    'INSERT INTO watch_tail (place, part, body) SELECT $1, part - 1, body FROM unnest($2::bytea[]) WITH ORDINALITY AS given (body, part)',
    [place, bodies],
  );
}

/** What threshold rules have counted; null at the first start. */
export async function readRuleState(database: Pick<Database, 'query'>): Promise<Uint8Array | null> {
  const [row] = await database.query<{ body: Uint8Array }>('SELECT body FROM rule_state');
  return row?.body ?? null;
}

export async function writeRuleState(transaction: Transaction, body: Uint8Array): Promise<void> {
  await transaction.query(
    'INSERT INTO rule_state (body) VALUES ($1) ON CONFLICT (one) DO UPDATE SET body = excluded.body',
    [body],
  );
}
