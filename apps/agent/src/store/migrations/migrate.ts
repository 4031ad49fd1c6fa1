import type { Database, Transaction } from '../postgres.ts';
import type { StoreLog } from '../store-log.ts';
import * as firstTables from './0001-first-tables.ts';
import * as templates from './0002-templates.ts';
import * as verdicts from './0003-verdicts.ts';
import * as incidents from './0004-incidents.ts';
import * as notify from './0005-notify.ts';
import * as routing from './0006-routing.ts';
import * as runbooks from './0009-runbooks.ts';
import * as refusedEvents from './0010-refused-events.ts';
import * as rules from './0012-rules.ts';
import * as hooks from './0013-hooks.ts';
import * as keyLimits from './0020-key-limits.ts';

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  /** What SQL alone cannot do; in the same transaction, after the SQL. */
  readonly run?: (transaction: Transaction) => Promise<void>;
}

/** In order; what has once been released is never changed. Expand first, contract a release later. */
const MIGRATIONS: readonly Migration[] = [
  { number: 1, name: 'first tables', sql: firstTables.sql },
  { number: 2, name: 'templates', sql: templates.sql },
  { number: 3, name: 'verdicts', sql: verdicts.sql },
  { number: 4, name: 'incidents', sql: incidents.sql, run: incidents.run },
  { number: 5, name: 'notify', sql: notify.sql },
  { number: 6, name: 'routing', sql: routing.sql },
  { number: 9, name: 'runbooks and analyses', sql: runbooks.sql },
  { number: 10, name: 'refused events', sql: refusedEvents.sql },
  { number: 12, name: 'threshold rules', sql: rules.sql },
  { number: 13, name: 'automation hooks', sql: hooks.sql },
  { number: 20, name: 'key limits', sql: keyLimits.sql },
];

/** Any number, but always this one: two agents that start together must not migrate together. */
const MIGRATION_LOCK = 5_364_511;

/** Brings the schema to what this version needs, in one transaction; returns the numbers that were applied. */
export async function migrate(
  database: Pick<Database, 'transaction'>,
  log: StoreLog,
  nowMs: number,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<readonly number[]> {
  return database.transaction(async (transaction) => {
    await transaction.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await transaction.query(
      'CREATE TABLE IF NOT EXISTS schema_migration (number integer PRIMARY KEY, name text NOT NULL, at_ms bigint NOT NULL)',
    );
    const applied = await transaction.query<{ number: number }>('SELECT number FROM schema_migration');
    const known = new Set(applied.map(({ number }) => number));
    const missing = migrations.filter(({ number }) => !known.has(number));
    for (const { number, name, sql, run } of missing) {
      log.info({ number, name }, 'migrating the database');
      await transaction.query(sql);
      await run?.(transaction);
      await transaction.query('INSERT INTO schema_migration VALUES ($1, $2, $3)', [number, name, nowMs]);
    }
    const newest = Math.max(0, ...known);
    if (newest > (migrations.at(-1)?.number ?? 0))
      log.warn({ newest }, 'the database was migrated by a newer agent; running on what both understand');
    return missing.map(({ number }) => number);
  });
}
