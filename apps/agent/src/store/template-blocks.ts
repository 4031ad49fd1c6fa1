import { BLOCK_LEVELS, type BlockLevel } from '@sentinellog/shared';
import { TemplateBlock, type TemplateBlockDelta } from '../pipeline/template-block.ts';
import type { FrameQuery } from './frame-blocks.ts';
import { openMinutesOf } from './open-minutes.ts';
import type { Database, Transaction } from './postgres.ts';

const CHUNK = 1000;

type BlockRow = {
  readonly level: BlockLevel;
  readonly start: number;
  readonly source_id: string;
  readonly body: Uint8Array;
};

/** As `readFrames`, of template counts. */
export async function readTemplateBlocks(
  database: Pick<Database, 'query'>,
  { sourceIds, level, fromSecond, toSecond }: FrameQuery,
): Promise<TemplateBlockDelta[]> {
  const rows = await database.query<BlockRow>(
    `SELECT level, start, source_id, body FROM template_block
     WHERE level = $1 AND start > $2 AND start < $3 AND source_id = ANY($4::uuid[])
     ORDER BY source_id, start`,
    [level, fromSecond - BLOCK_LEVELS[level].span, toSecond, sourceIds],
  );
  return rows.map(deltaOf);
}

/** The level-0 blocks that hold seconds which no detector has seen. */
export async function readOpenTemplateMinutes(database: Pick<Database, 'query'>): Promise<TemplateBlockDelta[]> {
  const rows = await database.query<BlockRow>(openMinutesOf('template_block'));
  return rows.map(deltaOf);
}

/** Adds to what is stored; each key at most once. The caller's transaction must hold the checkpoint's lock. */
export async function addTemplateBlocks(
  transaction: Transaction,
  deltas: readonly TemplateBlockDelta[],
): Promise<void> {
  for (let from = 0; from < deltas.length; from += CHUNK) await addChunk(transaction, deltas.slice(from, from + CHUNK));
}

async function addChunk(transaction: Transaction, deltas: readonly TemplateBlockDelta[]): Promise<void> {
  const keys = [
    deltas.map(({ level }) => level),
    deltas.map(({ start }) => start),
    deltas.map(({ sourceId }) => sourceId),
  ];
  const rows = await transaction.query<BlockRow>(
    `SELECT level, start, source_id, body FROM template_block
     JOIN unnest($1::smallint[], $2::bigint[], $3::uuid[]) AS touched (level, start, source_id)
     USING (level, start, source_id)`,
    keys,
  );
  const stored = new Map(rows.map((row) => [templateBlockKey(deltaOf(row)), row.body]));
  const bodies = deltas.map((delta) => {
    const body = stored.get(templateBlockKey(delta));
    if (body === undefined) return delta.body;
    const sum = TemplateBlock.decode(body);
    sum.merge(TemplateBlock.decode(delta.body));
    return sum.encode();
  });
  await transaction.query(
    `INSERT INTO template_block (level, start, source_id, body)
     SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::uuid[], $4::bytea[])
     ON CONFLICT (level, start, source_id) DO UPDATE SET body = excluded.body`,
    [...keys, bodies],
  );
}

export function templateBlockKey({ level, start, sourceId }: Omit<TemplateBlockDelta, 'body'>): string {
  return `${level}/${start}/${sourceId}`;
}

function deltaOf({ level, start, source_id, body }: BlockRow): TemplateBlockDelta {
  return { level, start, sourceId: source_id, body };
}
