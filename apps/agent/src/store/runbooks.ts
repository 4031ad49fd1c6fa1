import { RequestError, type Runbook, type RunbookBody, RunbookBodySchema } from '@sentinellog/shared';
import { z } from 'zod';
import type { ChangeActor } from '../pipeline/rule-change.ts';
import { appendAudit } from './audit.ts';
import { fromStorableJson, fromStorableText, toStorableJson, toStorableText } from './lossless-text.ts';
import type { Database, Transaction } from './postgres.ts';

/** A runbook with how well it fits the words that were searched for (PostgreSQL's `ts_rank`, 0 where none was). */
export interface RankedRunbook {
  readonly runbook: Runbook;
  readonly rank: number;
}

const RowSchema = z
  .object({
    runbook_id: z.string(),
    shipped_as: z.string().nullable(),
    body: z.string().transform((text) => RunbookBodySchema.parse(fromStorableJson(text))),
    version: z.number(),
    updated_by: z.string().transform(fromStorableText),
    updated_at_ms: z.number(),
  })
  .transform(({ body, ...rest }): Runbook => ({ ...body, ...rest }));

const COLUMNS = 'runbook_id, shipped_as, body::text AS body, version, updated_by, updated_at_ms';
/** Parameters $1 title, $2 tags, $3 services, $4 everything else. */
const WORDS = `setweight(to_tsvector('english', $1), 'A') || setweight(to_tsvector('english', $2), 'A')
            || setweight(to_tsvector('simple', $3), 'B') || setweight(to_tsvector('english', $4), 'D')`;
/** A question of more words than this finds no better. */
const MAX_WORDS = 40;
/** `to_tsvector` takes at most 1 MiB. */
const MAX_INDEXED_CHARS = 200_000;

/** The runbooks in PostgreSQL. Every change is versioned and written to the audit in the same transaction. */
export class RunbookTable {
  readonly #database: Pick<Database, 'query' | 'transaction'>;

  constructor(database: Pick<Database, 'query' | 'transaction'>) {
    this.#database = database;
  }

  async one(runbookId: string): Promise<Runbook | null> {
    const [row] = await this.#database.query(`SELECT ${COLUMNS} FROM runbook WHERE runbook_id = $1 AND NOT removed`, [
      runbookId,
    ]);
    return row === undefined ? null : RowSchema.parse(row);
  }

  /** Best fit first; without words the newest first. */
  async search(text: string, limit: number): Promise<RankedRunbook[]> {
    const words = searchWords(text);
    const rows =
      words.length === 0
        ? await this.#database.query(
            `SELECT ${COLUMNS}, 0::float8 AS rank FROM runbook WHERE NOT removed
             ORDER BY updated_at_ms DESC, runbook_id LIMIT $1`,
            [limit],
          )
        : await this.#database.query(
            `SELECT ${COLUMNS}, ts_rank(words, asked)::float8 AS rank
             FROM runbook, to_tsquery('english', $2) AS asked
             WHERE NOT removed AND words @@ asked ORDER BY rank DESC, runbook_id LIMIT $1`,
            [limit, words.join(' | ')],
          );
    return rows.map((row) => ({ runbook: RowSchema.parse(row), rank: Number(row['rank']) }));
  }

  async create(runbookId: string, body: RunbookBody, by: ChangeActor): Promise<Runbook> {
    return this.#database.transaction(async (transaction) => {
      const made = await insert(transaction, runbookId, null, body, by);
      await appendAudit(transaction, { ...by, action: 'runbook.create', object: runbookId, detail: { after: body } });
      return made;
    });
  }

  /**
   * @returns null where there is none; RequestError `conflict` when it has changed since `version`
   */
  async replace(runbookId: string, body: RunbookBody, version: number, by: ChangeActor): Promise<Runbook | null> {
    return this.#database.transaction(async (transaction) => {
      const before = await locked(transaction, runbookId);
      if (before === null) return null;
      requireVersion(before, version);
      const [row] = await transaction.query(
        `UPDATE runbook SET words = ${WORDS}, body = $5::jsonb, version = version + 1, updated_by = $6, updated_at_ms = $7
         WHERE runbook_id = $8 RETURNING ${COLUMNS}`,
        [...indexed(body), toStorableJson(body), toStorableText(by.actor), by.atMs, runbookId],
      );
      await appendAudit(transaction, {
        ...by,
        action: 'runbook.replace',
        object: runbookId,
        detail: { before: bodyOf(before), after: body },
      });
      return RowSchema.parse(row);
    });
  }

  /** False where there is none. */
  async remove(runbookId: string, version: number, by: ChangeActor): Promise<boolean> {
    return this.#database.transaction(async (transaction) => {
      const before = await locked(transaction, runbookId);
      if (before === null) return false;
      requireVersion(before, version);
      await transaction.query('UPDATE runbook SET removed = true, version = version + 1 WHERE runbook_id = $1', [
        runbookId,
      ]);
      await appendAudit(transaction, {
        ...by,
        action: 'runbook.remove',
        object: runbookId,
        detail: { before: bodyOf(before) },
      });
      return true;
    });
  }

  /** Adds what comes with the agent and is not there, once: what a person changed or removed stays so. */
  async addShipped(
    shipped: readonly { readonly name: string; readonly body: RunbookBody }[],
    newId: () => string,
    by: ChangeActor,
  ): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      const rows = await transaction.query<{ shipped_as: string }>(
        'SELECT shipped_as FROM runbook WHERE shipped_as IS NOT NULL',
      );
      const known = new Set(rows.map(({ shipped_as }) => shipped_as));
      for (const { name, body } of shipped) if (!known.has(name)) await insert(transaction, newId(), name, body, by);
    });
  }
}

async function insert(
  transaction: Transaction,
  runbookId: string,
  shippedAs: string | null,
  body: RunbookBody,
  by: ChangeActor,
): Promise<Runbook> {
  const [row] = await transaction.query(
    `INSERT INTO runbook (words, body, version, updated_by, updated_at_ms, runbook_id, shipped_as)
     VALUES (${WORDS}, $5::jsonb, 1, $6, $7, $8, $9) RETURNING ${COLUMNS}`,
    [...indexed(body), toStorableJson(body), toStorableText(by.actor), by.atMs, runbookId, shippedAs],
  );
  return RowSchema.parse(row);
}

async function locked(transaction: Transaction, runbookId: string): Promise<Runbook | null> {
  const [row] = await transaction.query(
    `SELECT ${COLUMNS} FROM runbook WHERE runbook_id = $1 AND NOT removed FOR UPDATE`,
    [runbookId],
  );
  return row === undefined ? null : RowSchema.parse(row);
}

function requireVersion(current: Runbook, version: number): void {
  if (current.version !== version)
    throw new RequestError(
      'conflict',
      `the runbook is at version ${current.version} (changed by ${current.updated_by}), not ${version}: read it again`,
    );
}

function bodyOf({ title, incident_date, services_affected, root_cause, resolution_steps, tags }: Runbook): RunbookBody {
  return { title, incident_date, services_affected, root_cause, resolution_steps, tags };
}

/** NUL is no part of any word, and no text of PostgreSQL holds it. */
const plain = (text: string) => text.replaceAll('\0', ' ').toWellFormed().slice(0, MAX_INDEXED_CHARS);

function indexed(body: RunbookBody): string[] {
  return [
    plain(body.title),
    plain(body.tags.join(' ')),
    plain(body.services_affected.join(' ')),
    plain(`${body.root_cause} ${body.resolution_steps.join(' ')}`),
  ];
}

/** Letters and digits only: nothing of the search language is left in them. */
function searchWords(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]{2,40}/gu) ?? [];
  return [...new Set(words)].slice(0, MAX_WORDS);
}
