import {
  type Hook,
  type HookBody,
  HookBodySchema,
  type HookRun,
  HookRunSchema,
  RequestError,
} from '@sentinellog/shared';
import { z } from 'zod';
import type { ChangeActor } from '../pipeline/rule-change.ts';
import { appendAudit } from './audit.ts';
import { fromStorableJson, fromStorableText, toStorableJson, toStorableText } from './lossless-text.ts';
import type { Database, Transaction } from './postgres.ts';

/** Seals what must not lie open in the database; `owner` is what it belongs to. */
export interface SecretSeal {
  seal(secrets: Readonly<Record<string, string>>, owner: string): Uint8Array;
  /** null: sealed under another key, or damaged. */
  open(sealed: Uint8Array, owner: string): Readonly<Record<string, string>> | null;
}

const runOf = (text: string): HookRun => HookRunSchema.parse(fromStorableJson(text));
const RowSchema = z
  .object({
    hook_id: z.string(),
    body: z.string().transform((text) => HookBodySchema.omit({ secret: true }).parse(fromStorableJson(text))),
    has_secret: z.boolean(),
    last_run: z.string().nullable(),
    version: z.number(),
    updated_by: z.string().transform(fromStorableText),
    updated_at_ms: z.number(),
  })
  .transform(
    ({ body, last_run, ...rest }): Hook => ({
      ...body,
      ...rest,
      last_run: last_run === null ? null : runOf(last_run),
    }),
  );

const SELECT = `SELECT h.hook_id, h.body::text AS body, h.secret IS NOT NULL AS has_secret, h.version, h.updated_by,
                       h.updated_at_ms, r.body::text AS last_run
                FROM hook h LEFT JOIN LATERAL
                     (SELECT body FROM hook_run WHERE hook_id = h.hook_id ORDER BY at_ms DESC LIMIT 1) r ON true`;

/** Hooks in PostgreSQL; each change with its audit entry in the same transaction. */
export class HookTable {
  readonly #database: Pick<Database, 'query' | 'transaction'>;
  readonly #seal: SecretSeal;

  constructor(database: Pick<Database, 'query' | 'transaction'>, seal: SecretSeal) {
    this.#database = database;
    this.#seal = seal;
  }

  async list(): Promise<Hook[]> {
    return (await this.#database.query(`${SELECT} ORDER BY h.name`)).map((row) => RowSchema.parse(row));
  }

  async one(hookId: string): Promise<Hook | null> {
    const [row] = await this.#database.query(`${SELECT} WHERE h.hook_id = $1`, [hookId]);
    return row === undefined ? null : RowSchema.parse(row);
  }

  /** null: it has none. RequestError `internal` when it cannot be opened any more. */
  async secretOf(hookId: string): Promise<string | null> {
    const [row] = await this.#database.query<{ secret: Uint8Array | null }>(
      'SELECT secret FROM hook WHERE hook_id = $1',
      [hookId],
    );
    if (row?.secret == null) return null;
    const secret = this.#seal.open(row.secret, `hook/${hookId}`)?.['secret'];
    if (secret === undefined)
      throw new RequestError('internal', "the hook's secret was sealed under another key: set it again");
    return secret;
  }

  create(hookId: string, body: HookBody, by: ChangeActor): Promise<Hook> {
    return this.#database.transaction(async (transaction) => {
      await requireFreeName(transaction, body.name, hookId);
      await transaction.query(
        `INSERT INTO hook (hook_id, name, body, secret, version, updated_by, updated_at_ms)
         VALUES ($1, $2, $3::jsonb, $4, 1, $5, $6)`,
        [...this.#values(hookId, body), toStorableText(by.actor), by.atMs],
      );
      return this.#audited(transaction, 'hook.create', hookId, body, by);
    });
  }

  /** null where there is none; RequestError `conflict` when it has changed since `version`. */
  replace(hookId: string, body: HookBody, version: number, by: ChangeActor): Promise<Hook | null> {
    return this.#database.transaction(async (transaction) => {
      if (!(await requireVersion(transaction, hookId, version))) return null;
      await requireFreeName(transaction, body.name, hookId);
      await transaction.query(
        `UPDATE hook SET name = $2, body = $3::jsonb, secret = coalesce($4, secret), version = version + 1,
                         updated_by = $5, updated_at_ms = $6 WHERE hook_id = $1`,
        [...this.#values(hookId, body), toStorableText(by.actor), by.atMs],
      );
      return this.#audited(transaction, 'hook.replace', hookId, body, by);
    });
  }

  /** False where there is none. Its runs stay as history. */
  remove(hookId: string, version: number, by: ChangeActor): Promise<boolean> {
    return this.#database.transaction(async (transaction) => {
      if (!(await requireVersion(transaction, hookId, version))) return false;
      await transaction.query('DELETE FROM hook WHERE hook_id = $1', [hookId]);
      await appendAudit(transaction, { ...by, action: 'hook.remove', object: hookId, detail: {} });
      return true;
    });
  }

  /** Newest first. */
  async runs(hookId: string, limit: number): Promise<HookRun[]> {
    const rows = await this.#database.query<{ body: string }>(
      'SELECT body::text AS body FROM hook_run WHERE hook_id = $1 ORDER BY at_ms DESC, run_id DESC LIMIT $2',
      [hookId, limit],
    );
    return rows.map(({ body }) => runOf(body));
  }

  /** See the contract of the runner: the hook's row is the lock that keeps two people from running it at once. */
  begin(run: HookRun, idempotencyKey: string, cooldownMs: number): Promise<{ run: HookRun; isNew: boolean }> {
    return this.#database.transaction(async (transaction) => {
      await transaction.query('SELECT 1 FROM hook WHERE hook_id = $1 FOR UPDATE', [run.hook_id]);
      const [same] = await transaction.query<{ body: string }>(
        'SELECT body::text AS body FROM hook_run WHERE hook_id = $1 AND idempotency_key = $2',
        [run.hook_id, idempotencyKey],
      );
      if (same !== undefined) return { run: runOf(same.body), isNew: false };
      const [recent] = await transaction.query<{ at_ms: number }>(
        'SELECT at_ms FROM hook_run WHERE hook_id = $1 AND at_ms > $2 ORDER BY at_ms DESC LIMIT 1',
        [run.hook_id, run.at_ms - cooldownMs],
      );
      if (recent !== undefined) {
        const left = Math.ceil((recent.at_ms + cooldownMs - run.at_ms) / 1000);
        throw new RequestError('conflict', `the hook has just run; it may run again in ${left} s`);
      }
      await transaction.query(
        'INSERT INTO hook_run (run_id, hook_id, idempotency_key, at_ms, body) VALUES ($1, $2, $3, $4, $5::jsonb)',
        [run.run_id, run.hook_id, toStorableText(idempotencyKey), run.at_ms, toStorableJson(run)],
      );
      await appendAudit(transaction, {
        atMs: run.at_ms,
        actor: run.by,
        action: 'hook.run',
        object: run.hook_id,
        detail: { run_id: run.run_id, incident_id: run.incident_id },
      });
      return { run, isNew: true };
    });
  }

  async finish(run: HookRun): Promise<void> {
    await this.#database.query('UPDATE hook_run SET body = $2::jsonb WHERE run_id = $1', [
      run.run_id,
      toStorableJson(run),
    ]);
  }

  /** Runs from before then whose agent ended in their middle: nobody knows how they went. */
  async endInterrupted(beforeMs: number): Promise<void> {
    await this.#database.query(
      `UPDATE hook_run SET body = body || jsonb_build_object('state', 'failed', 'answer', $2::text)
       WHERE at_ms < $1 AND body->>'state' = 'running'`,
      [beforeMs, 'the agent ended before the answer came: look at the other side whether it was done'],
    );
  }

  #values(hookId: string, { secret, ...body }: HookBody): unknown[] {
    const sealed = secret === undefined ? null : this.#seal.seal({ secret }, `hook/${hookId}`);
    return [hookId, toStorableText(body.name), toStorableJson(body), sealed];
  }

  async #audited(
    transaction: Transaction,
    action: string,
    hookId: string,
    { secret, ...body }: HookBody,
    by: ChangeActor,
  ): Promise<Hook> {
    const detail = { after: body, secret: secret === undefined ? 'unchanged' : 'set' };
    await appendAudit(transaction, { ...by, action, object: hookId, detail });
    const [row] = await transaction.query(`${SELECT} WHERE h.hook_id = $1`, [hookId]);
    return RowSchema.parse(row);
  }
}

async function requireVersion(transaction: Transaction, hookId: string, version: number): Promise<boolean> {
  const [row] = await transaction.query<{ version: number; updated_by: string }>(
    'SELECT version, updated_by FROM hook WHERE hook_id = $1 FOR UPDATE',
    [hookId],
  );
  if (row === undefined) return false;
  if (row.version !== version)
    throw new RequestError(
      'conflict',
      `the hook is at version ${row.version} (changed by ${fromStorableText(row.updated_by)}), not ${version}: read it again`,
    );
  return true;
}

async function requireFreeName(transaction: Transaction, name: string, hookId: string): Promise<void> {
  const [taken] = await transaction.query('SELECT 1 FROM hook WHERE name = $1 AND hook_id <> $2', [
    toStorableText(name),
    hookId,
  ]);
  if (taken !== undefined) throw new RequestError('invalid_request', `another hook is called "${name}" already`);
}
