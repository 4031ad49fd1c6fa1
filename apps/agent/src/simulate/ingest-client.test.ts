import { problem } from '@sentinellog/shared';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IngestClient } from './ingest-client.ts';
import { FakeAgent } from './testing/fake-agent.ts';

const LINES = Buffer.from('{"service":"gateway","message":"GET /api/cart 200 12ms"}\n') as Uint8Array<ArrayBuffer>;
const NEVER = new AbortController().signal;
const overloaded = JSON.stringify(problem('overloaded', 'the journal has 64 MiB waiting', 'r1'));

let agent: FakeAgent;
beforeEach(async () => {
  agent = await FakeAgent.start();
});
afterEach(() => agent.stop());

function aClient(url = agent.url, onSleep: (ms: number) => void = () => undefined) {
  const waits: { reason: string; waitMs: number }[] = [];
  let nowMs = Date.parse('2026-03-03T14:00:00Z');
  const client = new IngestClient({
    url,
    key: 'slk_shop',
    fetch,
    now: () => nowMs,
    chance: { next: () => 0.5 },
    sleep: (ms) => {
      nowMs += ms;
      return Promise.resolve(onSleep(ms));
    },
    onRetry: (reason, waitMs) => waits.push({ reason, waitMs }),
  });
  return { client, waits };
}

describe('the ingest client', () => {
  it('sends a batch once, with key and batch id, and gives back the answer', async () => {
    const { client, waits } = aClient();
    expect(await client.send(LINES, 'run-0', NEVER)).toEqual({ accepted: 1, rejected: 0, batch_id: 'run-0' });
    expect(agent.received).toEqual([{ batchId: 'run-0', key: 'slk_shop', body: LINES.toString(), answer: 202 }]);
    expect(waits).toEqual([]);
  });

  it('sends the same batch under the same id after 503, 429, a lost answer and a proxy on its way up', async () => {
    agent.refusals.push(
      { status: 503, headers: { 'Retry-After': '2' }, body: overloaded },
      { status: 429, headers: { 'Retry-After': '1' }, body: JSON.stringify(problem('rate_limited', 'slower', 'r2')) },
      'cut',
      { status: 502, body: '<h1>Bad Gateway</h1>' },
    );
    const { client, waits } = aClient();
    expect(await client.send(LINES, 'run-1', NEVER)).toMatchObject({ accepted: 1 });
    expect(agent.received.map(({ batchId }) => batchId)).toEqual(Array(5).fill('run-1'));
    expect(new Set(agent.received.map(({ body }) => body)).size).toBe(1);
    expect(waits.map(({ waitMs }) => waitMs)).toEqual([2000, 1000, 1000, 2000]);
    expect(waits[0]?.reason).toBe('503 overloaded (the journal has 64 MiB waiting)');
  });

  it('does not try again what the agent says will not succeed', async () => {
    agent.refusals.push({ status: 500, body: JSON.stringify(problem('internal', 'a bug', 'r3')) });
    await expect(aClient().client.send(LINES, 'run-2', NEVER)).rejects.toThrow(/500 internal/);
    expect(agent.received).toHaveLength(1);
  });

  it('says which key to pass when the agent refuses the one it has', async () => {
    agent.refusals.push({ status: 401, body: JSON.stringify(problem('unauthenticated', 'no such key', 'r4')) });
    await expect(aClient().client.send(LINES, 'run-3', NEVER)).rejects.toThrow(/--key/);
  });

  it('does not take any 202 for an agent', async () => {
    agent.refusals.push({ status: 202, body: '{"ok":true}' });
    await expect(aClient().client.send(LINES, 'run-4', NEVER)).rejects.toThrow(
      /is this the URL of a SentinelLog agent/,
    );
  });

  it('gives up on an agent that never was there, and says so', async () => {
    const { url } = agent;
    await agent.stop();
    const { client, waits } = aClient(url);
    await expect(client.send(LINES, 'run-5', NEVER)).rejects.toThrow(
      /no agent answers at http.*ECONNREFUSED.*is it running/,
    );
    expect(waits).toHaveLength(7);
    agent = await FakeAgent.start();
  });

  it('waits for an agent that has answered before, as long as a restart may take', async () => {
    const { client } = aClient();
    await client.send(LINES, 'run-6', NEVER);
    for (let i = 0; i < 30; i++) agent.refusals.push('cut');
    expect(await client.send(LINES, 'run-7', NEVER)).toMatchObject({ accepted: 1 });
    expect(agent.received).toHaveLength(32);
  });

  it('gives up on one that stays away for five minutes', async () => {
    const { client, waits } = aClient();
    await client.send(LINES, 'run-9', NEVER);
    for (let i = 0; i < 100; i++) agent.refusals.push('cut');
    await expect(client.send(LINES, 'run-10', NEVER)).rejects.toThrow(/no agent answers/);
    const waited = waits.reduce((sum, { waitMs }) => sum + waitMs, 0);
    expect(waited).toBeGreaterThan(290_000);
    expect(waited).toBeLessThan(330_000);
  });

  it('stops waiting when it is told to, and says that there was no answer', async () => {
    const stop = new AbortController();
    agent.refusals.push({ status: 503, body: overloaded });
    const { client } = aClient(agent.url, () => stop.abort());
    expect(await client.send(LINES, 'run-8', stop.signal)).toBeNull();
    expect(agent.received).toHaveLength(1);
  });
});
