import { BLOCK_LEVELS, type BlockLevel, FrameBlock } from '@sentinellog/shared';
import type { BlockDelta } from '../pipeline/checkpoint.ts';
import { openMinutesOf } from './open-minutes.ts';
import type { Database, Transaction } from './postgres.ts';

/** About 15 ms of the main thread between two answers of the database. */
const CHUNK = 1000;

type BlockRow = {
  readonly level: BlockLevel;
  readonly start: number;
  readonly source_id: string;
  readonly body: Uint8Array;
};

export interface FrameQuery {
  readonly sourceIds: readonly string[];
  readonly level: BlockLevel;
  /** Unix seconds; every block that holds a second of [fromSecond, toSecond). */
  readonly fromSecond: number;
  readonly toSecond: number;
}

export async function readFrames(database: Pick<Database, 'query'>, query: FrameQuery): Promise<BlockDelta[]> {
  const { sourceIds, level, fromSecond, toSecond } = query;
  const rows = await database.query<BlockRow>(
    `SELECT level, start, source_id, body FROM frame_block
     WHERE level = $1 AND start > $2 AND start < $3 AND source_id = ANY($4::uuid[])
     ORDER BY source_id, start`,
    [level, fromSecond - spanOf(level), toSecond, sourceIds],
  );
  return rows.map(blockOf);
}

/** A stored minute as it lies in the table: whoever reads many decodes them elsewhere. */
export type StoredBody = { readonly start: number; readonly body: Uint8Array };

/** Minutes of one source, ascending, in pages: a month of one source is 43,200 rows. */
export async function* readMinuteBodies(
  database: Pick<Database, 'query'>,
  {
    sourceId,
    fromSecond,
    toSecond,
  }: { readonly sourceId: string; readonly fromSecond: number; readonly toSecond: number },
): AsyncGenerator<readonly StoredBody[]> {
  for (let after = fromSecond - spanOf(0); ; ) {
    const rows = await database.query<StoredBody>(
      `SELECT start, body FROM frame_block
       WHERE level = 0 AND source_id = $1 AND start > $2 AND start < $3 ORDER BY start LIMIT $4`,
      [sourceId, after, toSecond, CHUNK],
    );
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (rows.length < CHUNK || last === undefined) return;
    after = last.start;
  }
}

/** The level-0 blocks that hold seconds which no detector has seen: what a start goes on from. */
export async function readOpenMinutes(database: Pick<Database, 'query'>): Promise<BlockDelta[]> {
  const rows = await database.query<BlockRow>(openMinutesOf('frame_block'));
  return rows.map(blockOf);
}

/** Adds to what is stored. The caller's transaction must hold the checkpoint's lock: read and write are two statements. */
export async function addBlocks(transaction: Transaction, deltas: readonly BlockDelta[]): Promise<void> {
  const summed = sumByKey(deltas);
  // Looked up by key even where the planner, from statistics of an hour ago, would rather read the whole table.
  if (summed.length > 0) await transaction.query('SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off');
  for (let from = 0; from < summed.length; from += CHUNK) await addChunk(transaction, summed.slice(from, from + CHUNK));
}

async function addChunk(transaction: Transaction, deltas: readonly BlockDelta[]): Promise<void> {
  const keys = [
    deltas.map(({ level }) => level),
    deltas.map(({ start }) => start),
    deltas.map(({ sourceId }) => sourceId),
  ];
  const rows = await transaction.query<BlockRow>(
    `SELECT level, start, source_id, body FROM frame_block
     JOIN unnest($1::smallint[], $2::bigint[], $3::uuid[]) AS touched (level, start, source_id)
     USING (level, start, source_id)`,
    keys,
  );
  const stored = new Map(rows.map((row) => [keyOf(blockKey(row)), row.body]));
  const bodies = deltas.map((delta) => {
    const body = stored.get(keyOf(delta));
    if (body === undefined) return delta.block.encode();
    const sum = FrameBlock.decode(body);
    sum.merge(delta.block);
    return sum.encode();
  });
  await transaction.query(
    `INSERT INTO frame_block (level, start, source_id, body)
     SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::uuid[], $4::bytea[])
     ON CONFLICT (level, start, source_id) DO UPDATE SET body = excluded.body`,
    [...keys, bodies],
  );
}

/** One delta a block: an upsert may touch a row only once. */
function sumByKey(deltas: readonly BlockDelta[]): BlockDelta[] {
  const sums = new Map<string, BlockDelta>();
  for (const delta of deltas) {
    const key = keyOf(delta);
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, delta);
    else sums.set(key, { ...sum, block: added(sum.block, delta.block) });
  }
  return [...sums.values()];
}

/** The caller's blocks are its own, to be given back after a failed commit. */
function added(one: FrameBlock, other: FrameBlock): FrameBlock {
  const sum = new FrameBlock(one.slots, one.cells.slice());
  sum.merge(other);
  return sum;
}

export function keyOf({ level, start, sourceId }: Omit<BlockDelta, 'block'>): string {
  return `${level}/${start}/${sourceId}`;
}

function blockKey({ level, start, source_id }: BlockRow): Omit<BlockDelta, 'block'> {
  return { level, start, sourceId: source_id };
}

function blockOf(row: BlockRow): BlockDelta {
  return { ...blockKey(row), block: FrameBlock.decode(row.body) };
}

function spanOf(level: BlockLevel): number {
  return BLOCK_LEVELS[level].span;
}
