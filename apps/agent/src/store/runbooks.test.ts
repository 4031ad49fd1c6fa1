import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunbookBody } from '@sentinellog/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore, type Store } from './store.ts';
import { silentLog } from './testing/silent-log.ts';

const NOW = 1_767_229_200_000;
const MIA = { actor: 'Mia', atMs: NOW };
const POOL = '01996f00-0000-7000-8000-0000000000a1';
const QUIET = '01996f00-0000-7000-8000-0000000000b1';
const LOGIN = '01996f00-0000-7000-8000-0000000000a2';

function aRunbook(overrides: Partial<RunbookBody> = {}): RunbookBody {
  return {
    title: 'Database connection pool exhausted',
    incident_date: '2025-03-14',
    services_affected: ['payment-service'],
    root_cause: 'A slow query held its connections.',
    resolution_steps: ['End the statement.'],
    tags: ['database', 'pool'],
    ...overrides,
  };
}

let dataDir: string;
let store: Store;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sentinellog-runbooks-'));
  store = await openStore({ config: { dataDir, database: {} }, log: silentLog, now: () => NOW });
  await store.restore();
  await store.runbooks.create(POOL, aRunbook(), MIA);
  await store.runbooks.create(
    LOGIN,
    aRunbook({
      title: 'Failed logins',
      services_affected: ['auth-service'],
      tags: ['brute', 'force'],
      root_cause: 'Somebody tries passwords.',
    }),
    MIA,
  );
});
afterAll(async () => {
  await store.close();
  await rm(dataDir, { recursive: true });
});

const titles = async (text: string) => (await store.runbooks.search(text, 10)).map(({ runbook }) => runbook.title);

describe('RunbookTable', () => {
  it('finds by the words of what was logged, best fit first', async () => {
    expect(await titles('could not get a connection: pool exhausted, passwords fine')).toEqual([
      'Database connection pool exhausted',
      'Failed logins',
    ]);
    expect(await titles('kernel panic')).toEqual([]);
  });

  it('takes hostile text as words', async () => {
    expect(await titles(`pool' & !(x:* | <-> "\0 \ud800 DROP TABLE runbook; --`)).toEqual([
      'Database connection pool exhausted',
    ]);
  });

  it('keeps any text as it was given', async () => {
    const body = aRunbook({ title: 'NUL \0 and half a pair \ud800', root_cause: '<script>alert(1)</script>' });
    const made = await store.runbooks.create('01996f00-0000-7000-8000-0000000000a3', body, MIA);
    expect(made).toMatchObject(body);
    expect(await store.runbooks.remove(made.runbook_id, 1, MIA)).toBe(true);
    expect(await store.runbooks.one(made.runbook_id)).toBeNull();
  });

  it('refuses a change to a version that is gone, and names who changed it', async () => {
    await store.runbooks.replace(POOL, aRunbook({ tags: ['pool'] }), 1, { actor: 'Otto', atMs: NOW });
    await expect(store.runbooks.replace(POOL, aRunbook(), 1, MIA)).rejects.toThrow('changed by Otto');
    expect(await store.runbooks.one(POOL)).toMatchObject({ version: 2, tags: ['pool'], updated_by: 'Otto' });
  });

  it('adds what ships once, and does not bring back what a person removed', async () => {
    const shipped = [{ name: 'service-went-quiet', body: aRunbook({ title: 'A service stopped logging' }) }];
    await store.runbooks.addShipped(shipped, () => QUIET, MIA);
    await store.runbooks.addShipped(shipped, () => QUIET, MIA);
    expect(await store.runbooks.remove(QUIET, 1, MIA)).toBe(true);
    await store.runbooks.addShipped(shipped, () => QUIET, MIA);
    expect(await titles('stopped logging')).toEqual([]);
  });
});
