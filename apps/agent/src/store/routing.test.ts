import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RoutingPolicySchema, type Silence } from '@sentinellog/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
import { migrate } from './migrations/migrate.ts';
import { Database } from './postgres.ts';
import { sweep } from './retention.ts';
import { RoutingDocumentTable } from './routing-documents.ts';
import { RoutingMemoryTable } from './routing-memory.ts';
import { silentLog } from './testing/silent-log.ts';

const NOW = 1_767_229_200_000;
const DAY = 86_400_000;
const BY = { actor: 'Ada (tok-ada)', name: 'Ada', atMs: NOW };

let dataDir: string;
let server: EmbeddedPostgres;
let database: Database;
let documents: RoutingDocumentTable;
let memory: RoutingMemoryTable;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sentinellog-routing-'));
  server = await startEmbeddedPostgres({ dataDir, log: silentLog });
  database = new Database(() => server.address(), silentLog);
  await database.connect();
  await migrate(database, silentLog, NOW);
  documents = new RoutingDocumentTable(database);
  memory = new RoutingMemoryTable(database);
});
afterAll(async () => {
  await database.close();
  await server.stop();
  await rm(dataDir, { recursive: true });
});

const policy = (name: string) => RoutingPolicySchema.parse({ id: 'payments', name, rules: [] });
const write = (name: string | null, wasVersion: number | null) => ({
  kind: 'policy' as const,
  id: 'payments',
  body: name === null ? null : policy(name),
  wasVersion,
});
const audit = () =>
  database.query("SELECT actor, action, object, detail->'after'->>'name' AS name FROM audit_entry ORDER BY seq");

describe('routing documents in the database', () => {
  it('come back as they were, hostile names included, with version and revision', async () => {
    expect(await documents.writeDocuments([write('pay\0ments \ud800', null)], BY)).toEqual({ revision: 1 });
    expect(await documents.readDocuments()).toEqual({
      documents: [
        {
          kind: 'policy',
          body: policy('pay\0ments \ud800'),
          revision: { version: 1, updated_at_ms: NOW, updated_by: 'Ada' },
        },
      ],
      revision: 1,
    });
  });

  it('are written all or none, each with its audit entry', async () => {
    const other = { ...write('x', null), id: 'other', body: { ...policy('x'), id: 'other' } };
    await expect(documents.writeDocuments([other, write('late', 7)], BY)).rejects.toMatchObject({ code: 'conflict' });
    await documents.writeDocuments([other, write('pay', 1)], BY);
    await documents.writeDocuments([write(null, 2)], BY);
    expect((await documents.readDocuments()).documents.map(({ body }) => body.id)).toEqual(['other']);
    expect((await audit()).slice(1)).toEqual([
      { actor: BY.actor, action: 'policy.create', object: 'other', name: 'x' },
      { actor: BY.actor, action: 'policy.replace', object: 'payments', name: 'pay' },
      { actor: BY.actor, action: 'policy.delete', object: 'payments', name: null },
    ]);
  });
});

describe('what routing remembers', () => {
  const silence: Silence = {
    silence_id: '01996f00-0000-7000-8000-00000000005e',
    scope: { kind: 'service', service: 'payment\0service' },
    reason: 'deploy',
    created_by: 'Ada',
    starts_at_ms: NOW,
    ends_at_ms: null,
    ended_at_ms: null,
    ended_because: null,
    hid: { alerts: 1, notices: 2, peak_score: -9.1 },
  };
  const stored = {
    silence,
    untilWorse: true,
    baseline: { severity: 'P2' as const, peakScore: 3, eventsPerMinute: 'unknown' as const, templateIds: ['t1'] },
    hiddenAlertIds: ['alert-1'],
  };
  const record = {
    incidentId: 'incident-1',
    atMs: NOW,
    waitingSinceMs: NOW,
    told: { pager: { notBeforeMs: NOW, batchMinutes: null } },
    toldSeverity: 'P1' as const,
    hiddenBy: [],
    saidSilenceId: null,
  };
  const run = {
    windowId: 'db',
    name: 'database',
    startsAtMs: NOW,
    endsAtMs: NOW + 1,
    incidentIds: ['incident-1'],
    notices: 2,
    isOver: false,
  };
  const notice = {
    notice_id: '01996f00-0000-7000-8000-000000000001',
    at_ms: NOW,
    kind: 'window_ended' as const,
    object: 'db',
    text: 'over',
  };
  const page = { atMs: NOW, incidentId: 'incident-1', subjects: ['service:a,"b\0'] };

  it('comes back as it was', async () => {
    const all = { silences: [stored], records: [record], pages: [page], runs: [run], notices: [notice] };
    await memory.saveMemory(all);
    const { notices: _notices, ...kept } = all;
    expect(await memory.readMemory(NOW)).toEqual({ ...kept, steps: [] });
    expect(await memory.notices(10)).toEqual([notice]);
    await memory.saveMemory({
      silences: [],
      records: [{ ...record, hiddenBy: ['x'] }],
      pages: [],
      runs: [{ ...run, isOver: true }],
      notices: [],
    });
    expect(await memory.readMemory(NOW)).toMatchObject({ records: [{ hiddenBy: ['x'] }], runs: [] });
  });

  it('a silence is stored with who made it', async () => {
    const ended = { ...stored, silence: { ...silence, ended_at_ms: NOW + 1, ended_because: 'removed' as const } };
    await memory.saveSilence(ended, { actor: 'Ada (tok-ada)', atMs: NOW, action: 'silence.end' });
    expect((await memory.readMemory(NOW)).silences).toEqual([ended]);
    expect((await audit()).at(-1)).toMatchObject({ action: 'silence.end', object: silence.silence_id });
  });

  it('a step is done once, with what belongs to it, whoever tries', async () => {
    const order = { incidentId: 'incident-1', waitingSinceMs: NOW, steps: ['ladder 0.0'], atMs: NOW };
    const broken = memory.doSteps(order, () => Promise.reject(new Error('the outbox refuses')));
    await expect(broken).rejects.toThrow();
    let sent = 0;
    const outcomes = await Promise.all([1, 2, 3].map(() => memory.doSteps(order, async () => void sent++)));
    expect(outcomes.toSorted()).toEqual(['done', 'repeated', 'repeated']);
    expect(sent).toBe(1);
    expect((await memory.readMemory(NOW)).steps).toEqual([
      { incidentId: 'incident-1', waitingSinceMs: NOW, step: 'ladder 0.0' },
    ]);
  });

  it('is removed after ninety days, but what is still in effect stays', async () => {
    await memory.saveMemory({
      silences: [{ ...stored, silence: { ...silence, silence_id: notice.notice_id } }],
      records: [],
      pages: [],
      runs: [run],
      notices: [],
    });
    // The ended silence, the incident's record, the step, the page and the notice.
    expect(await sweep(database, NOW + 91 * DAY)).toMatchObject({ routing: 5 });
    expect(await memory.readMemory(NOW)).toMatchObject({ silences: [{ silence: { ended_at_ms: null } }], runs: [run] });
  });
});
