import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Delivery } from '../pipeline/delivery.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
import { migrate } from './migrations/migrate.ts';
import { NotifyLease } from './notify-lease.ts';
import { Outbox } from './outbox.ts';
import { Database } from './postgres.ts';
import { silentLog } from './testing/silent-log.ts';

const NOW = 1_767_229_200_000;
const INCIDENT = '01996f00-0000-7000-8000-0000000000b1';
const AGENTS = ['01996f00-0000-7000-8000-00000000000a', '01996f00-0000-7000-8000-00000000000b'] as const;

let folder: string;
let server: EmbeddedPostgres;
let database: Database;
let outbox: Outbox;
let nowMs = NOW;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sentinellog-outbox-'));
  server = await startEmbeddedPostgres({ dataDir: folder, log: silentLog });
  const { user, password, database: name, port } = server.address();
  const connectionString = `postgresql://${user}:${password}@127.0.0.1:${port}/${name}`;
  database = new Database(() => ({ connectionString }), silentLog);
  await database.connect();
  await migrate(database, silentLog, NOW);
  outbox = new Outbox(database, () => nowMs);
});
afterAll(async () => {
  await database.close();
  await server.stop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  nowMs = NOW;
  await database.query('TRUNCATE outbox, notify_thread, notify_heard RESTART IDENTITY');
  await database.query(`UPDATE notify_lease SET expires_at = '-infinity'`);
});

function delivery(transition: Delivery['transition'], turn: number, overrides: Partial<Delivery> = {}): Delivery {
  const base = { incidentId: INCIDENT, channelId: 'slack', because: 'P1 pages\0at all hours', batch: false };
  return { ...base, transition, turn, notBeforeMs: 0, ...overrides };
}
const insert = (...deliveries: readonly Delivery[]) =>
  database.transaction((transaction) => outbox.insert(transaction, deliveries));
async function lead(agent = 0): Promise<number> {
  const fence = await new NotifyLease(database, AGENTS[agent]).take(60_000);
  if (fence === null) throw new Error('the lease is taken');
  return fence;
}
const words = (rows: readonly Delivery[]) => rows.map(({ transition, turn }) => `${transition} ${turn}`);

describe('the outbox', () => {
  it('takes the same delivery once', async () => {
    await insert(delivery('opened', 1), delivery('opened', 1));
    await insert(delivery('opened', 1));
    const due = await outbox.due(await lead());
    expect(due).toMatchObject([
      { transition: 'opened', because: 'P1 pages\0at all hours', attempts: 0, inDoubt: false },
    ]);
  });

  it('goes with its transaction', async () => {
    const undone = database.transaction(async (transaction) => {
      await outbox.insert(transaction, [delivery('opened', 1)]);
      throw new Error('the change itself failed');
    });
    await expect(undone).rejects.toThrow();
    expect(await outbox.due(await lead())).toEqual([]);
  });

  it('never lets a resolve overtake its trigger, and other incidents pass', async () => {
    const fence = await lead();
    await insert(delivery('resolved', 3), delivery('opened', 1), delivery('opened', 1, { incidentId: 'other' }));
    const [first, other] = (await outbox.due(fence)).toSorted((a, b) => a.incidentId.localeCompare(b.incidentId));
    expect(words([first, other])).toEqual(['opened 1', 'opened 1']);
    await outbox.claim([first], fence);
    await outbox.retryAt([first], fence, NOW + 5000, 'unreachable');
    expect(words(await outbox.due(fence))).toEqual(['opened 1']);
    nowMs += 5000;
    expect((await outbox.due(fence)).filter(({ incidentId }) => incidentId === INCIDENT)).toMatchObject([
      { attempts: 1 },
    ]);
  });

  it('holds until its time has come', async () => {
    const fence = await lead();
    await insert(delivery('acknowledged', 2, { notBeforeMs: NOW + 4000 }));
    expect(await outbox.due(fence)).toEqual([]);
    nowMs += 4000;
    expect(words(await outbox.due(fence))).toEqual(['acknowledged 2']);
  });

  it('leaves out an update that a later delivery shows', async () => {
    const fence = await lead();
    await insert(delivery('updated', 2), delivery('updated', 3), delivery('acknowledged', 4));
    expect(words(await outbox.due(fence))).toEqual(['acknowledged 4']);
  });

  it('takes back what nobody was given, and says what may have left', async () => {
    const fence = await lead();
    await insert(
      delivery('acknowledged', 2, { notBeforeMs: NOW + 4000 }),
      delivery('acknowledged', 2, { channelId: 'pd' }),
    );
    const undo = () => database.transaction((transaction) => outbox.cancel(transaction, INCIDENT, 'acknowledged'));
    await outbox.claim(await outbox.due(fence), fence);
    expect(await undo()).toBe(1);
    nowMs += 10_000;
    expect(await outbox.due(fence)).toEqual([]);
  });

  it('is not said back to the channel that told it', async () => {
    const fence = await lead();
    await insert(delivery('acknowledged', 2), delivery('acknowledged', 2, { channelId: 'pd' }));
    await outbox.heard(INCIDENT, 'pd', 'acknowledged');
    const due = await outbox.due(fence);
    expect(due.map(({ channelId, heard }) => [channelId, heard])).toEqual([
      ['slack', false],
      ['pd', true],
    ]);
    await database.query('UPDATE notify_heard SET at_ms = at_ms - 120000');
    expect((await outbox.due(fence)).every(({ heard }) => !heard)).toBe(true);
  });

  it('remembers what the channel calls the incident', async () => {
    const fence = await lead();
    await insert(delivery('opened', 1));
    await outbox.sent(await outbox.claim(await outbox.due(fence), fence), fence, '17.1', { ts: '17.1' });
    await insert(delivery('resolved', 2));
    expect(await outbox.due(fence)).toMatchObject([{ transition: 'resolved', ref: { ts: '17.1' } }]);
    expect(await outbox.incidentsOf('slack', { ts: '17.1' })).toEqual([INCIDENT]);
  });

  it('gives up what is too old and what names no channel', async () => {
    await insert(delivery('opened', 1), delivery('opened', 1, { channelId: 'gone' }));
    expect(await outbox.expire(NOW - 1, ['slack'])).toBe(1);
    expect(await outbox.expire(NOW + 1, ['slack'])).toBe(1);
    expect(await outbox.due(await lead())).toEqual([]);
  });

  it('tells how much waits, and since when', async () => {
    await insert(delivery('opened', 1), delivery('resolved', 2, { notBeforeMs: NOW + 8000 }));
    nowMs += 5000;
    expect(await outbox.backlog()).toEqual([{ channelId: 'slack', pending: 2, oldestDueMs: NOW }]);
  });
});

describe('the lease of the outbox', () => {
  it('has one holder, and another when it has run out', async () => {
    const [first, second] = AGENTS.map((agent) => new NotifyLease(database, agent));
    const fence = (await first.take(200)) ?? 0;
    expect(await second.take(60_000)).toBeNull();
    expect(await first.renew(fence, 1)).toBe(true);
    await expect.poll(() => second.take(60_000)).toBe(fence + 1);
    expect(await first.renew(fence, 60_000)).toBe(false);
  });

  it('is taken up at once by the agent that held it before a crash, under a new fence', async () => {
    const fence = await lead(0);
    expect(await new NotifyLease(database, AGENTS[0]).take(60_000)).toBe(fence + 1);
  });

  it('lets who lost it change nothing', async () => {
    const old = await lead(0);
    await insert(delivery('opened', 1), delivery('opened', 1, { incidentId: 'other' }));
    const due = await outbox.due(old);
    const half = await outbox.claim(due.slice(0, 1), old);
    await database.query(`UPDATE notify_lease SET expires_at = '-infinity'`);
    const fresh = await lead(1);
    expect(await outbox.claim(due.slice(1), old)).toEqual([]);
    // Begun by one who is gone: the new one sees it, and that it is doubtful.
    const taken = await outbox.claim(await outbox.due(fresh), fresh);
    expect(taken.map(({ incidentId, inDoubt }) => [incidentId, inDoubt])).toEqual([
      [INCIDENT, true],
      ['other', false],
    ]);
    await outbox.drop(half, old, 'refused');
    await outbox.sent(half, old, '17.1', { ts: '17.1' });
    await outbox.sent(taken, fresh, '17.2', { ts: '17.2' });
    expect(await outbox.refOf(INCIDENT, 'slack')).toEqual({ ts: '17.2' });
  });
});
