import { RoutingPolicySchema } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { VersionConflict } from '../pipeline/version-conflict.ts';
import { aFakeAgent, bearer, TOKENS } from './testing/fake-agent.ts';

const POLICY = RoutingPolicySchema.parse({ id: 'payments', name: 'payments', rules: [] });

async function asAdmin(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  body?: object,
  headers: Record<string, string> = {},
) {
  const { api, agent } = await aFakeAgent();
  const answer = await api.inject({
    method,
    url,
    headers: { ...bearer(TOKENS.admin), ...headers },
    ...(body !== undefined && { payload: body }),
  });
  return {
    status: answer.statusCode,
    body: answer.body === '' ? null : answer.json<Record<string, unknown>>(),
    calls: agent.calls,
  };
}

describe('routing documents over HTTP', () => {
  it('are made with their defaults filled in', async () => {
    const made = await asAdmin('POST', '/v1/routing', { id: 'payments', name: 'payments', rules: [] });
    expect(made).toMatchObject({
      status: 201,
      body: { version: 1, pagerduty_severities: ['P1', 'P2'], budgets: null },
    });
    expect(made.calls).toEqual([{ kind: 'policy', body: POLICY }]);
  });

  it.each([
    ['a field that is not known', '/v1/routing', { ...POLICY, channel: 'x' }, 'field(s) that are not known here'],
    [
      'a target that is none',
      '/v1/escalations',
      { id: 'a', name: 'a', steps: [{ after_minutes: 5, to: ['maria'] }] },
      'body.steps.0.to.0 is not valid',
    ],
    [
      'steps that go back',
      '/v1/escalations',
      {
        id: 'a',
        name: 'a',
        steps: [
          { after_minutes: 5, to: ['kind:slack'] },
          { after_minutes: 5, to: ['kind:slack'] },
        ],
      },
      'body.steps is not valid',
    ],
    [
      'a zone that there is not',
      '/v1/calendars',
      { id: 'a', name: 'a', time_zone: 'Mars/Olympus', hours: [] },
      'body.time_zone is not valid',
    ],
    [
      'a day that there is not',
      '/v1/calendars',
      { id: 'a', name: 'a', time_zone: 'UTC', hours: [], holidays: [{ date: '2026-02-30' }] },
      'body.holidays.0.date is not valid',
    ],
    [
      'an hour that there is not',
      '/v1/calendars',
      { id: 'a', name: 'a', time_zone: 'UTC', hours: [{ days: ['mon'], from: '25:00', to: '26:00' }] },
      'body.hours.0.from is not valid',
    ],
    [
      'a silence without a reason',
      '/v1/silences',
      { scope: { kind: 'service', service: 'x' }, reason: '' },
      'body.reason must be at least 1 characters',
    ],
  ])('refuse %s and say where', async (_what, url, body, detail) => {
    const refused = await asAdmin('POST', url, body);
    expect(refused).toMatchObject({ status: 400, calls: [] });
    expect(refused.body?.['detail']).toContain(detail);
  });

  it('are replaced and removed only with the version that was looked at', async () => {
    expect(await asAdmin('PUT', '/v1/routing/payments', POLICY)).toMatchObject({ status: 400, calls: [] });
    expect(await asAdmin('DELETE', '/v1/routing/payments')).toMatchObject({ status: 400, calls: [] });
    expect(await asAdmin('DELETE', '/v1/routing/payments', undefined, { 'if-match': 'W/"x"' })).toMatchObject({
      status: 400,
    });
    expect(await asAdmin('PUT', '/v1/routing/payments', POLICY, { 'if-match': '"3"' })).toMatchObject({
      status: 200,
      calls: [{ kind: 'policy', body: POLICY, version: 3 }],
    });
    expect(await asAdmin('DELETE', '/v1/routing/payments', undefined, { 'if-match': '3' })).toMatchObject({
      status: 204,
      calls: ['remove policy payments 3'],
    });
    expect(await asAdmin('PUT', '/v1/routing/other', POLICY, { 'if-match': '"3"' })).toMatchObject({
      status: 400,
      body: { detail: 'body.id must be the id in the path: an id never changes' },
    });
  });

  it('answer a conflict with the object as it is and who made it so', async () => {
    const current = { ...POLICY, version: 4 };
    const { deps } = await aFakeAgent();
    const replace = () => Promise.reject(new VersionConflict('conflict', 'it is at version 4', current, 'Bo'));
    const conflicting = await aFakeAgent({ documents: { ...deps.documents, replace } });
    const answer = await conflicting.api.inject({
      method: 'PUT',
      url: '/v1/routing/payments',
      headers: { ...bearer(TOKENS.admin), 'if-match': '"3"' },
      payload: POLICY,
    });
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({ code: 'conflict', changed_by: 'Bo', current });
  });

  it('are imported as a preview unless asked otherwise', async () => {
    expect((await asAdmin('POST', '/v1/config/import', { schemaVersion: 1 })).calls).toEqual([
      { config: { schemaVersion: 1 }, mode: 'preview', revision: null, by: 'Ada' },
    ]);
    const applied = await asAdmin('POST', '/v1/config/import?mode=apply', { schemaVersion: 1 }, { 'if-match': '"6"' });
    expect(applied.calls).toEqual([{ config: { schemaVersion: 1 }, mode: 'apply', revision: 6, by: 'Ada' }]);
    expect((await asAdmin('POST', '/v1/config/import', { schemaVersion: 2 })).status).toBe(400);
  });
});

describe('silences over HTTP', () => {
  it('are made, looked at before, and ended with their bill', async () => {
    const scope = { kind: 'service', service: 'payment-service' };
    expect(await asAdmin('POST', '/v1/silences', { scope, reason: 'deploy' })).toMatchObject({
      status: 201,
      calls: [{ input: { scope, reason: 'deploy', ends_at_ms: null, until_worse: false }, by: 'Ada' }],
    });
    expect(await asAdmin('POST', '/v1/silences:preview', { scope })).toMatchObject({ body: { open: 3, last_24h: 41 } });
    expect(await asAdmin('DELETE', '/v1/silences/01996f00-0000-7000-8000-00000000005e')).toMatchObject({ status: 200 });
    expect(await asAdmin('DELETE', '/v1/silences/nothing')).toMatchObject({ status: 404, calls: [] });
  });
});

describe('the question who hears of it', () => {
  it('is answered for an example and for an incident', async () => {
    const example = { services: ['payment-service'], severity: 'P1' };
    expect(await asAdmin('POST', '/v1/routing:explain', { example })).toMatchObject({
      status: 200,
      calls: [{ ...example, tenant: 'default', tags: [] }],
    });
    expect(await asAdmin('POST', '/v1/routing:explain', { incident_id: 'nothing' })).toMatchObject({ status: 404 });
  });
});
