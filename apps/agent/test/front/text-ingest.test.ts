import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Front, FRONT_KEY, startFront } from './front.ts';

let dir: string;
let front: Front;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'text-'));
  front = await startFront({
    dir,
    now: Date.now,
    parsing: {
      sources: {
        nginx: { parser: 'access' },
        cart: {
          fields: { service: ['meta.name'] },
          schema: { required: ['level', 'message'], types: { n: 'number' } },
        },
      },
    },
  });
});
afterEach(async () => {
  await front.close();
  rmSync(dir, { recursive: true });
});

async function post(body: string | Uint8Array, headers: Record<string, string>, query = '') {
  const response = await fetch(`${front.url}/v1/ingest${query}`, {
    method: 'POST',
    headers: { 'x-sentinel-key': FRONT_KEY, ...headers },
    body: new Uint8Array(Buffer.from(body)),
  });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

const services = () => front.tally.sources.map(({ service }) => service);
const access = (status: number) => `192.0.2.7 - - [${apacheNow()}] "GET / HTTP/1.1" ${status} 12\n`;
function apacheNow(): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date().toUTCString())!;
  return `${day}/${month}/${year}:${time} +0000`;
}

describe('POST /v1/ingest of text/plain', () => {
  it('counts lines under the service that the request names, read as the configuration says', async () => {
    const body = gzipSync(access(200) + access(503) + 'not an access line\n');
    const headers = { 'content-type': 'text/plain', 'content-encoding': 'gzip', 'x-sentinel-service': 'nginx' };
    expect(await post(body, headers)).toMatchObject({ status: 202, json: { accepted: 3, rejected: 0 } });
    expect(services()).toEqual(['nginx']);
    expect(front.tally.counters).toMatchObject({ unparsed: 1, clamped: 0 });
  });

  it('takes the service from the query, which every client can set', async () => {
    const type = { 'content-type': 'text/plain; charset=utf-8' };
    expect(await post('level=error msg=boom\n', type, '?service=backup')).toMatchObject({ status: 202 });
    expect(services()).toEqual(['backup']);
  });

  it('takes JSON that a client has called text for what it is', async () => {
    const type = { 'content-type': 'text/plain' };
    expect(await post('[{"service":"a"},{"service":"b"}]', type)).toMatchObject({ json: { accepted: 2 } });
    expect(await post('{\n "service": "c"\n}', type)).toMatchObject({ json: { accepted: 1 } });
    expect(services()).toEqual(['a', 'b', 'c']);
  });

  it('is what a string of fetch() is: lines are counted, and JSON is JSON', async () => {
    const unchosen = { 'content-type': 'text/plain;charset=UTF-8' };
    expect(await post('disk full\n{"service":"d","broken":\n', unchosen)).toMatchObject({
      status: 202,
      json: { accepted: 2, rejected: 0 },
    });
    expect(await post('{"service":"d"}\n{"service":"e"}\n', unchosen)).toMatchObject({ json: { accepted: 2 } });
    expect(services()).toEqual(['unknown', 'd', 'e']);
  });

  it.each(['application/x-www-form-urlencoded', 'application/json', 'application/octet-stream'])(
    'is not what %s is: broken JSON is refused',
    async (type) => {
      const answer = await post('{"service":"f"', { 'content-type': type });
      expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_json' } });
    },
  );

  it('refuses an empty body', async () => {
    expect(await post('', { 'content-type': 'text/plain' })).toMatchObject({ status: 400 });
  });
});

describe('a source with fields and a schema of its own', () => {
  it('is read by them, and what breaks the schema is a dead letter with its text', async () => {
    const good = '{"meta":{"name":"cart-eu"},"level":"info","message":"ok","n":1}';
    const bad = '{"meta":{"name":"cart-eu"},"level":"info","message":"ok","n":"1"}';
    const type = { 'content-type': 'application/x-ndjson' };
    const answer = await post(`${good}\n\n${bad}\n{"x":\n`, type, '?service=cart');
    expect(answer).toMatchObject({ status: 202, json: { accepted: 1, rejected: 2 } });
    expect(services()).toEqual(['cart-eu']);
    expect(front.refused).toMatchObject([
      { code: 'schema_violation', detail: 'the field "n" is no number', event: bad, keyId: 'test' },
      { code: 'invalid_json', event: '{"x":' },
    ]);
    await post(`[${good},${bad}]`, type, '?service=cart');
    expect(JSON.parse(front.refused[2].event)).toEqual(JSON.parse(bad));
  });

  it('is the same after a restart: the record says how it was read', async () => {
    await post('{"meta":{"name":"x"},"level":"info","message":"ok"}', {}, '?service=cart');
    await front.close();
    front = await startFront({ dir, now: Date.now });
    await expect.poll(() => services()).toEqual(['x']);
  });
});
