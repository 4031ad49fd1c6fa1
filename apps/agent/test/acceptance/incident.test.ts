import {
  type Incident,
  IncidentDetailSchema,
  IncidentListSchema,
  IncidentSchema,
  HealthMapSchema,
  TimelineListSchema,
} from '@sentinellog/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentProcess, eventually } from './agent-process.ts';

const agent = new AgentProcess();
const killed = new AgentProcess();
beforeAll(() => agent.start());
afterAll(() => agent.remove());
afterAll(() => killed.remove());

const CASCADE = ['payment-service', 'order-service', 'gateway'];

const incidents = async (of = agent): Promise<readonly Incident[]> =>
  IncidentListSchema.parse(await of.get('/v1/incidents')).incidents;

/** Starts the simulator; two hours of history take a few seconds to send, the cascade starts well after them. */
function cascade(of: AgentProcess): number {
  const startsMs = (Math.floor(Date.now() / 1000) + 25) * 1000;
  const scenario = `--scenario=cascade@${new Date(startsMs).toISOString()}`;
  of.run('simulate', `--data-dir=${of.dataDir}`, '--history=2h', '--seed=7', scenario, '--duration=70s');
  return startsMs;
}

describe('the simulated cascade, over the real API of a real agent', () => {
  it('is one P1 incident of three services with payment-service first, and its story can be read and acted on', async () => {
    const startsMs = cascade(agent);
    const incident = await eventually('an incident of all three services', 60_000, async () =>
      (await incidents()).find(({ services }) => CASCADE.every((service) => services.includes(service))),
    );
    const tookMs = incident.updated_at_ms - startsMs;
    process.stderr.write(`one incident of three services ${(tookMs / 1000).toFixed(1)} s after the start\n`);
    expect(tookMs).toBeLessThanOrEqual(30_000);
    expect((await incidents()).map(({ title }) => title)).toEqual([incident.title]);
    expect(incident).toMatchObject({
      severity: 'P1',
      state: 'OPEN',
      firing: true,
      first_mover: { service: 'payment-service' },
    });

    const detail = await eventually('errors around it', 30_000, async () => {
      const found = IncidentDetailSchema.parse(await agent.get(`/v1/incidents/${incident.incident_id}`));
      return found.correlated.length > 0 ? found : undefined;
    });
    expect(new Set(detail.correlated.map(({ service }) => service))).toEqual(expect.objectContaining(new Set(CASCADE)));
    expect(detail.anomalies.length).toBeGreaterThanOrEqual(3);
    process.stderr.write(`${detail.timeline.map(({ kind, text }) => `  ${kind}: ${text}`).join('\n')}\n`);
    process.stderr.write(
      `  first mover: ${detail.incident.first_mover.service} ${detail.incident.first_mover.reason}\n`,
    );
    const joined = detail.timeline.filter(({ kind }) => kind === 'alert_added' || kind === 'opened');
    expect(joined.length).toBeGreaterThanOrEqual(3);
    expect(joined[0]).toMatchObject({ kind: 'opened', actor: { kind: 'detector' } });

    // A person acts, twice by mistake, and changes their mind within the hold.
    const path = `/v1/incidents/${incident.incident_id}`;
    const headers = {
      'Idempotency-Key': 'ack-1',
      'X-Sentinel-Via': 'console',
      'If-Match': String(detail.incident.version),
    };
    const acked = await agent.post(`${path}/ack`, {}, headers);
    expect(acked.status).toBe(200);
    expect(await agent.post(`${path}/ack`, {}, headers)).toEqual(acked);
    expect(acked.body).toMatchObject({ state: 'ACK', held: { transition: 'acknowledged' } });
    const refused = await agent.post(`${path}/resolve`, {});
    expect(refused).toMatchObject({ status: 409, body: { code: 'still_firing', current: { state: 'ACK' } } });
    const undone = IncidentSchema.parse((await agent.post(`${path}/unack`, {})).body);
    expect(undone).toMatchObject({ state: 'OPEN', acked_by: null, held: null });
    const { entries } = TimelineListSchema.parse(
      await agent.get(`/v1/incidents/timeline?incident=${incident.incident_id}`),
    );
    const deeds = entries
      .filter(({ actor }) => actor.kind === 'person')
      .map(({ kind, actor }) => `${kind} ${actor.via}`);
    expect(deeds).toEqual(['unacknowledged api', 'acknowledged console']);

    const map = HealthMapSchema.parse(await agent.get('/v1/health/map'));
    expect(map.nodes.find(({ service }) => service === 'payment-service')).toMatchObject({ health: 'P1' });
    process.stderr.write(`  edges: ${map.edges.map(({ from, to, weight }) => `${from}→${to} ${weight}`).join(', ')}\n`);

    // What was decided is decided, whatever happens to the process.
    await agent.post(`${path}/notes`, { text: 'pool size doubled' });
    const before = (await incidents())[0];
    await agent.kill9();
    await agent.start();
    const [after] = await incidents();
    expect(after).toMatchObject({ incident_id: before?.incident_id, key: before?.key, state: 'OPEN', reopened: 0 });
    expect(await incidents()).toHaveLength(1);
    expect(await agent.runToEnd('audit', 'verify', `--data-dir=${agent.dataDir}`)).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^intact: \d+ entries/),
    });
  }, 150_000);

  it('is one incident also when the agent is killed three times as it unfolds', async () => {
    await killed.start();
    const startsMs = cascade(killed);
    const kill = async () => {
      await killed.kill9();
      await killed.start();
    };
    // All that the cascade says is in the journal by then; what of it was saved elsewhere is a matter of milliseconds.
    await eventually('anomalies of all three', 60_000, async () => {
      const found = await killed.anomalies({ from: String(startsMs - 5000) });
      return CASCADE.every((service) => found.some((anomaly) => anomaly.service === service)) ? true : undefined;
    });
    await kill();
    await kill();
    await kill();
    const [incident] = await eventually('all three services', 60_000, async () => {
      const found = await incidents(killed);
      return CASCADE.every((service) => found.some(({ services }) => services.includes(service))) ? found : undefined;
    });
    expect(await incidents(killed)).toHaveLength(1);
    expect(incident).toMatchObject({ severity: 'P1', reopened: 0, merged_into: null });
    const ids = incident?.alerts.flatMap(({ event_ids }) => event_ids) ?? [];
    expect(new Set(ids).size).toBe(ids.length);
    const { timeline } = IncidentDetailSchema.parse(await killed.get(`/v1/incidents/${incident?.incident_id ?? ''}`));
    expect(timeline.filter(({ kind }) => kind === 'opened')).toHaveLength(1);
  }, 150_000);
});
