import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@elastic/elasticsearch';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sampleLines } from '../../src/tally/sample-lines.ts';
import { SENDER_EVENTS, SENDER_LIMIT_MS } from '../senders/sender-events.ts';
import { type Front, FRONT_KEY, startFront } from './front.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

let dir: string;
let front: Front;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'bulk-'));
  front = await startFront({ dir, now: () => NOW });
});
afterEach(async () => {
  await front.close();
  rmSync(dir, { recursive: true });
});

function client(auth: NonNullable<ConstructorParameters<typeof Client>[0]>['auth'] = { apiKey: FRONT_KEY }): Client {
  return new Client({ node: front.url, auth });
}

const event = (n: number) => ({ '@timestamp': new Date(NOW).toISOString(), level: 'info', message: `order ${n}` });

async function post(body: string, path = '/_bulk', headers: Record<string, string> = { 'x-sentinel-key': FRONT_KEY }) {
  const response = await fetch(front.url + path, { method: 'POST', body, headers });
  return { status: response.status, headers: response.headers, json: await response.json() };
}

describe('the official Elasticsearch client', () => {
  it('is content with whom it talks to', async () => {
    expect(await client().info()).toMatchObject({ cluster_name: 'sentinellog' });
    expect(await client().ping()).toBe(true);
  });

  it.each([
    ['an API key', { apiKey: FRONT_KEY }],
    ['an API key with id', { apiKey: { id: 'shipper', api_key: FRONT_KEY } }],
    ['a bearer token', { bearer: FRONT_KEY }],
    ['a password', { username: 'shipper', password: FRONT_KEY }],
  ])('may show its key as %s', async (_, auth) => {
    expect(await client(auth).ping()).toBe(true);
  });

  it('is told that its key is wrong', async () => {
    await expect(client({ apiKey: 'slk_wrong' }).info()).rejects.toMatchObject({ statusCode: 401 });
  });

  it(
    'loses no event by its bulk helper',
    async () => {
      const stats = await client().helpers.bulk({
        datasource: Array.from({ length: SENDER_EVENTS }, (_, n) => event(n)),
        onDocument: () => ({ create: { _index: 'order-service-2026.01.01' } }),
        flushBytes: 20_000,
      });
      expect(stats).toMatchObject({ total: SENDER_EVENTS, successful: SENDER_EVENTS, failed: 0, retry: 0 });
      expect(front.tally.counters).toMatchObject({ accepted: SENDER_EVENTS, rejected: 0 });
      expect(front.tally.sources.map(({ service }) => service)).toEqual(['order-service']);
    },
    SENDER_LIMIT_MS,
  );

  it('hears of each document that could not be taken', async () => {
    const dropped: number[] = [];
    const stats = await client().helpers.bulk({
      datasource: [event(0), JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`) as object, event(2)],
      onDocument: () => ({ index: { _index: 'orders' } }),
      onDrop: ({ status }) => void dropped.push(status),
    });
    expect(stats).toMatchObject({ successful: 2, failed: 1 });
    expect(dropped).toEqual([400]);
    expect(front.rejections).toMatchObject([{ protocol: 'elastic-bulk', code: 'nesting_too_deep', events: 1 }]);
  });
});

describe('POST /_bulk', () => {
  it('answers item by item', async () => {
    const { status, headers, json } = await post('{"create":{"_index":"a"}}\n{}\n{"index":{}}\nx\n{"delete":{}}\n');
    expect(status).toBe(200);
    expect(headers.get('x-elastic-product')).toBe('Elasticsearch');
    expect(json).toMatchObject({
      errors: true,
      items: [
        { create: { _index: 'a', status: 201 } },
        { index: { status: 400, error: { type: 'document_parsing_exception' } } },
        { delete: { status: 400, error: { reason: expect.stringContaining('logs are never changed') } } },
      ],
    });
  });

  it('takes the index of the path for documents that name no service, also when they are counted again', async () => {
    expect(await post('{"create":{}}\n{"message":"m"}\n', '/gate%77ay-2026.01.01/_bulk')).toMatchObject({
      status: 200,
      json: { errors: false },
    });
    expect(front.tally.sources.map(({ service }) => service)).toEqual(['gateway']);
    await front.close();
    front = await startFront({ dir, now: () => NOW });
    await vi.waitFor(() => expect(front.tally.sources.map(({ service }) => service)).toEqual(['gateway']));
    const second = NOW / 1000;
    const want = { tenant: 'default', service: 'gateway', fromSecond: second, toSecond: second + 1, limit: 5 };
    expect(await sampleLines(front.journal.read(0), { ...want, prefer: 'any' })).toMatchObject([{ message: 'm' }]);
  });

  it('gives a repeated batch its answer again, bad items and all', async () => {
    const headers = { 'x-sentinel-key': FRONT_KEY, 'x-sentinel-batch-id': 'b-1' };
    const body = '{"create":{}}\n{}\n{"create":{}}\nx\n';
    const first = await post(body, '/_bulk', headers);
    await front.close();
    front = await startFront({ dir, now: () => NOW });
    expect((await post(body, '/_bulk', headers)).json).toEqual(first.json);
    await vi.waitFor(() => expect(front.replay.hasCaughtUp).toBe(true));
    expect(front.tally.counters).toMatchObject({ accepted: 1 });
  });

  it.each([
    ['{"create":{}}\n{}\n{"message":"no action"}\n', 400],
    ['', 400],
    ['{"create":{}}\n{}\n'.repeat(100_001), 413],
  ])('refuses a body as a whole that has no bulk frame', async (body, status) => {
    expect(await post(body)).toMatchObject({ status, json: { status, error: { type: 'illegal_argument_exception' } } });
    expect(front.tally.counters).toMatchObject({ accepted: 0 });
  });

  it('asks for a key before it reads', async () => {
    const answer = await post('{"create":{}}\n{}\n', '/_bulk', {});
    expect(answer).toMatchObject({ status: 401, json: { error: { type: 'security_exception' } } });
  });

  it('leaves / to the console when a browser asks', async () => {
    const headers = { accept: 'text/html,application/json' };
    expect((await fetch(front.url, { headers })).status).toBe(404);
  });
});
