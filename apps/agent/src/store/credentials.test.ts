import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessTokenTable, IngestKeyTable, type StoredIngestKey } from './credentials.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
import { migrate } from './migrations/migrate.ts';
import { Database } from './postgres.ts';
import { silentLog } from './testing/silent-log.ts';

const NOW = 1_767_229_200_000;
const BY = { actor: 'maria (Ab3dE6gH)', atMs: NOW };

let dataDir: string;
let server: EmbeddedPostgres;
let database: Database;
let keys: IngestKeyTable;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sentinellog-credentials-'));
  server = await startEmbeddedPostgres({ dataDir, log: silentLog });
  database = new Database(() => server.address(), silentLog);
  await database.connect();
  await migrate(database, silentLog, NOW);
  keys = new IngestKeyTable(database);
});
afterAll(async () => {
  await database.close();
  await server.stop();
  await rm(dataDir, { recursive: true });
});

const audit = () => database.query<{ action: string }>('SELECT actor, action, object FROM audit_entry ORDER BY seq');

function aKey(overrides: Partial<StoredIngestKey> = {}): StoredIngestKey {
  return {
    key_id: 'k0000001',
    name: 'fluent-bit\0eu',
    tenant: 'default',
    service: null,
    events_per_second: null,
    bytes_per_day: null,
    hash: Buffer.alloc(32, 7),
    pepper_id: 'c0ffee00',
    created_at_ms: NOW,
    last_used_ms: null,
    revoked_at_ms: null,
    ...overrides,
  };
}

describe('stored credentials', () => {
  it('come back as they were', async () => {
    const pinned = aKey({ key_id: 'k0000002', service: 'mainframe', created_at_ms: NOW + 1 });
    await keys.add(pinned, BY);
    await keys.add(aKey(), BY);
    expect(await keys.list()).toEqual([aKey(), pinned]);
    const token = { ...aKey(), token_id: 't0000001', role: 'operator' as const };
    const { key_id: _key, tenant: _t, service: _s, events_per_second: _e, bytes_per_day: _b, ...stored } = token;
    await accessTokenTable(database).add(stored, BY);
    expect(await accessTokenTable(database).list()).toEqual([stored]);
  });

  it('are revoked once: the first time stays, and only it is audited', async () => {
    expect(await keys.revoke('k0000002', NOW + 5, BY)).toMatchObject({ revoked_at_ms: NOW + 5 });
    expect(await keys.revoke('k0000002', NOW + 9, BY)).toMatchObject({ revoked_at_ms: NOW + 5 });
    expect(await keys.revoke('nosuchid', NOW, BY)).toBeUndefined();
    expect((await audit()).filter(({ action }) => action === 'key.revoke')).toEqual([
      { actor: BY.actor, action: 'key.revoke', object: 'k0000002' },
    ]);
  });

  it('have limits, whose changes are audited', async () => {
    await keys.add(aKey({ key_id: 'k0000003' }), BY);
    const limits = { events_per_second: 500, bytes_per_day: 5e12 };
    expect(await keys.limit('k0000003', limits, BY)).toMatchObject(limits);
    expect((await keys.list()).find(({ key_id }) => key_id === 'k0000003')).toMatchObject(limits);
    expect(await keys.limit('nosuchid', limits, BY)).toBeUndefined();
    expect((await audit()).at(-1)).toEqual({ actor: BY.actor, action: 'key.limit', object: 'k0000003' });
  });

  it('have another version after every change, and the same after a use', async () => {
    const before = await keys.version();
    await keys.touch(new Map([['k0000003', NOW + 70]]));
    expect(await keys.version()).toBe(before);
    await keys.limit('k0000003', { events_per_second: 501, bytes_per_day: null }, BY);
    const limited = await keys.version();
    expect(limited).not.toBe(before);
    await keys.revoke('k0000003', NOW, BY);
    expect(await keys.version()).not.toBe(limited);
  });

  it('keep the latest of their last uses', async () => {
    await keys.touch(new Map([['k0000001', NOW + 50]]));
    await keys.touch(new Map([['k0000001', NOW + 40]]));
    expect((await keys.list())[0]).toMatchObject({ last_used_ms: NOW + 50 });
  });

  it('are not stored without their audit entry', async () => {
    const before = (await audit()).length;
    await expect(keys.add(aKey(), BY)).rejects.toThrow('duplicate key');
    expect(await audit()).toHaveLength(before);
  });
});

describe('audit', () => {
  it.each(['UPDATE audit_entry SET actor = $1', 'DELETE FROM audit_entry WHERE actor <> $1', 'TRUNCATE audit_entry'])(
    'cannot be changed: %s',
    async (sql) => {
      await expect(database.query(sql, sql.includes('$1') ? ['nobody'] : [])).rejects.toThrow(
        'never changed or removed',
      );
    },
  );
});

describe('migrations', () => {
  const NEXT = {
    // Far beyond what is shipped.
    number: 9001,
    name: 'colour',
    sql: 'ALTER TABLE log_source ADD colour text; SELECT pg_sleep(0.2)',
  };

  it('are applied once, also by two agents that start together', async () => {
    const list = [{ number: 1, name: 'first tables', sql: 'never again' }, NEXT];
    const applied = await Promise.all([1, 2].map(() => migrate(database, silentLog, NOW, list)));
    expect(applied.flat()).toEqual([9001]);
  });

  it('leave nothing when one fails', async () => {
    const broken = { number: 9002, name: 'broken', sql: 'CREATE TABLE half (id int); SELECT no_such_column' };
    await expect(migrate(database, silentLog, NOW, [NEXT, broken])).rejects.toThrow('no_such_column');
    expect(await database.query("SELECT to_regclass('half') AS half")).toEqual([{ half: null }]);
  });

  it('let an older agent run on a newer schema', async () => {
    await expect(migrate(database, silentLog, NOW)).resolves.toEqual([]);
  });
});
