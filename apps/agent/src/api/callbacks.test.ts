import { describe, expect, it } from 'vitest';
import { aFakeAgent } from './testing/fake-agent.ts';

describe('callbacks of other services', () => {
  it('take a signed click of Slack, as the form it comes in', async () => {
    const { api, agent } = await aFakeAgent();
    const payload = { type: 'block_actions', user: { id: 'U1' } };
    const answer = await api.inject({
      method: 'POST',
      url: '/v1/callbacks/slack',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-signature': 'v0=good',
        'x-slack-request-timestamp': '1',
      },
      payload: new URLSearchParams({ payload: JSON.stringify(payload) }).toString(),
    });
    expect(answer.statusCode).toBe(200);
    expect(agent.calls).toEqual([payload]);
  });

  it('answer 401 to what is not signed, before anything is read from it', async () => {
    const { api, agent, authFailures } = await aFakeAgent();
    for (const url of ['/v1/callbacks/slack', '/v1/callbacks/pagerduty/pd']) {
      const answer = await api.inject({ method: 'POST', url, payload: 'payload={}' });
      expect(answer.statusCode).toBe(401);
    }
    expect(agent.calls).toEqual([]);
    expect(authFailures.of('signature')).toBe(2);
  });

  it("take PagerDuty's events byte for byte", async () => {
    const { api, agent } = await aFakeAgent();
    const answer = await api.inject({
      method: 'POST',
      url: '/v1/callbacks/pagerduty/pd',
      headers: { 'content-type': 'application/json', 'x-pagerduty-signature': 'v1=good' },
      payload: '{"event": {} }',
    });
    expect(answer.statusCode).toBe(202);
    expect(agent.calls).toEqual([{ id: 'pd', body: '{"event": {} }' }]);
  });

  it('refuse a click without JSON in it', async () => {
    const { api } = await aFakeAgent();
    const answer = await api.inject({
      method: 'POST',
      url: '/v1/callbacks/slack',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-slack-signature': 'v0=good' },
      payload: 'payload=no',
    });
    expect(answer.statusCode).toBe(400);
  });
});
