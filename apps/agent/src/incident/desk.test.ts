import { RequestError } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { VersionConflict } from '../pipeline/version-conflict.ts';
import { DeskWorld, MIA, OTTO } from './testing/desk-world.ts';

const MINUTE = 60_000;
const ORDER = '01996f00-0000-7000-8000-000000000002';

async function refusalOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('it was not refused');
}

describe('the desk takes anomalies in', () => {
  it('opens one incident for a series and goes on with it while it fires', async () => {
    const world = new DeskWorld();
    const anomaly = await world.fire({ severity: 'P3', deviation_score: 2.8 });
    await world.desk.anomaly({ ...anomaly, severity: 'P1', deviation_score: 9.1, reason: 'worse' });
    expect(world.incident).toMatchObject({
      key: 'INC-20260101010000',
      severity: 'P1',
      peak_score: 9.1,
      state: 'OPEN',
      firing: true,
      alerts: [{ severity: 'P1', reason: 'worse', event_ids: [anomaly.event_id] }],
    });
    await world.pass(1000);
    expect(world.kinds()).toEqual(['opened', 'severity_raised']);
    expect(world.sent()).toEqual(['opened', 'updated']);
  });

  it('counts each state of an anomaly once, also when a replay brings it again', async () => {
    const world = new DeskWorld();
    const anomaly = await world.fire();
    await world.recover(anomaly);
    const before = world.incident;
    await world.desk.anomaly(anomaly);
    await world.recover(anomaly);
    expect(world.incident).toEqual(before);
  });

  it('leaves early ones alone until their second has closed', async () => {
    const world = new DeskWorld();
    await world.fire({ state: 'early' });
    await world.fire({ state: 'withdrawn' });
    expect(world.desk.list()).toEqual([]);
  });

  it('makes no incident of what was over an hour ago', async () => {
    const world = new DeskWorld();
    await world.fire({ last_outside_ms: world.nowMs - 2 * 3_600_000 });
    expect(world.desk.list()).toEqual([]);
    expect(world.desk.lost.stale_anomaly).toBe(1);
  });

  it('adds a late joiner, and acknowledges it along with the rest', async () => {
    const world = new DeskWorld();
    await world.fire();
    await world.desk.act({ incidentId: world.incident.incident_id }, { action: { action: 'ack' }, actor: MIA });
    await world.fire({ signal: 'error_rate' });
    expect(world.incident.alerts.map(({ state }) => state)).toEqual(['ACK', 'ACK']);
    await world.pass(5000);
    expect(world.kinds()).toEqual(['opened', 'acknowledged', 'alert_added']);
  });

  it('resolves by itself once everything has been quiet for five minutes, and not before', async () => {
    const world = new DeskWorld();
    const anomaly = await world.fire();
    await world.recover(anomaly);
    await world.pass(5 * MINUTE - 2000);
    expect(world.incident).toMatchObject({ state: 'OPEN', firing: false });
    await world.pass(4000);
    expect(world.incident).toMatchObject({ state: 'RESOLVED', resolution: 'recovered', resolved_by: null });
    expect(world.sent()).toEqual(['opened', 'resolved']);
  });

  it('re-opens the same incident within the cooldown and opens another one after it', async () => {
    const world = new DeskWorld();
    await world.recover(await world.fire());
    await world.pass(6 * MINUTE);
    await world.recover(await world.fire());
    expect(world.incident).toMatchObject({ state: 'OPEN', reopened: 1 });
    await world.pass(6 * MINUTE);
    expect(world.incident.state).toBe('RESOLVED');
    await world.pass(31 * MINUTE);
    await world.fire();
    expect(world.desk.list()).toHaveLength(2);
    await world.pass(1000);
    expect(world.sent()).toEqual(['opened', 'resolved', 'reopened', 'resolved', 'opened']);
  });

  it('says whose word it goes against when it re-opens what a person has resolved', async () => {
    const world = new DeskWorld();
    const anomaly = await world.fire();
    await world.recover(anomaly);
    const target = { incidentId: world.incident.incident_id };
    await world.desk.act(target, { action: { action: 'resolve', resolution: 'noise' }, actor: MIA });
    await world.pass(10 * MINUTE);
    await world.fire();
    await world.pass(1000);
    const text = [...world.store.entries.values()].at(-1)?.text;
    expect(text).toMatch(/fires again 10 min after Mia resolved it as noise/);
    expect(world.sent()).toEqual(['opened', 'resolved', 'reopened']);
  });

  it('asks anew who went first when it re-opens, and goes by an onset that is known more closely by now', async () => {
    const world = new DeskWorld();
    const anomaly = await world.fire();
    await world.desk.act(
      { incidentId: world.incident.incident_id },
      { action: { action: 'resolve', force: true }, actor: MIA },
    );
    await world.recover(anomaly);
    await world.pass(10 * MINUTE);
    const again = await world.fire();
    expect(world.incident.first_mover).toMatchObject({ event_id: again.event_id, at_ms: again.started_at_ms });
    const onset = { from_ms: again.started_at_ms + 3000, to_ms: again.started_at_ms + 4000 };
    await world.desk.anomaly({ ...again, onset, deviation_score: 30 });
    expect(world.incident.first_mover.at_ms).toBe(onset.from_ms);
  });

  it('does not re-open what was resolved by force while the same anomaly goes on', async () => {
    const world = new DeskWorld();
    const anomaly = await world.fire();
    const target = { incidentId: world.incident.incident_id };
    await world.desk.act(target, { action: { action: 'resolve', force: true }, actor: MIA });
    await world.desk.anomaly({ ...anomaly, deviation_score: 30 });
    await world.recover(anomaly);
    expect(world.incident).toMatchObject({ state: 'RESOLVED', resolved_by: 'Mia', firing: false });
  });

  it('holds one that flaps together, tells it once, and waits longer before it believes the quiet', async () => {
    const world = new DeskWorld();
    for (let turn = 0; turn < 10; turn++) {
      const anomaly = await world.fire();
      await world.pass(MINUTE);
      await world.recover(anomaly);
      await world.pass(2 * MINUTE);
    }
    expect(world.incident.state).toBe('OPEN');
    await world.pass(20 * MINUTE);
    expect(world.incident.state).toBe('OPEN');
    await world.pass(11 * MINUTE);
    expect(world.incident.state).toBe('RESOLVED');
    expect(world.sent()).toEqual(['opened', 'resolved']);
    expect(world.kinds().length).toBeLessThanOrEqual(8);
  });

  it('opens again when nobody follows an acknowledgement up; a note is following up', async () => {
    const world = new DeskWorld();
    await world.fire();
    const target = { incidentId: world.incident.incident_id };
    await world.desk.act(target, { action: { action: 'ack' }, actor: MIA });
    await world.pass(20 * MINUTE);
    await world.desk.act(target, { action: { action: 'notes', text: 'pool is full' }, actor: MIA });
    await world.pass(20 * MINUTE);
    expect(world.incident.state).toBe('ACK');
    await world.pass(11 * MINUTE);
    expect(world.incident).toMatchObject({ state: 'OPEN', acked_by: null });
    expect(world.sent()).toEqual(['opened', 'acknowledged', 'unacknowledged']);
  });

  it('keeps to a thousand incidents in a storm: what fires beyond that joins one', async () => {
    const world = new DeskWorld();
    for (let number = 0; number < 1010; number++) {
      world.nowMs += 1;
      await world.fire({ source_id: `source-${number}` });
    }
    expect(world.desk.openCount).toBe(1000);
    const alerts = world.desk.list().flatMap((incident) => incident.alerts);
    expect(alerts).toHaveLength(1010);
    expect(new Set(world.desk.list().map(({ key }) => key)).size).toBe(1000);
  });

  it('lets what fires although its anomaly is lost recover after a start', async () => {
    const world = new DeskWorld();
    const kept = await world.fire();
    await world.fire({ source_id: ORDER });
    await world.desk.settle(new Set([kept.event_id]));
    expect(world.desk.list().map(({ firing }) => firing)).toEqual([true, false]);
  });
});

describe('people at the desk', () => {
  it('are told who was faster', async () => {
    const world = new DeskWorld();
    await world.fire();
    const target = { incidentId: world.incident.incident_id };
    await world.desk.act(target, { action: { action: 'ack' }, actor: MIA });
    const refusal = await refusalOf(world.desk.act(target, { action: { action: 'ack' }, actor: OTTO }));
    expect(refusal).toBeInstanceOf(VersionConflict);
    expect(refusal).toMatchObject({ code: 'conflict', changedBy: 'Mia', current: { state: 'ACK', acked_by: 'Mia' } });
    await world.pass(1000);
    expect(world.kinds()).toEqual(['opened', 'acknowledged']);
  });

  it('have seen enough when only the detectors have spoken since, and not when a person has', async () => {
    const world = new DeskWorld();
    const anomaly = await world.fire();
    const target = { incidentId: world.incident.incident_id };
    const seenVersion = world.incident.version;
    await world.desk.anomaly({ ...anomaly, deviation_score: 15 });
    await world.desk.act(target, { action: { action: 'assign', to: 'Otto' }, actor: MIA, seenVersion });
    const refusal = await refusalOf(world.desk.act(target, { action: { action: 'ack' }, actor: OTTO, seenVersion }));
    expect(refusal).toMatchObject({ code: 'conflict', changedBy: 'Mia' });
  });

  it('name the version of the alert where they act on an alert', async () => {
    const world = new DeskWorld();
    const anomaly = await world.fire();
    await world.fire({ signal: 'error_rate' });
    await world.desk.anomaly({ ...anomaly, deviation_score: 15 });
    const [first, second] = world.incident.alerts;
    const ack = { action: 'ack' } as const;
    await world.desk.act({ alertId: first.alert_id }, { action: ack, actor: MIA, seenVersion: 1 });
    const again = world.desk.act({ alertId: first.alert_id }, { action: ack, actor: OTTO, seenVersion: first.version });
    expect(await refusalOf(again)).toMatchObject({ code: 'conflict', changedBy: 'Mia' });
    // Mia's word about the one says nothing about the other.
    await world.desk.act({ alertId: second.alert_id }, { action: ack, actor: OTTO, seenVersion: second.version });
    expect(world.incident).toMatchObject({ state: 'ACK', alerts: [{ state: 'ACK' }, { state: 'ACK' }] });
  });

  it('resolve what still fires only by force', async () => {
    const world = new DeskWorld();
    await world.fire();
    const target = { incidentId: world.incident.incident_id };
    expect(await refusalOf(world.desk.act(target, { action: { action: 'resolve' }, actor: MIA }))).toMatchObject({
      code: 'still_firing',
    });
    await world.desk.act(target, { action: { action: 'resolve', force: true }, actor: MIA });
    expect(world.incident.state).toBe('RESOLVED');
  });

  it('merge two incidents: the alerts move, and what fires again goes where they went', async () => {
    const world = new DeskWorld();
    const first = await world.fire();
    const second = await world.fire({ source_id: ORDER, service: 'order-service' });
    const [into, from] = [first, second].map(({ event_id }) =>
      world.desk.list().find(({ alerts }) => alerts.some(({ event_ids }) => event_ids.includes(event_id))),
    );
    await world.desk.act(
      { incidentId: from?.incident_id ?? '' },
      { action: { action: 'merge', into: into?.incident_id ?? '' }, actor: MIA },
    );
    await world.recover(second);
    await world.pass(1000);
    const after = new Map(world.desk.list().map((incident) => [incident.incident_id, incident]));
    expect(after.get(from?.incident_id ?? '')).toMatchObject({
      state: 'RESOLVED',
      resolution: 'merged',
      merged_into: into?.incident_id,
      alerts: [],
    });
    expect(after.get(into?.incident_id ?? '')).toMatchObject({
      state: 'OPEN',
      services: ['payment-service', 'order-service'],
      alerts: [{ firing: true }, { firing: false }],
    });
    expect(
      await refusalOf(
        world.desk.act({ incidentId: from?.incident_id ?? '' }, { action: { action: 'reopen' }, actor: MIA }),
      ),
    ).toMatchObject({ code: 'conflict' });
  });

  it('leave a trace of everything: a timeline entry, and an audit entry with who and where', async () => {
    const world = new DeskWorld();
    await world.fire();
    const target = { incidentId: world.incident.incident_id };
    await world.desk.act(target, {
      action: { action: 'severity', severity: 'P3', reason: 'test traffic' },
      actor: OTTO,
    });
    expect(world.store.audits.at(-1)).toMatchObject({
      actor: 'Otto',
      action: 'incident.severity',
      detail: { kind: 'person', via: 'slack', severity: 'P3' },
    });
    expect([...world.store.entries.values()].at(-1)).toMatchObject({
      kind: 'severity_set',
      actor: OTTO,
      text: 'Otto set the severity to P3: test traffic',
    });
  });
});

describe('with the database away', () => {
  it('incidents are made and shown, people are asked to wait, and everything is saved once it is back', async () => {
    const world = new DeskWorld();
    world.store.state = 'down';
    const anomaly = await world.fire();
    await world.recover(anomaly);
    await world.pass(6 * MINUTE);
    expect(world.incident.state).toBe('RESOLVED');
    expect(world.published.at(-1)?.state).toBe('RESOLVED');
    const target = { incidentId: world.incident.incident_id };
    const refusal = await refusalOf(world.desk.act(target, { action: { action: 'notes', text: 'x' }, actor: MIA }));
    expect(refusal).toMatchObject({ code: 'storage_unavailable' });
    expect(refusal).toBeInstanceOf(RequestError);
    expect(world.desk.unsaved).toBe(1);
    world.store.state = 'up';
    await world.pass(1000);
    expect(world.desk.unsaved).toBe(0);
    expect(world.kinds()).toEqual(['opened', 'recovered', 'resolved']);
    expect(world.sent()).toEqual(['opened', 'resolved']);
  });

  it('a person whose answer was lost may ask again, and memory and database stay one', async () => {
    const world = new DeskWorld();
    await world.fire();
    await world.pass(1000);
    const target = { incidentId: world.incident.incident_id };
    world.store.state = 'answer_lost';
    expect(await refusalOf(world.desk.act(target, { action: { action: 'ack' }, actor: MIA }))).toMatchObject({
      code: 'storage_unavailable',
    });
    expect(world.incident.state).toBe('OPEN');
    await world.pass(1000);
    expect(world.store.incidents.get(target.incidentId)?.incident).toEqual(world.incident);
    await world.desk.act(target, { action: { action: 'ack' }, actor: MIA });
    expect(world.store.incidents.get(target.incidentId)?.incident).toMatchObject({ state: 'ACK', acked_by: 'Mia' });
  });

  it('a desk that was killed goes on from what was saved, and a replay doubles nothing', async () => {
    const world = new DeskWorld();
    const anomaly = await world.fire();
    await world.pass(1000);
    const again = new DeskWorld(world.store);
    again.nowMs = world.nowMs;
    await again.desk.anomaly(anomaly);
    await again.recover(anomaly);
    await again.pass(1000);
    expect(again.desk.list()).toHaveLength(1);
    expect(again.incident).toMatchObject({ key: world.incident.key, firing: false, version: 3 });
    expect(again.kinds()).toEqual(['opened', 'recovered']);
  });
});

const escalation = (world: DeskWorld, steps = ['ladder 0.0']) => ({
  type: 'escalated' as const,
  waitingSinceMs: world.incident.opened_at_ms,
  steps,
  deliveries: [
    {
      incidentId: world.incident.incident_id,
      channelId: 'pagerduty',
      transition: 'escalated' as const,
      turn: world.incident.version,
      notBeforeMs: world.nowMs,
      because: 'nobody has acknowledged it for 5 minutes',
      batch: false,
    },
  ],
  text: 'nobody has acknowledged it for 5 minutes: Maria is told',
});

describe('what others do about an incident', () => {
  it('stands in its timeline and takes nobody’s decision from them', async () => {
    const world = new DeskWorld();
    await world.fire();
    const { incident_id, version } = world.incident;
    const slack = { kind: 'channel', name: 'Slack #incidents', via: null } as const;
    await world.desk.remark(incident_id, slack, [{ kind: 'notified', text: 'told: opened' }]);
    await world.pass(1000);
    expect([...world.store.entries.values()].at(-1)).toMatchObject({ kind: 'notified', actor: slack });
    expect(world.incident.version).toBe(version + 1);
    // Who saw it before the message was sent may still act.
    await world.desk.act({ incidentId: incident_id }, { action: { action: 'ack' }, actor: MIA, seenVersion: version });
    expect(world.incident.state).toBe('ACK');
    await world.desk.remark('01996f00-0000-7000-8000-00000000dead', slack, [{ kind: 'notified', text: 'gone' }]);
  });

  it('is told at a turn of its own, once, and stands in the timeline and in the audit', async () => {
    const world = new DeskWorld();
    await world.fire();
    const { incident_id, version } = world.incident;
    expect(await world.desk.carryOut(incident_id, escalation(world))).toBe('done');
    expect(world.store.outbox.waiting.at(-1)).toMatchObject({ transition: 'escalated', turn: version + 1 });
    expect(await world.desk.carryOut(incident_id, escalation(world))).toBe('repeated');
    expect(await world.desk.carryOut(incident_id, escalation(world, ['ladder 0.1']))).toBe('done');
    expect(
      world.store.outbox.waiting.filter(({ channelId }) => channelId === 'pagerduty').map(({ turn }) => turn),
    ).toEqual([version + 1, version + 2]);
    expect(world.kinds().filter((kind) => kind === 'escalated')).toHaveLength(2);
    expect(world.store.audits.filter(({ action }) => action === 'incident.escalated')).toHaveLength(2);
  });

  it('is not done any more when somebody has taken it, and is done later when the database was away', async () => {
    const world = new DeskWorld();
    await world.fire();
    await world.pass(1000);
    const { incident_id } = world.incident;
    world.store.state = 'down';
    await expect(world.desk.carryOut(incident_id, escalation(world))).rejects.toThrow('the database is away');
    world.store.state = 'up';
    expect(world.kinds()).not.toContain('escalated');
    expect(await world.desk.carryOut(incident_id, escalation(world))).toBe('done');
    await world.desk.act({ incidentId: incident_id }, { action: { action: 'ack' }, actor: MIA });
    expect(await world.desk.carryOut(incident_id, escalation(world, ['ladder 0.1']))).toBe('repeated');
  });

  it('is done once although the answer of the database was lost', async () => {
    const world = new DeskWorld();
    await world.fire();
    await world.pass(1000);
    const { incident_id } = world.incident;
    world.store.state = 'answer_lost';
    await expect(world.desk.carryOut(incident_id, escalation(world))).rejects.toThrow('the answer was lost');
    await world.pass(1000);
    expect(await world.desk.carryOut(incident_id, escalation(world))).toBe('repeated');
    await world.pass(1000);
    expect(world.store.outbox.sent.filter(({ transition }) => transition === 'escalated')).toHaveLength(1);
    const stored = world.store.incidents.get(incident_id);
    expect(stored?.incident.version).toBe(world.incident.version);
  });
});
