import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChannelListSchema, ChannelSchema, ChannelTestSchema } from '@sentinellog/shared';
import { FakeReceiver, SIGNING_SECRET } from '../fakes/fake-receiver.ts';
import { AgentProcess } from './agent-process.ts';

describe('channels of a running agent', () => {
  let agent: AgentProcess;
  let receiver: FakeReceiver;
  beforeAll(async () => {
    receiver = await FakeReceiver.open();
    agent = new AgentProcess();
    process.env['SENTINELLOG_NOTIFY_ALLOW_PRIVATE_HOSTS'] = '127.0.0.1';
    await agent.start();
  });
  afterAll(async () => {
    delete process.env['SENTINELLOG_NOTIFY_ALLOW_PRIVATE_HOSTS'];
    await agent.remove();
    await receiver.close();
  });

  async function call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(agent.url + path, {
      method,
      headers: {
        authorization: `Bearer ${agent.credentials.adminToken}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? null : (JSON.parse(text) as unknown);
  }

  it('are made, tried, kept over a restart and removed', async () => {
    const made = ChannelSchema.parse(
      await call('POST', '/v1/channels', {
        channel_id: 'hook',
        name: 'Our receiver',
        settings: { kind: 'webhook', url: receiver.http.url },
        secrets: { signingSecret: SIGNING_SECRET },
      }),
    );
    expect(made).toMatchObject({ channel_id: 'hook', secrets: ['signingSecret'], status: { state: 'ok' } });
    const test = async () => ChannelTestSchema.parse(await call('POST', '/v1/channels/hook:test'));
    expect(await test()).toMatchObject({ ok: true });

    await agent.kill9();
    await agent.start();
    const { channels } = ChannelListSchema.parse(await call('GET', '/v1/channels'));
    expect(channels.map(({ channel_id }) => channel_id)).toEqual(['hook']);
    expect(await test()).toMatchObject({ ok: true });
    expect(receiver.badSignatures).toBe(0);
    expect(receiver.deliveries.size).toBe(4);

    receiver.http.fault = 'reset';
    expect(await test()).toMatchObject({ ok: false, detail: expect.stringContaining('cannot be reached') });
    await call('DELETE', '/v1/channels/hook');
    expect(ChannelListSchema.parse(await call('GET', '/v1/channels')).channels).toEqual([]);
    const metrics = await (
      await fetch(`${agent.url}/metrics`, {
        headers: { authorization: `Bearer ${agent.credentials.adminToken}` },
      })
    ).text();
    expect(metrics).toMatch(/^sentinellog_notify_leader 1$/m);
  });
});
