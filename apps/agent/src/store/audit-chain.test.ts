import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditRecord } from '@sentinellog/shared';
import { Client } from 'pg';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHAIN_START, type ChainEnd, type ChainVerdict, compareEnd, followChain, linkHash } from './audit-chain.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import * as firstTables from './migrations/0001-first-tables.ts';
import { migrate } from './migrations/migrate.ts';
import { Database } from './postgres.ts';
import { appendAudit, readAudit, readAuditHead } from './audit.ts';
import { silentLog } from './testing/silent-log.ts';

/** Short here; the long form sets a million. */
const TAMPERINGS = Number(process.env['SENTINELLOG_TAMPERINGS'] ?? 1000);

function aChain(length: number): AuditRecord[] {
  let prev_hash = CHAIN_START.hash;
  return Array.from({ length }, (_, index) => {
    const entry = {
      seq: index + 1,
      at_ms: 1_767_229_200_000 + index,
      actor: index % 2 ? 'Mia' : 'Otto',
      action: 'incident.ack',
      object: `incident-${index}`,
      detail: { version: index, nested: { list: [1, 'two', null], share: 0.1 } },
    };
    const record = { ...entry, prev_hash, hash: linkHash(prev_hash, entry) };
    prev_hash = record.hash;
    return record;
  });
}

function verdictOn(chain: readonly AuditRecord[], head: ChainEnd): ChainVerdict {
  const followed = followChain(CHAIN_START, chain);
  return followed.ok ? compareEnd(followed.end, head) : followed;
}

const CHAIN = aChain(40);
const HEAD: ChainEnd = { seq: 40, hash: CHAIN[39].hash };

const tampering = fc.oneof(
  fc.record({
    type: fc.constant('field' as const),
    at: fc.nat(39),
    field: fc.constantFrom('seq', 'at_ms', 'actor', 'action', 'object', 'detail', 'prev_hash', 'hash'),
  }),
  fc.record({ type: fc.constant('remove' as const), at: fc.nat(39) }),
  fc.record({ type: fc.constant('swap' as const), at: fc.nat(38) }),
  fc.record({ type: fc.constant('repeat' as const), at: fc.nat(39) }),
  fc.record({ type: fc.constant('cut' as const), at: fc.integer({ min: 1, max: 39 }) }),
  // Somebody who knows the formula rewrites everything from here on, but not the head that is kept elsewhere.
  fc.record({ type: fc.constant('rewrite' as const), at: fc.nat(39) }),
);

function tampered(
  chain: readonly AuditRecord[],
  how: typeof tampering extends fc.Arbitrary<infer T> ? T : never,
): AuditRecord[] {
  const copy = structuredClone([...chain]);
  const entry = copy[how.at];
  switch (how.type) {
    case 'field': {
      const value = entry[how.field];
      const other = typeof value === 'number' ? value + 1 : typeof value === 'string' ? flip(value) : { version: -1 };
      copy[how.at] = { ...entry, [how.field]: other };
      return copy;
    }
    case 'remove':
      return copy.toSpliced(how.at, 1);
    case 'swap':
      return copy.with(how.at, copy[how.at + 1]).with(how.at + 1, entry);
    case 'repeat':
      return copy.toSpliced(how.at, 0, entry);
    case 'cut':
      return copy.slice(0, how.at);
    case 'rewrite': {
      copy[how.at] = { ...entry, actor: 'nobody' };
      for (let index = how.at; index < copy.length; index++) {
        const prev_hash = index === 0 ? CHAIN_START.hash : copy[index - 1].hash;
        copy[index] = { ...copy[index], prev_hash, hash: linkHash(prev_hash, copy[index]) };
      }
      return copy;
    }
  }
  return copy;
}

function flip(text: string): string {
  return text.startsWith('a') ? `b${text.slice(1)}` : `a${text.slice(1)}`;
}

describe('the audit chain', () => {
  it('is intact as it was written', () => {
    expect(verdictOn(CHAIN, HEAD)).toEqual({ ok: true, end: HEAD });
    expect(verdictOn([], CHAIN_START)).toEqual({ ok: true, end: CHAIN_START });
  });

  it('shows every tampering, and where', () => {
    fc.assert(
      fc.property(tampering, (how) => {
        const verdict = verdictOn(tampered(CHAIN, how), HEAD);
        expect(verdict.ok).toBe(false);
        if (verdict.ok || how.type === 'rewrite') return;
        const first = how.at + 1;
        // A changed number shows at the entry itself; what takes its place shows there too.
        expect([first, first + 1]).toContain(verdict.badSeq);
      }),
      { numRuns: TAMPERINGS },
    );
  });
});

const write = (database: Database, number: number) =>
  database
    .transaction(async (transaction) => {
      const detail = { number, nothing: undefined, minus: -0, odd: 'x\0\uD800', big: 1e21, tiny: 1e-7 };
      await appendAudit(transaction, { atMs: number, actor: 'Mia', action: 'test', object: `o${number}`, detail });
      if (number % 5 === 0) throw new Error('changed my mind');
    })
    .catch(() => undefined);

describe('the audit in the database', () => {
  let dataDir: string;
  let server: Awaited<ReturnType<typeof startEmbeddedPostgres>>;
  let database: Database;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'sentinellog-audit-'));
    server = await startEmbeddedPostgres({ dataDir, log: silentLog });
    database = new Database(() => server.address(), silentLog);
    await database.connect();
  });
  afterAll(async () => {
    await database.close();
    await server.stop();
    await rm(dataDir, { recursive: true });
  });

  const verdict = async () =>
    verdictOn(await readAudit(database, { order: 'asc', after: 0, limit: 10_000 }), await readAuditHead(database));

  it('makes a chain of what was there before it was one, gaps closed', async () => {
    await migrate(database, silentLog, 0, [{ number: 1, name: 'first tables', sql: firstTables.sql }]);
    const old = ['a\0', 'b', 'c'].map((object) => [
      1.5e12,
      'Ada',
      'key.create',
      object.replace('\0', '\uF8FE0000'),
      '{"n": 1.10, "b": [true]}',
    ]);
    for (const [index, values] of old.entries()) {
      // A transaction that is rolled back leaves a gap in the identity.
      if (index === 1) await database.query("SELECT nextval(pg_get_serial_sequence('audit_entry', 'seq'))");
      await database.query(
        'INSERT INTO audit_entry (at_ms, actor, action, object, detail) VALUES ($1, $2, $3, $4, $5)',
        values,
      );
    }
    await migrate(database, silentLog, 0);
    const entries = await readAudit(database, { order: 'asc', limit: 10 });
    expect(entries.map(({ seq, object }) => `${seq} ${object}`)).toEqual(['1 a\0', '2 b', '3 c']);
    expect(await verdict()).toMatchObject({ ok: true, end: { seq: 3 } });
  });

  it('stays gapless and in order when many write at once and some give up', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, number) => write(database, number)));
    expect(await verdict()).toMatchObject({ ok: true, end: { seq: 43 } });
  });

  it('takes no change and no removal, and shows one that was made all the same', async () => {
    await expect(database.query("UPDATE audit_entry SET actor = 'x'")).rejects.toThrow(/never changed/);
    await expect(database.query('DELETE FROM audit_entry')).rejects.toThrow(/never changed/);
    const owner = new Client(server.address());
    await owner.connect();
    await owner.query('ALTER TABLE audit_entry DISABLE TRIGGER append_only');
    await owner.query(`UPDATE audit_entry SET detail = '{"number": 0}' WHERE seq = 20`);
    await owner.end();
    expect(await verdict()).toMatchObject({ ok: false, badSeq: 20 });
  });
});
