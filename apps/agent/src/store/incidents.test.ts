import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Incident, TimelineEntry } from '@sentinellog/shared';
import { anAnomaly, anIncident } from '@sentinellog/shared/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type DeskChange, NO_CHANGE } from '../pipeline/desk-change.ts';
import { NO_TEMPLATES } from '../pipeline/testing/no-templates.ts';
import { openStore, type Store } from './store.ts';
import { silentLog } from './testing/silent-log.ts';

const NOW = 1_767_229_300_000;
const DAY = 86_400_000;
const MEMORY = { anything: 'the desk remembers', 'also\0this': 1 };

let dataDir: string;
let store: Store;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sentinellog-incidents-'));
  store = await openStore({ config: { dataDir, database: {} }, log: silentLog, now: () => NOW });
  await store.restore();
});
afterAll(async () => {
  await store.close();
  await rm(dataDir, { recursive: true });
});

const id = (number: number) => `01996f00-0000-7000-8000-${String(number).padStart(12, '0')}`;

function incidentNo(number: number, overrides: Partial<Incident> = {}): Incident {
  const [alert] = anIncident().alerts;
  return anIncident({
    incident_id: id(number),
    opened_at_ms: NOW - number * 1000,
    alerts: [{ ...alert, incident_id: id(number), alert_id: id(number + 500), opened_at_ms: NOW - number * 1000 }],
    ...overrides,
  });
}

function entryOf(incident: Incident, number: number, overrides: Partial<TimelineEntry> = {}): TimelineEntry {
  return {
    entry_id: id(number),
    incident_id: incident.incident_id,
    alert_id: null,
    at_ms: NOW + number,
    actor: { kind: 'person', name: 'Mia', via: 'slack' },
    kind: 'note',
    text: 'pool \0 is full <script>',
    links: [],
    ...overrides,
  };
}

const save = (change: Partial<DeskChange>) => store.incidents.save({ ...NO_CHANGE, ...change });
const saveIncident = (incident: Incident) => save({ incidents: [{ incident, memory: MEMORY }] });

describe('incidents in the store', () => {
  it('come back exactly as they were saved, hostile text and memory included', async () => {
    const incident = incidentNo(1, { services: ['payment\0service', 'ordér'], title: "'; DROP TABLE incident; --\0" });
    await save({ incidents: [{ incident, memory: MEMORY }], entries: [entryOf(incident, 901)] });
    expect(await store.incidents.incident(incident.incident_id)).toEqual({ incident, memory: MEMORY });
    expect(await store.incidents.incidentOfAlert(incident.alerts[0].alert_id)).toEqual({ incident, memory: MEMORY });
    expect((await store.incidents.context(incident)).timeline).toEqual([entryOf(incident, 901)]);
    const found = await store.incidents.page({ service: 'payment\0service', limit: 10 });
    expect(found.items).toEqual([incident]);
  });

  it('keep the newer version, whatever comes after it, and write its audit entry once', async () => {
    const incident = incidentNo(2, { version: 5, state: 'ACK' });
    const audit = {
      incidentId: incident.incident_id,
      version: 5,
      atMs: NOW,
      actor: 'Mia',
      action: 'incident.ack',
      detail: { a: 1 },
    };
    const change = { incidents: [{ incident, memory: MEMORY }], audits: [audit] };
    const { seq } = await store.auditHead();
    await save(change);
    await save(change);
    await saveIncident({ ...incident, version: 4, state: 'OPEN' });
    expect((await store.incidents.incident(incident.incident_id))?.incident).toEqual(incident);
    expect((await store.auditHead()).seq).toBe(seq + 1);
    // The answer to the first was lost, and meanwhile there is more.
    const later = { ...incident, version: 6 };
    await save({ incidents: [{ incident: later, memory: MEMORY }], audits: [audit, { ...audit, version: 6 }] });
    expect((await store.auditHead()).seq).toBe(seq + 2);
  });

  it('are listed in pages, newest first, each once', async () => {
    for (let number = 100; number < 125; number++) await saveIncident(incidentNo(number, { severity: 'P3' }));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.incidents.page({ severity: 'P3', limit: 10, cursor });
      seen.push(...page.items.map(({ incident_id }) => incident_id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(Array.from({ length: 25 }, (_, index) => id(100 + index)));
    expect((await store.incidents.alerts({ limit: 1000 })).items.length).toBeGreaterThanOrEqual(25);
    await expect(store.incidents.page({ limit: 1, cursor: "1_'; DROP" })).rejects.toThrow(/cursor/);
  });

  it('give their deliveries to the outbox in the same transaction: when that fails, nothing is saved', async () => {
    const incident = incidentNo(3);
    const delivery = {
      incidentId: incident.incident_id,
      channelId: 'slack',
      transition: 'opened' as const,
      turn: 1,
      notBeforeMs: NOW,
      because: 'P1',
      batch: false,
    };
    const full = vi.spyOn(store.outbox, 'insert').mockRejectedValue(new Error('the outbox is full'));
    const change = {
      incidents: [{ incident, memory: MEMORY }],
      outbox: [{ type: 'insert' as const, deliveries: [delivery] }],
    };
    await expect(save(change)).rejects.toThrow('the outbox is full');
    expect(await store.incidents.incident(incident.incident_id)).toBeNull();
    full.mockRestore();
    await save(change);
    expect(await store.incidents.incident(incident.incident_id)).not.toBeNull();
  });

  it('remember what has been taken in, and name what has not', async () => {
    const incident = incidentNo(4);
    const [taken, missed, ended] = [801, 802, 803].map((number) =>
      anAnomaly({ event_id: id(number), started_at_ms: NOW - 5000 + number }),
    );
    const commit = {
      lsn: 1,
      atMs: NOW,
      newSources: [],
      progress: [],
      deltas: [],
      expected: [],
      watches: new Map(),
      templates: NO_TEMPLATES,
      counters: {},
      blind: [],
    };
    await store.commit({ ...commit, anomalies: [taken, missed, { ...ended, state: 'recovered' }] });
    const mark = { incidentId: incident.incident_id, alertId: incident.alerts[0].alert_id, atMs: NOW };
    await save({
      incidents: [{ incident, memory: MEMORY }],
      applied: [
        { ...mark, eventId: taken.event_id, state: 'open' },
        { ...mark, eventId: ended.event_id, state: 'open' },
      ],
    });
    expect((await store.incidents.notTakenIn(NOW - DAY)).map(({ event_id }) => event_id)).toEqual([id(802), id(803)]);
    const restored = await store.incidents.restore(NOW);
    expect(restored.applied.map(({ eventId }) => eventId)).toEqual(expect.arrayContaining([id(801), id(803)]));
    expect(restored.incidents.map((one) => one.incident)).toContainEqual(incident);
  });

  it('find what was alike before, and how it ended', async () => {
    const past = {
      state: 'RESOLVED',
      resolution: 'fixed',
      resolved_at_ms: NOW - DAY,
      services: ['cart', 'stock'],
    } as const;
    await saveIncident(incidentNo(10, { ...past, services: ['cart', 'stock'] }));
    await saveIncident(incidentNo(11, { ...past, services: ['cart'] }));
    await saveIncident(incidentNo(12, { ...past, services: ['other'] }));
    await save({ entries: [entryOf(incidentNo(11), 911, { text: 'restarted the cache' })] });
    const now = incidentNo(13, { services: ['cart', 'stock'] });
    const found = await store.incidents.similar(now, 5);
    expect(found.map(({ incident_id }) => incident_id)).toEqual([id(10), id(11)]);
    expect(await store.incidents.lastNotes([id(10), id(11)])).toEqual(new Map([[id(11), 'restarted the cache']]));
  });

  it('are kept ninety days after they were resolved, and open ones for ever', async () => {
    await saveIncident(incidentNo(20, { state: 'RESOLVED', resolved_at_ms: NOW - 91 * DAY }));
    await saveIncident(incidentNo(21, { state: 'RESOLVED', resolved_at_ms: NOW - 89 * DAY }));
    await saveIncident(incidentNo(22, { opened_at_ms: NOW - 200 * DAY }));
    await save({ entries: [entryOf(incidentNo(20), 920)] });
    expect(await store.sweep(NOW)).toMatchObject({ incidents: 1 });
    const left = await Promise.all([20, 21, 22].map((number) => store.incidents.incident(id(number))));
    expect(left.map((one) => one !== null)).toEqual([false, true, true]);
    expect((await store.incidents.timeline({ incidentId: id(20), limit: 10 })).items).toEqual([]);
  });
});

const digest = (text: string) => Buffer.from(text.padEnd(32));

describe('answers to requests that may be sent again', () => {
  it('are given again to the same request of the same caller, for a day', async () => {
    const { idempotency } = store;
    expect(await idempotency.claim('mia', 'k1', digest('ack'), NOW)).toEqual({ type: 'first' });
    expect(await idempotency.claim('mia', 'k1', digest('ack'), NOW)).toEqual({ type: 'under_way' });
    await idempotency.keep('mia', 'k1', { status: 200, body: '{"ok":true}' });
    const answer = { status: 200, body: '{"ok":true}' };
    expect(await idempotency.claim('mia', 'k1', digest('ack'), NOW + DAY - 1)).toEqual({ type: 'answered', answer });
    expect(await idempotency.claim('mia', 'k1', digest('resolve'), NOW)).toEqual({ type: 'other_request' });
    expect(await idempotency.claim('otto', 'k1', digest('ack'), NOW)).toEqual({ type: 'first' });
    expect(await idempotency.claim('mia', 'k1', digest('resolve'), NOW + DAY + 1)).toEqual({ type: 'first' });
  });

  it('leave the way free when nothing came of the first, or its agent was killed', async () => {
    const { idempotency } = store;
    await idempotency.claim('mia', 'k2', digest('ack'), NOW);
    await idempotency.release('mia', 'k2');
    expect(await idempotency.claim('mia', 'k2', digest('ack'), NOW)).toEqual({ type: 'first' });
    expect(await idempotency.claim('mia', 'k2', digest('ack'), NOW + 59_000)).toEqual({ type: 'under_way' });
    expect(await idempotency.claim('mia', 'k2', digest('ack'), NOW + 61_000)).toEqual({ type: 'first' });
  });
});
