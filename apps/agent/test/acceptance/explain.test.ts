import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  type Cluster,
  ClusterListSchema,
  ClusterSchema,
  type ExplainMessage,
  ExplainMessageSchema,
} from '@sentinellog/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentProcess, eventually } from './agent-process.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const MINUTE = 60;
const agent = new AgentProcess();
/** Whole seconds: twenty-five minutes of shop, with a pool that runs out for the last five. */
const end = Math.floor(Date.now() / 1000) - 5;
const broken = end - 5 * MINUTE;

function recordedShop(): string[] {
  const lines: string[] = [];
  let n = 0;
  const say = (ts: number, service: string, level: string, msg: string, more = {}) =>
    lines.push(JSON.stringify({ ts, service, level, msg, ...more }));
  for (let t = end - 25 * MINUTE; t < end; t++) {
    for (let i = 0; i < 5; i++) {
      n++;
      say(
        t,
        'payment-service',
        'info',
        `payment ${(n * 7919).toString(16)} authorised: ${n % 90}.5 EUR for ord-${n} in ${n % 300} ms`,
      );
    }
    say(t, 'order-service', 'info', `order ord-${n} placed by user ${n % 500}`);
    if (t < broken) {
      say(t, 'order-service', 'info', `reconciliation of batch ${n} finished`);
      continue;
    }
    for (let i = 0; i < 4; i++)
      say(t, 'payment-service', 'error', `connection pool exhausted: 50/50 in use, ${n % 240} waiting`, {
        trace_id: `trace-${n}`,
      });
    if (t % 2 === 0) say(t, 'order-service', 'error', `payment-service did not answer for ord-${n} within 5000 ms`);
  }
  return lines;
}

async function call(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  return fetch(agent.url + path, {
    method,
    headers: {
      authorization: `Bearer ${agent.credentials.adminToken}`,
      'content-type': 'application/json',
      // Commands run in between for longer than an idle connection is kept.
      connection: 'close',
    },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
}

async function explain(body: object): Promise<ExplainMessage[]> {
  const response = await call('POST', '/v1/ranges:explain', body);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${text}`);
  expect(response.headers.get('content-type')).toContain('application/x-ndjson');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => ExplainMessageSchema.parse(JSON.parse(line)));
}

async function clusters(): Promise<Cluster[]> {
  return ClusterListSchema.parse(await agent.get('/v1/clusters')).clusters;
}

describe('explaining a range, on a whole agent', { timeout: 90_000 }, () => {
  beforeAll(async () => {
    await agent.start();
    const lines = recordedShop();
    for (let from = 0; from < lines.length; from += 2000)
      expect((await agent.ingest(lines.slice(from, from + 2000).join('\n'))).status).toBe(202);
  }, 60_000);
  afterAll(() => agent.remove());

  it('says what broke, what is missing, and shows lines of it; counts are those of the heartbeat', async () => {
    const range = { from: broken * 1000, to: end * 1000 };
    const messages = await explain(range);
    const rows = messages.filter((message) => message.type === 'row').map(({ row }) => row);
    const first = rows.slice(0, rows.length / 2);
    const last = rows.slice(rows.length / 2);
    expect(last.slice(0, 3).map(({ name, status, count }) => [name, status, count])).toEqual([
      ['Connection pool exhausted', 'new', 1200],
      ['Reconciliation of batch finished', 'gone', 0],
      ['Timeouts calling payment-service', 'new', 150],
    ]);
    // First from counts alone, then with what the journal says.
    expect(first.map(({ samples }) => samples.length)).toEqual(first.map(() => 0));
    expect(last[0].samples).toHaveLength(5);
    expect(last[0].samples[0]).toMatchObject({ level: 'error', trace_id: expect.stringContaining('trace-') });
    expect(last[0]).toMatchObject({ levels: { error: 1200 }, services: [{ service: 'payment-service', count: 1200 }] });
    const summary = messages.find((message) => message.type === 'summary');
    const volume = await agent.heartbeats({ from: String(range.from), to: String(range.to), step: '1s' });
    expect(summary).toMatchObject({
      total: volume.total_events,
      expected: 2100,
      baseline: { kind: 'before' },
    });
    expect(messages.at(-1)).toMatchObject({ type: 'done' });
  });

  it('answers a mistake with a problem, not with a broken stream', async () => {
    const unknown = await call('POST', '/v1/ranges:explain', {
      from: broken * 1000,
      to: end * 1000,
      sources: ['nobody'],
    });
    expect(unknown.status).toBe(404);
    const backwards = await call('POST', '/v1/ranges:explain', { from: end * 1000, to: broken * 1000 });
    expect(backwards.status).toBe(400);
  });

  it('goes on answering when readers hang up', async () => {
    for (let i = 0; i < 12; i++) {
      const hangUp = new AbortController();
      const answer = await call(
        'POST',
        '/v1/ranges:explain',
        { from: (end - 1500) * 1000, to: end * 1000 },
        hangUp.signal,
      );
      if (answer.status === 200) await answer.body?.getReader().read();
      hangUp.abort();
    }
    await eventually('a free place to explain in', 10_000, async () => {
      const again = await call('POST', '/v1/ranges:explain', { from: broken * 1000, to: end * 1000 });
      await again.text();
      return again.status === 200 ? true : undefined;
    });
  });

  it('is printed for people, and line by line for programs', () => {
    const args = ['explain', '--from', String(broken * 1000), '--to', String(end * 1000), '--data-dir', agent.dataDir];
    const run = (...more: string[]) =>
      spawnSync(process.execPath, [MAIN, ...args, ...more], { encoding: 'utf8', timeout: 60_000 }).stdout;
    expect(run()).toMatch(
      /NEW +1,200 +0 +\+1,200 +error +payment-service +Connection pool exhausted +connection pool exhausted: 50\/50/,
    );
    const types = run('--json')
      .trimEnd()
      .split('\n')
      .map((line) => ExplainMessageSchema.parse(JSON.parse(line)).type);
    expect(new Set(types)).toEqual(new Set(['summary', 'row', 'remainder', 'progress', 'done']));
  });

  it('keeps names, merges and splits of clusters through a kill -9, under the same ids', async () => {
    const before = await clusters();
    const idOf = (name: string) => before.find((cluster) => cluster.name === name)!.cluster_id;
    const pool = idOf('Connection pool exhausted');
    const timeouts = idOf('Timeouts calling payment-service');
    expect((await call('PATCH', `/v1/clusters/${pool}`, { name: 'Payment pool', pinned: true })).status).toBe(200);
    const merged = ClusterSchema.parse(
      await (await call('POST', '/v1/clusters:merge', { into: pool, clusters: [timeouts] })).json(),
    );
    expect(merged).toMatchObject({ cluster_id: pool, name: 'Payment pool', count: 1350 });
    const orders = idOf('Order placed by user');
    const reconciliation = idOf('Reconciliation of batch finished');
    await call('POST', '/v1/clusters:merge', { into: orders, clusters: [reconciliation] });
    const split = ClusterSchema.parse(
      await (await call('POST', '/v1/clusters:split', { cluster: orders, templates: [reconciliation] })).json(),
    );
    expect(split).toMatchObject({ templates: [{ template_id: reconciliation }] });
    await agent.kill9();
    await agent.start();
    const after = await clusters();
    expect(after[0]).toMatchObject({ cluster_id: pool, name: 'Payment pool', pinned: true, count: 1350 });
    expect(await agent.get(`/v1/clusters/${timeouts}`)).toMatchObject({ cluster_id: pool });
    expect(after.find(({ cluster_id }) => cluster_id === split.cluster_id)).toMatchObject({
      templates: split.templates,
    });
    expect(after.find(({ cluster_id }) => cluster_id === orders)?.templates).toHaveLength(1);
  });
});
