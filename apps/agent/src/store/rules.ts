import { RequestError, type Rule, type RuleBody, RuleBodySchema } from '@sentinellog/shared';
import { z } from 'zod';
import type { ChangeActor, RuleChange } from '../pipeline/rule-change.ts';
import { appendAudit } from './audit.ts';
import { fromStorableJson, fromStorableText, toStorableJson, toStorableText } from './lossless-text.ts';
import type { Database, Transaction } from './postgres.ts';

const RowSchema = z
  .object({
    rule_id: z.string(),
    shipped_as: z.string().nullable(),
    body: z.string().transform((text) => RuleBodySchema.parse(fromStorableJson(text))),
    version: z.number(),
    updated_by: z.string().transform(fromStorableText),
    updated_at_ms: z.number(),
  })
  .transform(({ body, ...rest }): Rule => ({ ...body, ...rest }));

const COLUMNS = 'rule_id, shipped_as, body::text AS body, version, updated_by, updated_at_ms';

/** Rules in PostgreSQL; each change with its audit entry, several in one transaction. */
export class RuleTable {
  readonly #database: Pick<Database, 'query' | 'transaction'>;

  constructor(database: Pick<Database, 'query' | 'transaction'>) {
    this.#database = database;
  }

  list(): Promise<Rule[]> {
    return readAll(this.#database);
  }

  async everShipped(): Promise<string[]> {
    const rows = await this.#database.query<{ shipped_as: string }>(
      'SELECT shipped_as FROM rule WHERE shipped_as IS NOT NULL',
    );
    return rows.map(({ shipped_as }) => shipped_as);
  }

  /** The whole set after the changes. RequestErrors as in the contract of the desk that calls it. */
  async apply(changes: readonly RuleChange[], by: ChangeActor): Promise<Rule[]> {
    return this.#database.transaction(async (transaction) => {
      for (const change of changes) await applyOne(transaction, change, by);
      return readAll(transaction);
    });
  }
}

async function readAll(source: Pick<Database, 'query'> | Transaction): Promise<Rule[]> {
  const rows = await source.query(`SELECT ${COLUMNS} FROM rule WHERE NOT removed ORDER BY name`);
  return rows.map((row) => RowSchema.parse(row));
}

async function applyOne(transaction: Transaction, change: RuleChange, by: ChangeActor): Promise<void> {
  const audit = (detail: Readonly<Record<string, unknown>>) =>
    appendAudit(transaction, { ...by, action: `rule.${change.type}`, object: change.ruleId, detail });
  const values = (body: RuleBody) => [
    change.ruleId,
    toStorableText(body.name),
    toStorableJson(body),
    toStorableText(by.actor),
    by.atMs,
  ];
  switch (change.type) {
    case 'create': {
      await requireFreeName(transaction, change.body.name, change.ruleId);
      await transaction.query(
        `INSERT INTO rule (rule_id, name, body, updated_by, updated_at_ms, version, shipped_as)
         VALUES ($1, $2, $3::jsonb, $4, $5, 1, $6)`,
        [...values(change.body), change.shippedAs],
      );
      return audit({ after: change.body });
    }
    case 'replace': {
      const before = await locked(transaction, change.ruleId, change.version);
      await requireFreeName(transaction, change.body.name, change.ruleId);
      await transaction.query(
        `UPDATE rule SET name = $2, body = $3::jsonb, updated_by = $4, updated_at_ms = $5, version = version + 1
         WHERE rule_id = $1`,
        values(change.body),
      );
      return audit({ before, after: change.body });
    }
    case 'remove': {
      const before = await locked(transaction, change.ruleId, change.version);
      // Its name is free for another rule from now on.
      await transaction.query(
        `UPDATE rule SET removed = true, version = version + 1, name = name || ' ' || rule_id::text WHERE rule_id = $1`,
        [change.ruleId],
      );
      return audit({ before });
    }
  }
}

async function locked(transaction: Transaction, ruleId: string, version: number): Promise<Rule> {
  const [row] = await transaction.query(`SELECT ${COLUMNS} FROM rule WHERE rule_id = $1 AND NOT removed FOR UPDATE`, [
    ruleId,
  ]);
  if (row === undefined) throw new RequestError('not_found', 'there is no rule with this id');
  const rule = RowSchema.parse(row);
  if (rule.version !== version)
    throw new RequestError(
      'conflict',
      `the rule "${rule.name}" is at version ${rule.version} (changed by ${rule.updated_by}), not ${version}: read it again`,
    );
  return rule;
}

async function requireFreeName(transaction: Transaction, name: string, ruleId: string): Promise<void> {
  const [taken] = await transaction.query('SELECT 1 FROM rule WHERE name = $1 AND rule_id <> $2', [
    toStorableText(name),
    ruleId,
  ]);
  if (taken !== undefined) throw new RequestError('invalid_request', `another rule is called "${name}" already`);
}
