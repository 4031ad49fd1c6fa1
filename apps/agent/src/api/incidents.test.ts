import { RequestError } from '@sentinellog/shared';
import { anIncident } from '@sentinellog/shared/testing';
import { describe, expect, it } from 'vitest';
import { VersionConflict } from '../pipeline/version-conflict.ts';
import { aFakeAgent, bearer, TOKENS } from './testing/fake-agent.ts';

const ID = anIncident().incident_id;

async function aDesk() {
  const { api, agent } = await aFakeAgent();
  const post = (url: string, payload?: object, headers: Record<string, string> = {}) =>
    api.inject({
      method: 'POST',
      url,
      headers: { ...bearer(TOKENS.operator), ...headers },
      ...(payload !== undefined && { payload }),
    });
  return { api, agent, post };
}

describe('acting on an incident', () => {
  it('hands the desk who did it, where, and what they had seen', async () => {
    const { agent, post } = await aDesk();
    const answer = await post(
      `/v1/incidents/${ID}/ack`,
      { holdMs: 500 },
      { 'x-sentinel-via': 'console', 'if-match': '"7"' },
    );
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ incident_id: ID, version: 2 });
    expect(agent.calls).toEqual([
      {
        target: { incidentId: ID },
        action: { action: 'ack', holdMs: 500 },
        actor: { kind: 'person', name: 'Otto', via: 'console' },
        seenVersion: 7,
      },
    ]);
  });

  it('needs no body where there is nothing to say, and knows an API by its token', async () => {
    const { agent, post } = await aDesk();
    expect((await post(`/v1/alerts/${ID}/unack`)).statusCode).toBe(200);
    expect(agent.calls).toMatchObject([{ target: { alertId: ID }, actor: { via: 'api' } }]);
  });

  it('refuses what it does not understand before the desk hears of it', async () => {
    const { agent, post } = await aDesk();
    const wrong = [
      post(`/v1/incidents/${ID}/ack`, { holdMs: 600_000 }),
      post(`/v1/incidents/${ID}/ack`, { action: 'resolve' }),
      post(`/v1/incidents/${ID}/notes`),
      post(`/v1/incidents/${ID}/ack`, {}, { 'x-sentinel-via': 'telepathy' }),
      post(`/v1/incidents/${ID}/ack`, {}, { 'if-match': 'yesterday' }),
      post(`/v1/incidents/${ID}/ack`, {}, { 'idempotency-key': 'a b' }),
    ];
    expect((await Promise.all(wrong)).map(({ statusCode }) => statusCode)).toEqual([400, 400, 400, 400, 400, 400]);
    expect((await post('/v1/incidents/1/ack', {})).statusCode).toBe(404);
    expect(agent.calls).toEqual([]);
  });

  it('answers a conflict with the incident as it is and who made it so', async () => {
    const { agent, post } = await aDesk();
    const current = anIncident({ state: 'ACK', acked_by: 'Mia', version: 9 });
    agent.act = () => {
      throw new VersionConflict('conflict', 'Mia has it already', current, 'Mia');
    };
    const answer = await post(`/v1/incidents/${ID}/ack`, {});
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({ code: 'conflict', detail: 'Mia has it already', changed_by: 'Mia', current });
  });
});

describe('a request that is sent again', () => {
  it('gets its first answer, and is done once', async () => {
    const { agent, post } = await aDesk();
    let version = 1;
    agent.act = () => anIncident({ version: ++version });
    const key = { 'idempotency-key': 'b7f6-1' };
    const first = await post(`/v1/incidents/${ID}/notes`, { text: 'pool is full' }, key);
    const again = await post(`/v1/incidents/${ID}/notes`, { text: 'pool is full' }, key);
    expect(again.json()).toEqual(first.json());
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(agent.calls).toHaveLength(1);
    const other = await post(`/v1/incidents/${ID}/notes`, { text: 'another' }, key);
    expect(other.json()).toMatchObject({ status: 400, code: 'invalid_request' });
  });

  it('is the first again when the database was away', async () => {
    const { agent, post } = await aDesk();
    const key = { 'idempotency-key': 'b7f6-2' };
    agent.storeDown = true;
    expect((await post(`/v1/incidents/${ID}/ack`, {}, key)).statusCode).toBe(503);
    agent.storeDown = false;
    expect((await post(`/v1/incidents/${ID}/ack`, {}, key)).statusCode).toBe(200);
  });

  it('gets the same refusal, as the problem document that it was', async () => {
    const { agent, post } = await aDesk();
    agent.act = () => {
      throw new RequestError('not_found', 'there is no incident with this id');
    };
    const key = { 'idempotency-key': 'b7f6-3' };
    const first = await post(`/v1/incidents/${ID}/ack`, {}, key);
    const again = await post(`/v1/incidents/${ID}/ack`, {}, key);
    expect(again.statusCode).toBe(404);
    expect(again.headers['content-type']).toMatch('application/problem+json');
    expect(again.json()).toEqual(first.json());
  });
});

describe('acting on many', () => {
  it('gives each its own result, conflicts with the incident as it is', async () => {
    const { agent, post } = await aDesk();
    const other = '01996f00-0000-7000-8000-0000000000a2';
    agent.act = (target) => {
      if ('incidentId' in target && target.incidentId === ID) return anIncident({ state: 'ACK' });
      throw new VersionConflict('conflict', 'Mia has it already', anIncident({ incident_id: other }), 'Mia');
    };
    const items = [ID, other, 'no-id'].map((id) => ({ id, version: 1 }));
    const answer = await post('/v1/incidents:batch', { action: { action: 'ack' }, items });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      results: [
        { id: ID, ok: true, code: null, incident: { state: 'ACK' } },
        { id: other, ok: false, code: 'conflict', detail: 'Mia has it already', incident: { incident_id: other } },
        { id: 'no-id', ok: false, code: 'not_found', incident: null },
      ],
    });
  });

  it('acknowledges exactly the alerts that are named, up to a thousand', async () => {
    const { agent, post } = await aDesk();
    const items = Array.from({ length: 1000 }, () => ({ id: ID, version: 3 }));
    expect((await post('/v1/alerts/ackAll', { items, holdMs: 0 })).statusCode).toBe(200);
    expect(agent.calls).toHaveLength(1000);
    expect(agent.calls[0]).toMatchObject({
      target: { alertId: ID },
      action: { action: 'ack', holdMs: 0 },
      seenVersion: 3,
    });
    expect((await post('/v1/alerts/ackAll', { items: [...items, items[0]] })).statusCode).toBe(400);
    expect((await post('/v1/alerts/ackAll', { items: [] })).statusCode).toBe(400);
  });
});

describe('reading incidents', () => {
  it('gives pages, one incident with its version, and where it does not exist a problem document', async () => {
    const { api } = await aDesk();
    const get = (url: string) => api.inject({ url, headers: bearer(TOKENS.viewer) });
    expect((await get('/v1/incidents?state=OPEN&limit=1')).json()).toMatchObject({
      incidents: [{ incident_id: ID }],
      next_cursor: 'next',
    });
    const one = await get(`/v1/incidents/${ID}`);
    expect(one.headers['etag']).toBe('"1"');
    expect(one.json()).toMatchObject({ incident: { incident_id: ID }, timeline: [], similar: [] });
    expect((await get('/v1/incidents/01996f00-0000-7000-8000-0000000000ff')).statusCode).toBe(404);
    expect((await get('/v1/incidents/timeline?alert=1')).statusCode).toBe(404);
    expect((await get('/v1/incidents/timeline')).json()).toEqual({ entries: [], next_cursor: null });
  });
});
