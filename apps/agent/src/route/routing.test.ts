import { type EscalationPolicy, type Incident, PersonSchema, type RoutingNotice } from '@sentinellog/shared';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../pipeline/caller.ts';
import { DEFAULT_POLICY } from './default-policy.ts';
import { IncidentSilences } from './incident-silences.ts';
import { openRouting, type Routing } from './routing.ts';
import { MemoryRoutingStore } from './testing/memory-routing-store.ts';
import { anAlert, anIncident, aWindow, CHANNELS, MINUTE, NIGHT } from './testing/routing-builders.ts';

const ADA: Caller = { tokenId: 'tok-ada', name: 'Ada', role: 'admin' };
const LADDER: EscalationPolicy = {
  id: 'ladder',
  name: 'payments ladder',
  tenant: null,
  enabled: true,
  order: 100,
  match: { services: ['payment-*'] },
  steps: [
    { after_minutes: 5, to: ['channel:slack-maria'] },
    { after_minutes: 15, to: ['channel:slack-maria', 'channel:mail-ops'] },
  ],
  repeat: { times: 1, after_minutes: 15 },
};

let store: MemoryRoutingStore;
let nowMs: number;
let incidents: Incident[];
let routing: Routing;
let notices: RoutingNotice[];
let failures: number;

/** As a start of the agent: everything that is not in the store is gone. */
async function start(): Promise<void> {
  let ids = 0;
  routing = await openRouting({
    store,
    channels: () => CHANNELS,
    sources: { of: () => undefined },
    rules: { actionOf: () => undefined },
    incidents: {
      unresolved: () => incidents.filter(({ state }) => state !== 'RESOLVED'),
      one: async (id) => incidents.find(({ incident_id }) => incident_id === id) ?? null,
      alertsSince: async () => incidents.flatMap(({ alerts }) => alerts),
    },
    commit: (order) => store.commit(order),
    onNotice: (notice) => notices.push(notice),
    onFailed: () => failures++,
    now: () => nowMs,
    newId: () => `01996f00-0000-7000-8000-0000000000${String(++ids).padStart(2, '0')}`,
  });
}

beforeEach(async () => {
  store = new MemoryRoutingStore();
  nowMs = NIGHT;
  incidents = [];
  notices = [];
  failures = 0;
  await start();
});

/** Rounds every ten seconds until that many minutes after the night's start. */
async function until(minutes: number): Promise<void> {
  while (nowMs < NIGHT + minutes * MINUTE) {
    nowMs += 10_000;
    await routing.round();
  }
}
const steps = () =>
  store.done.map(
    ({ type, text, deliveries }) => `${type}: ${text} → ${deliveries.map(({ channelId }) => channelId).join(', ')}`,
  );
const STEPS = [
  'escalated: nobody acknowledged within 5 min (payments ladder, step 1 of 2) → slack-maria',
  'escalated: nobody acknowledged within 15 min (payments ladder, step 2 of 2) → slack-maria, mail-ops',
  'escalated: nobody acknowledged within 35 min (payments ladder, step 1 of 2, round 2) → slack-maria',
  'escalated: nobody acknowledged within 45 min (payments ladder, step 2 of 2, round 2) → slack-maria, mail-ops',
];
function change(overrides: Partial<Incident>): Incident {
  const changed = { ...incidents[0], version: incidents[0].version + 1, ...overrides };
  incidents = [changed];
  return changed;
}

describe('escalation', () => {
  beforeEach(async () => {
    await routing.documents.create('escalation', LADDER, ADA);
    incidents = [anIncident()];
    routing.plan(incidents[0], 'opened', nowMs);
  });

  it('goes up its steps, round after round, and then stops', async () => {
    await until(4.8);
    expect(steps()).toEqual([]);
    await until(90);
    expect(steps()).toEqual(STEPS);
  });

  it.each([
    ['an acknowledgement', { state: 'ACK' }],
    ['a resolve', { state: 'RESOLVED' }],
  ] as const)('stops with %s', async (_what, overrides) => {
    await until(6);
    change(overrides);
    await until(60);
    expect(steps()).toEqual(STEPS.slice(0, 1));
  });

  it('stops with a silence and goes on when that ends', async () => {
    await until(6);
    const scope = { kind: 'incident', incident_id: 'incident-1' } as const;
    const { silence_id } = await routing.createSilence(
      { scope, reason: 'known', ends_at_ms: null, until_worse: false },
      ADA,
    );
    await until(30);
    expect(steps()).toEqual(STEPS.slice(0, 1));
    await routing.endSilence(silence_id, ADA);
    await until(31);
    expect(steps()).toEqual(STEPS.slice(0, 2));
  });

  it('begins anew when an acknowledgement is taken back', async () => {
    await until(6);
    routing.plan(change({ state: 'ACK' }), 'acknowledged', nowMs);
    await until(20);
    routing.plan(change({ state: 'OPEN' }), 'unacknowledged', nowMs);
    await until(24.8);
    expect(steps()).toHaveLength(1);
    await until(25.2);
    expect(steps()).toEqual([STEPS[0], STEPS[0]]);
  });

  it('neither repeats nor skips over restarts, also those that take longer than a step', async () => {
    await until(6);
    await start();
    await until(14);
    nowMs = NIGHT + 36 * MINUTE;
    await start();
    await until(90);
    // Two steps fell due while nobody was there: they go out together, each channel once.
    expect(store.done.map((order) => order.steps)).toEqual([
      ['ladder 0.0'],
      ['ladder 0.1', 'ladder 1.0'],
      ['ladder 1.1'],
    ]);
    expect(store.done[1]?.deliveries.map(({ channelId }) => channelId)).toEqual(['slack-maria', 'mail-ops']);
  });

  it('is made up for after an outage of the database', async () => {
    store.failing = true;
    for (nowMs = NIGHT + 5 * MINUTE; nowMs < NIGHT + 7 * MINUTE; nowMs += 10_000)
      await expect(routing.round()).rejects.toThrow('PostgreSQL');
    expect(failures).toBeGreaterThan(5);
    store.failing = false;
    await until(8);
    expect(steps()).toEqual(STEPS.slice(0, 1));
  });

  it('is told of the end, too', async () => {
    await until(6);
    const resolved = routing.plan(change({ state: 'RESOLVED' }), 'resolved', nowMs);
    expect(resolved.map(({ channelId }) => channelId)).toContain('slack-maria');
  });
});

describe('what a window or a silence has hidden', () => {
  it('is told when it ends and is still open, once, with the bill', async () => {
    await routing.documents.create('window', aWindow({ starts: '02:00', ends: '03:10' }), ADA);
    incidents = [anIncident()];
    expect(routing.plan(incidents[0], 'opened', nowMs)).toEqual([]);
    await until(5);
    await start();
    await until(20);
    expect(notices.map(({ text }) => text)).toEqual([
      'Maintenance database upgrade is over: it hid 1 incident and 3 notices; 1 of them still open.',
    ]);
    expect(store.done.map(({ type, deliveries }) => [type, deliveries.map(({ channelId }) => channelId)])).toEqual([
      ['released', ['pager', 'slack-incidents', 'slack-maria']],
    ]);
  });

  it('is told after an outage of the database in which it ended', async () => {
    await routing.documents.create('window', aWindow({ starts: '02:00', ends: '03:10' }), ADA);
    incidents = [anIncident()];
    routing.plan(incidents[0], 'opened', nowMs);
    await until(5);
    store.failing = true;
    for (; nowMs < NIGHT + 12 * MINUTE; nowMs += 10_000) await routing.round().catch(() => undefined);
    expect(failures).toBeGreaterThan(5);
    store.failing = false;
    await until(13);
    expect(store.done).toMatchObject([{ type: 'released', deliveries: [{ channelId: 'pager' }, {}, {}] }]);
    expect(notices).toHaveLength(1);
  });

  it('is not forgotten when it could not be stored at once', async () => {
    incidents = [anIncident()];
    routing.plan(incidents[0], 'opened', nowMs);
    store.failing = true;
    await expect(routing.save()).rejects.toThrow('PostgreSQL');
    store.failing = false;
    await routing.save();
    await start();
    await routing.documents.create('policy', { ...DEFAULT_POLICY, rules: [] }, ADA);
    const ended = routing.plan(change({ state: 'RESOLVED', severity: 'P4' }), 'resolved', nowMs);
    expect(ended.map(({ channelId }) => channelId)).toEqual(['pager', 'slack-incidents', 'slack-maria']);
  });

  it('is told when a window is removed', async () => {
    await routing.documents.create('window', aWindow(), ADA);
    incidents = [anIncident()];
    routing.plan(incidents[0], 'opened', nowMs);
    await until(5);
    await routing.documents.remove('window', 'db-upgrade', 1, ADA);
    await until(6);
    expect(store.done).toHaveLength(1);
    expect(notices).toHaveLength(1);
  });

  it('is told when a silence runs out, and says what it hid', async () => {
    incidents = [anIncident()];
    const scope = { kind: 'service', service: 'payment-service' } as const;
    await routing.createSilence({ scope, reason: 'deploy', ends_at_ms: NIGHT + 10 * MINUTE, until_worse: false }, ADA);
    routing.plan(incidents[0], 'opened', nowMs);
    await until(9);
    await start();
    await until(12);
    expect(notices.map(({ text }) => text)).toEqual([
      'The silence of service payment-service by Ada (deploy) has run out. It hid 1 alert and 3 notices, at most 9.1σ.',
    ]);
    expect(store.done).toHaveLength(1);
    expect(await routing.notices(10)).toHaveLength(1);
  });
});

describe('silences of people', () => {
  it('are written down with who made and ended them, and only once', async () => {
    const scope = { kind: 'service', service: 'payment-service' } as const;
    const { silence_id } = await routing.createSilence(
      { scope, reason: 'x', ends_at_ms: null, until_worse: false },
      ADA,
    );
    expect(await routing.endSilence(silence_id, ADA)).toMatchObject({ ended_because: 'removed' });
    expect(await routing.endSilence(silence_id, ADA)).toMatchObject({ ended_because: 'removed' });
    expect(store.audit).toEqual(['Ada (tok-ada) silence.create', 'Ada (tok-ada) silence.end']);
    expect(await routing.endSilence('another', ADA)).toBeNull();
  });

  it('do not hold while they cannot be stored', async () => {
    store.failing = true;
    const scope = { kind: 'service', service: 'payment-service' } as const;
    await expect(
      routing.createSilence({ scope, reason: 'x', ends_at_ms: null, until_worse: false }, ADA),
    ).rejects.toThrow();
    expect(routing.silences()).toEqual([]);
  });

  it('say before what they would cover', async () => {
    incidents = [
      anIncident({ alerts: [anAlert(), anAlert({ alert_id: 'a2', state: 'RESOLVED' }), anAlert({ service: 'x' })] }),
    ];
    expect(await routing.previewSilence({ kind: 'service', service: 'payment-service' })).toEqual({
      open: 1,
      last_24h: 2,
    });
  });
});

describe('silences as the desk of incidents uses them', () => {
  const actor = { kind: 'person', name: 'Maria', via: 'slack' } as const;
  const action = { action: 'silence', reason: '', scope: 'service' } as const;

  it('cover, and are lifted, in the name of whoever pressed the button', async () => {
    const desk = new IncidentSilences(routing);
    incidents = [anIncident()];
    const { silenceId, untilMs } = await desk.silence({ incident: incidents[0], action, actor });
    expect(untilMs).toBeNull();
    expect(desk.covers(incidents[0], nowMs)).toEqual({ silenceId, untilMs: null });
    expect(routing.silences()).toMatchObject([
      { created_by: 'Maria', reason: 'silenced from INC-20260121030000', scope: { kind: 'service' } },
    ]);
    await desk.lift(silenceId, actor);
    expect(desk.covers(incidents[0], nowMs)).toBeNull();
    expect(store.audit).toEqual(['Maria via slack silence.create', 'Maria via slack silence.end']);
  });

  it('end when the incident gets worse', async () => {
    const desk = new IncidentSilences(routing);
    incidents = [anIncident({ severity: 'P3' })];
    await desk.silence({ incident: incidents[0], action: { ...action, scope: 'incident' }, actor });
    expect(desk.covers(anIncident({ severity: 'P2' }), nowMs)).toBeNull();
    expect(notices).toMatchObject([{ kind: 'silence_ended' }]);
  });

  it('of a template need an alert that is about one', async () => {
    const desk = new IncidentSilences(routing);
    const byTemplate = { ...action, scope: 'template' } as const;
    await expect(desk.silence({ incident: anIncident(), action: byTemplate, actor })).rejects.toThrow(
      'not about one template',
    );
    const incident = anIncident({ alerts: [anAlert({ signal: 'template:t1' })] });
    await desk.silence({ incident, action: byTemplate, actor });
    expect(routing.silences()[0]?.scope).toEqual({ kind: 'template', template_id: 't1', service: 'payment-service' });
  });
});

describe('people behind accounts elsewhere', () => {
  it('are named when they may act here', async () => {
    const maria = PersonSchema.parse({
      id: 'maria',
      name: 'Maria',
      role: 'operator',
      slack_user: 'U012',
      pagerduty_user: 'P012',
    });
    await routing.documents.create('person', maria, ADA);
    await routing.documents.create('person', { ...maria, id: 'vera', role: 'viewer', slack_user: 'U099' }, ADA);
    expect(await routing.nameOf('slack', 'U012')).toBe('Maria');
    expect(await routing.nameOf('pagerduty', 'P012')).toBe('Maria');
    expect(await routing.nameOf('slack', 'U099')).toBeNull();
    expect(await routing.nameOf('slack', 'P012')).toBeNull();
  });
});
