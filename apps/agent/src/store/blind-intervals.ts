import type { Checkpoint } from '../pipeline/checkpoint.ts';
import type { Database, Transaction } from './postgres.ts';

/** A stretch in which the agent was not looking, in unix seconds: [from, to). */
export type BlindInterval = Checkpoint['blind'][number];

/** Those that touch [fromSecond, toSecond), in order, overlapping ones made one. */
export async function readBlind(
  database: Pick<Database, 'query'>,
  fromSecond: number,
  toSecond: number,
): Promise<BlindInterval[]> {
  const rows = await database.query<{ from: number; to: number }>(
    `SELECT from_second AS from, to_second AS to FROM blind_interval
     WHERE from_second < $2 AND to_second > $1 ORDER BY from_second`,
    [fromSecond, toSecond],
  );
  return rows.reduce<{ from: number; to: number }[]>((joined, { from, to }) => {
    const last = joined.at(-1);
    if (last === undefined || from > last.to) joined.push({ from, to });
    else last.to = Math.max(last.to, to);
    return joined;
  }, []);
}

export async function writeBlind(transaction: Transaction, blind: readonly BlindInterval[]): Promise<void> {
  if (blind.length === 0) return;
  await transaction.query(
    `INSERT INTO blind_interval (from_second, to_second) SELECT * FROM unnest($1::bigint[], $2::bigint[])
     ON CONFLICT DO NOTHING`,
    [blind.map(({ from }) => from), blind.map(({ to }) => to)],
  );
}
