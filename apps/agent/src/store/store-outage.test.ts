import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FRAME_COLUMNS, FrameBlock } from '@sentinellog/shared';
import { anIncident } from '@sentinellog/shared/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { TemplateBlock, type TemplateBlockDelta } from '../pipeline/template-block.ts';
import { NO_TEMPLATES } from '../pipeline/testing/no-templates.ts';
import type { BlockDelta, Checkpoint } from '../pipeline/checkpoint.ts';
import { NO_CHANGE } from '../pipeline/desk-change.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
import { openStore, type Store } from './store.ts';
import { CommitInDoubt, StoreRefused, StoreUnavailable } from './store-errors.ts';
import { CuttingProxy } from './testing/cutting-proxy.ts';
import { silentLog } from './testing/silent-log.ts';

const PAYMENT = '01996f00-0000-7000-8000-000000000001';
const MINUTE = 1_767_229_200;
const NOW = MINUTE * 1000;

let root: string;
let server: EmbeddedPostgres;
let proxy: CuttingProxy;
let store: Store;
let folders = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sentinellog-outage-'));
  server = await startEmbeddedPostgres({ dataDir: root, log: silentLog });
  proxy = await CuttingProxy.open(() => server.address().port);
});
afterAll(async () => {
  await proxy.close();
  await server.stop();
  await rm(root, { recursive: true });
});
beforeEach(async () => {
  store = await open();
  await store.restore();
});
afterEach(() => store.close());

function open(): Promise<Store> {
  const { user, password, database } = server.address();
  folders += 1;
  return openStore({
    config: {
      dataDir: join(root, `agent-${folders}`),
      database: { url: `postgresql://${user}:${password}@127.0.0.1:${proxy.port}/${database}` },
    },
    log: silentLog,
    now: () => NOW,
    limits: { connectMs: 300, queryMs: 1000, idleInTransactionMs: 5000 },
  });
}

function counted(count: number, at = MINUTE): BlockDelta {
  const block = new FrameBlock(60);
  block.add(0, FRAME_COLUMNS.indexOf('info'), count);
  return { sourceId: PAYMENT, level: 0, start: at, block };
}

function checkpoint(deltas: readonly BlockDelta[]): Checkpoint {
  const source = { sourceId: PAYMENT, firstSeenMs: NOW };
  return {
    lsn: 1,
    atMs: NOW,
    newSources: [{ ...source, tenant: 'default', service: 'payment-service' }],
    progress: [{ ...source, closedThrough: MINUTE, lastSeenMs: NOW, live: true }],
    deltas,
    expected: [],
    watches: new Map(),
    anomalies: [],
    counters: {},
    templates: { ...NO_TEMPLATES, blocks: templateBlocks(deltas) },
    blind: [],
  };
}

/** Every event is of one template: what is lost or counted twice of the one is missing or too much of the other. */
function templateBlocks(deltas: readonly BlockDelta[]): TemplateBlockDelta[] {
  const blocks = new Map<number, TemplateBlock>();
  for (const { start, block } of deltas) {
    const counts = blocks.get(start) ?? new TemplateBlock();
    counts.add('00c0ffee00c0ffee', 0, block.get(0, 'info'));
    blocks.set(start, counts);
  }
  return Array.from(blocks, ([start, block]) => ({ sourceId: PAYMENT, level: 0, start, body: block.encode() }));
}

async function templateTotal(): Promise<number> {
  const query = { sourceIds: [PAYMENT], level: 0, fromSecond: MINUTE, toSecond: MINUTE + 600 } as const;
  const rows = (await store.templateBlocks(query)).flatMap(({ body }) => [...TemplateBlock.decode(body).rows.values()]);
  return rows.reduce((sum, row) => sum + row[1], 0);
}

async function total(): Promise<number> {
  const frames = await store.frames({ sourceIds: [PAYMENT], level: 0, fromSecond: MINUTE, toSecond: MINUTE + 600 });
  const events = frames.reduce((sum, { block }) => sum + block.get(0, 'info'), 0);
  expect(await templateTotal()).toBe(events);
  return events;
}

const isUp = () => vi.waitUntil(() => store.state === 'up', { timeout: 20_000, interval: 20 });

describe('a commit whose answer is lost', () => {
  it('counts once when it was done and is committed again', async () => {
    const before = await total();
    const lost = checkpoint([counted(5)]);
    proxy.cutAt('COMMIT', 'delivered');
    await expect(store.commit(lost)).rejects.toThrow(CommitInDoubt);
    await isUp();
    await store.commit(lost);
    expect((await total()) - before).toBe(5);
  });

  it('counts once when it was not done and is committed again', async () => {
    const before = await total();
    const lost = checkpoint([counted(5)]);
    proxy.cutAt('COMMIT', 'lost');
    await expect(store.commit(lost)).rejects.toThrow(CommitInDoubt);
    await isUp();
    await store.commit(lost);
    expect((await total()) - before).toBe(5);
  });

  it.each(['delivered', 'lost'] as const)(
    'counts once, with what came since, when the same happens to the next one (%s)',
    async (fate) => {
      const before = await total();
      const block = counted(5);
      proxy.cutAt('COMMIT', 'delivered');
      await expect(store.commit(checkpoint([block]))).rejects.toThrow(CommitInDoubt);
      // The agent takes its deltas back and goes on adding to the same block.
      block.block.add(0, FRAME_COLUMNS.indexOf('info'), 2);
      await isUp();
      proxy.cutAt('COMMIT', fate);
      await expect(store.commit(checkpoint([block, counted(1, MINUTE + 60)]))).rejects.toThrow(CommitInDoubt);
      block.block.add(0, FRAME_COLUMNS.indexOf('info'), 4);
      await isUp();
      await store.commit(checkpoint([block, counted(1, MINUTE + 60)]));
      expect((await total()) - before).toBe(5 + 2 + 4 + 1);
      await store.commit(checkpoint([counted(1)]));
      expect((await total()) - before).toBe(5 + 2 + 4 + 1 + 1);
    },
  );

  it('keeps readers from counting it twice until the next commit', async () => {
    proxy.cutAt('COMMIT', 'delivered');
    const lost = checkpoint([counted(5)]);
    await expect(store.commit(lost)).rejects.toThrow(CommitInDoubt);
    await isUp();
    await expect(total()).rejects.toThrow(StoreUnavailable);
    await store.commit(lost);
    await expect(total()).resolves.toBeGreaterThan(0);
  });

  it('is settled by the database when the agent ends before it knows', async () => {
    const before = await total();
    proxy.cutAt('COMMIT', 'delivered');
    await expect(store.commit({ ...checkpoint([counted(5)]), lsn: 777 })).rejects.toThrow(CommitInDoubt);
    await store.close();
    store = await open();
    await store.restore();
    expect((await total()) - before).toBe(5);
  });
});

describe('a commit that breaks before its end', () => {
  it('leaves nothing, and is not in doubt', async () => {
    const before = await total();
    proxy.cutAt('INSERT INTO frame_block', 'delivered');
    const broken = store.commit(checkpoint([counted(5)]));
    await expect(broken).rejects.toThrow(StoreUnavailable);
    await expect(broken).rejects.not.toThrow(CommitInDoubt);
    await isUp();
    expect(await total()).toBe(before);
  });
});

describe('a frozen database', () => {
  it('fails every call within its limit, says so, and is taken up again when it thaws', async () => {
    const states: string[] = [];
    store.onState((state) => states.push(state));
    const pids = await serverProcesses(server.pid);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    try {
      await expect(store.sources()).rejects.toThrow(StoreUnavailable);
      expect(store.state).toBe('down');
      await expect(store.commit(checkpoint([]))).rejects.toThrow(StoreUnavailable);
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }
    await isUp();
    await expect(store.sources()).resolves.toBeDefined();
    expect(states).toEqual(['down', 'up']);
  });
});

describe('a database that is killed', () => {
  it('is started again by its agent, and keeps what was committed', async () => {
    await store.commit(checkpoint([counted(3)]));
    const before = await total();
    const killed = server.pid;
    process.kill(killed, 'SIGKILL');
    await vi.waitUntil(() => server.pid !== killed, { timeout: 20_000, interval: 20 });
    await vi.waitUntil(
      () =>
        total().then(
          (now) => now === before,
          () => false,
        ),
      { timeout: 20_000, interval: 50 },
    );
  });
});

describe('a database that is not there yet', () => {
  it('does not keep the store from opening, and is waited for', async () => {
    let port = 1;
    const late = await CuttingProxy.open(() => port);
    const { user, password, database } = server.address();
    const waiting = await openStore({
      config: {
        dataDir: join(root, 'late'),
        database: { url: `postgresql://${user}:${password}@127.0.0.1:${late.port}/${database}` },
      },
      log: silentLog,
      now: () => NOW,
    });
    const restored = waiting.restore();
    expect(waiting.state).toBe('down');
    await expect(waiting.commit(checkpoint([]))).rejects.toThrow(StoreUnavailable);
    port = server.address().port;
    await expect(restored).resolves.toMatchObject({ sources: [{ service: 'payment-service' }] });
    await waiting.close();
    await late.close();
  });

  it('is not waited for when it refuses the password', async () => {
    const { user, database } = server.address();
    const refused = await openStore({
      config: {
        dataDir: join(root, 'refused'),
        database: { url: `postgresql://${user}:wrong@127.0.0.1:${server.address().port}/${database}` },
      },
      log: silentLog,
      now: () => NOW,
    });
    await expect(refused.restore()).rejects.toThrow(StoreRefused);
    await refused.close();
  });
});

describe('an incident whose commit lost its answer', () => {
  it('is saved once when it is saved again, with one audit entry and one timeline entry', async () => {
    const incident = anIncident({ incident_id: '01996f00-0000-7000-8000-0000000000a7', alerts: [] });
    const { incident_id } = incident;
    const actor = { kind: 'person' as const, name: 'Mia', via: null };
    const change = {
      ...NO_CHANGE,
      incidents: [{ incident, memory: {} }],
      audits: [{ incidentId: incident_id, version: 1, atMs: NOW, actor: 'Mia', action: 'incident.note', detail: {} }],
      entries: [
        {
          entry_id: PAYMENT,
          incident_id,
          alert_id: null,
          at_ms: NOW,
          actor,
          kind: 'note' as const,
          text: 'x',
          links: [],
        },
      ],
    };
    const { seq } = await store.auditHead();
    proxy.cutAt('COMMIT', 'delivered');
    await expect(store.incidents.save(change)).rejects.toThrow(CommitInDoubt);
    await vi.waitFor(() => expect(store.state).toBe('up'), 5000);
    await store.incidents.save(change);
    expect((await store.auditHead()).seq).toBe(seq + 1);
    expect((await store.incidents.timeline({ incidentId: incident_id, limit: 10 })).items).toHaveLength(1);
  });
});

describe('two agents on one database', () => {
  it('cannot both write: the one that was there is refused', async () => {
    const other = await open();
    const { lsn } = await other.restore();
    // The position belongs to the journal of the other folder.
    expect(lsn).toBe(0);
    await expect(store.commit(checkpoint([counted(5)]))).rejects.toThrow('another agent has taken over this database');
    await other.commit(checkpoint([counted(5)]));
    const change = { ...NO_CHANGE, incidents: [{ incident: anIncident(), memory: {} }] };
    await expect(store.incidents.save(change)).rejects.toThrow('another agent has taken over this database');
    expect(await other.incidents.incident(anIncident().incident_id)).toBeNull();
    await other.close();
  });
});

async function serverProcesses(postmaster: number): Promise<number[]> {
  const { readFile } = await import('node:fs/promises');
  const children = await readFile(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8');
  return [postmaster, ...children.trim().split(' ').filter(Boolean).map(Number)];
}
