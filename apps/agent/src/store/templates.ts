import { z } from 'zod';
import type {
  MinerHead,
  RestoredTemplates,
  TemplateAlias,
  TemplateCheckpoint,
  TemplateRow,
} from '../pipeline/template-checkpoint.ts';
import { appendAudit } from './audit.ts';
import { fromStorableJson, fromStorableText, toStorableJson, toStorableText } from './lossless-text.ts';
import type { Database, Transaction } from './postgres.ts';
import { readOpenTemplateMinutes } from './template-blocks.ts';

/** More than an agent can tell apart at a time (8,192), and what a start reads in well under a second. */
const MAX_ROWS = 30_000;
const MAX_ALIASES = 65_536;
const CHUNK = 500;

const HeadSchema = z.object({
  lines: z.number(),
  nextId: z.number(),
  live: z.array(
    z.object({
      id: z.number(),
      templateId: z.string(),
      hits: z.number(),
      weight: z.number(),
      lastLine: z.number(),
    }),
  ),
});
const MinedSchema = z.object({
  codes: z.array(z.number()),
  texts: z.array(z.string()),
  isGeneralised: z.boolean(),
});
const ExamplesSchema = z.array(z.string());

/** What people have said of templates. */
export interface TemplateMark {
  readonly templateId: string;
  readonly name: string | null;
  readonly pinned: boolean;
}

export interface TemplateMarks {
  readonly marks: readonly TemplateMark[];
  /** Templates merged by hand. */
  readonly merges: readonly TemplateAlias[];
}

export async function readTemplates(database: Pick<Database, 'query'>): Promise<RestoredTemplates> {
  const [head] = await database.query<{ body: string }>('SELECT body::text FROM template_miner');
  const miner = head === undefined ? null : HeadSchema.parse(fromStorableJson(head.body));
  const rows = await database.query<{ template_id: string; text: string; mined: string; examples: string }>(
    `SELECT template_id, text, mined::text, examples::text FROM template
     WHERE template_id = ANY($1::text[])
        OR template_id IN (SELECT template_id FROM template ORDER BY changed_ms DESC LIMIT ${MAX_ROWS})`,
    [miner?.live.map(({ templateId }) => templateId) ?? []],
  );
  const templates = rows.map(
    ({ template_id, text, mined, examples }): TemplateRow => ({
      templateId: template_id,
      text: fromStorableText(text),
      ...MinedSchema.parse(fromStorableJson(mined)),
      examples: ExamplesSchema.parse(fromStorableJson(examples)),
    }),
  );
  const aliases = await database.query<{ from_id: string; to_id: string }>(
    `SELECT from_id, to_id FROM template_alias WHERE NOT by_hand ORDER BY at_ms DESC LIMIT ${MAX_ALIASES}`,
  );
  const uses = await database.query<{ source_id: string; body: Uint8Array }>(
    'SELECT source_id, body FROM template_use',
  );
  return {
    miner,
    templates,
    aliases: aliases.map(aliasOf).toReversed(),
    uses: new Map(uses.map(({ source_id, body }) => [source_id, body])),
    openMinutes: await readOpenTemplateMinutes(database),
  };
}

/** All but the blocks; may be written twice. */
export async function writeTemplates(
  transaction: Transaction,
  { miner, templates, aliases, uses }: TemplateCheckpoint,
  atMs: number,
): Promise<void> {
  for (let from = 0; from < templates.length; from += CHUNK) {
    const chunk = templates.slice(from, from + CHUNK);
    await transaction.query(
      `INSERT INTO template (template_id, text, mined, examples, changed_ms)
       SELECT *, $5::bigint FROM unnest($1::text[], $2::text[], $3::jsonb[], $4::jsonb[])
       ON CONFLICT (template_id) DO UPDATE SET
         text = excluded.text, mined = excluded.mined, changed_ms = excluded.changed_ms,
         -- One that comes back after it was given up has fewer examples than it had.
         examples = CASE WHEN jsonb_array_length(excluded.examples) >= jsonb_array_length(template.examples)
                         THEN excluded.examples ELSE template.examples END`,
      [
        chunk.map(({ templateId }) => templateId),
        chunk.map(({ text }) => toStorableText(text)),
        chunk.map(({ codes, texts, isGeneralised }) => toStorableJson({ codes, texts, isGeneralised })),
        chunk.map(({ examples }) => toStorableJson(examples)),
        atMs,
      ],
    );
  }
  if (aliases.length > 0) await writeAliases(transaction, aliases, false, atMs);
  const used = [...uses];
  for (let from = 0; from < used.length; from += CHUNK) {
    const chunk = used.slice(from, from + CHUNK);
    await transaction.query(
      `INSERT INTO template_use (source_id, body) SELECT * FROM unnest($1::uuid[], $2::bytea[])
       ON CONFLICT (source_id) DO UPDATE SET body = excluded.body`,
      [chunk.map(([sourceId]) => sourceId), chunk.map(([, body]) => body)],
    );
  }
  await writeMiner(transaction, miner);
}

async function writeMiner(transaction: Transaction, miner: MinerHead): Promise<void> {
  await transaction.query(
    `INSERT INTO template_miner (body) VALUES ($1) ON CONFLICT (only_row) DO UPDATE SET body = excluded.body
     WHERE template_miner.body <> excluded.body`,
    [toStorableJson(miner)],
  );
}

async function writeAliases(
  transaction: Transaction,
  aliases: readonly TemplateAlias[],
  byHand: boolean,
  atMs: number,
): Promise<void> {
  // The same name twice in one statement is refused: the last one counts.
  const last = [...new Map(aliases.map(({ from, to }) => [from, to]))];
  await transaction.query(
    `INSERT INTO template_alias (from_id, to_id, by_hand, at_ms)
     SELECT *, $3::boolean, $4::bigint FROM unnest($1::text[], $2::text[])
     ON CONFLICT (from_id) DO UPDATE SET to_id = excluded.to_id, by_hand = excluded.by_hand, at_ms = excluded.at_ms`,
    [last.map(([from]) => from), last.map(([, to]) => to), byHand, atMs],
  );
}

export async function readTemplateMarks(database: Pick<Database, 'query'>): Promise<TemplateMarks> {
  const marks = await database.query<{ template_id: string; name: string | null; pinned: boolean }>(
    'SELECT template_id, name, pinned FROM template WHERE name IS NOT NULL OR pinned',
  );
  const merges = await database.query<{ from_id: string; to_id: string }>(
    'SELECT from_id, to_id FROM template_alias WHERE by_hand ORDER BY at_ms, from_id',
  );
  return {
    marks: marks.map(({ template_id, name, pinned }) => ({
      templateId: template_id,
      name: name === null ? null : fromStorableText(name),
      pinned,
    })),
    merges: merges.map(aliasOf),
  };
}

/** False: there is no such template in the store (yet). The change and its audit entry are one transaction. */
export async function saveTemplateMark(
  database: Pick<Database, 'transaction'>,
  { templateId, name, pinned }: TemplateMark,
  by: { readonly actor: string; readonly atMs: number },
): Promise<boolean> {
  return database.transaction(async (transaction) => {
    const found = await transaction.query(
      'UPDATE template SET name = $2, pinned = $3 WHERE template_id = $1 RETURNING template_id',
      [templateId, name === null ? null : toStorableText(name), pinned],
    );
    if (found.length === 0) return false;
    await appendAudit(transaction, { ...by, action: 'template.patch', object: templateId, detail: { name, pinned } });
    return true;
  });
}

/** Templates shown as one from now on, or, with `to` null, on their own again. */
export async function saveTemplateMerge(
  database: Pick<Database, 'transaction'>,
  { from, to }: { readonly from: readonly string[]; readonly to: string | null },
  by: { readonly actor: string; readonly atMs: number },
): Promise<void> {
  await database.transaction(async (transaction) => {
    if (to === null) {
      await transaction.query('DELETE FROM template_alias WHERE by_hand AND from_id = ANY($1::text[])', [from]);
    } else
      await writeAliases(
        transaction,
        from.map((one) => ({ from: one, to })),
        true,
        by.atMs,
      );
    const action = to === null ? 'template.split' : 'template.merge';
    await appendAudit(transaction, { ...by, action, object: to ?? from.join(' '), detail: { from, to } });
  });
}

function aliasOf({ from_id, to_id }: { readonly from_id: string; readonly to_id: string }): TemplateAlias {
  return { from: from_id, to: to_id };
}
