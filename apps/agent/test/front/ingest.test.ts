import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import zlib from 'node:zlib';
import { ProblemSchema } from '@sentinellog/shared';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Front, FRONT_KEY, REVOKED_KEY, startFront } from './front.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const APACHE = new URL('../../../../../shared/data/templates/public/Apache/Apache_2k.log', import.meta.url);

let dir: string;
let front: Front;
let now: number;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'front-'));
  now = NOW;
  front = await startFront({ dir, now: () => now });
});
afterEach(async () => {
  await front.close();
  rmSync(dir, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Record<string, unknown>;
}

async function post(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
  path = '/v1/ingest',
): Promise<Answer> {
  const usual = { 'x-sentinel-key': FRONT_KEY, 'content-type': 'application/json' };
  const init = { method: 'POST', body, headers: { ...usual, ...headers } };
  const response = await fetch(front.url + path, init);
  const json: unknown = await response.json();
  if (response.status >= 400) {
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(ProblemSchema.safeParse(json).error).toBeUndefined();
  }
  return { status: response.status, headers: response.headers, json: { ...(json as object) } };
}

async function restart(): Promise<void> {
  await front.close();
  front = await startFront({ dir, now: () => now });
  while (!front.replay.hasCaughtUp) await new Promise((resolve) => setImmediate(resolve));
}

const LINE = '{"service":"payment-service","level":"ERROR","message":"pool exhausted: 50/50 in use"}';
const lines = (count: number) => Array.from({ length: count }, () => LINE).join('\n');

describe('POST /v1/ingest', () => {
  it('counts 2,000 real log lines exactly, also after a restart and a repeat', async (context) => {
    if (!existsSync(APACHE)) return context.skip('shared/data lies not beside the repository');
    const messages = readFileSync(APACHE, 'utf8')
      .split('\n')
      .filter((text) => text !== '');
    const body = messages.map((message) => JSON.stringify({ service: 'apache', message })).join('\n');
    const headers = { 'x-sentinel-batch-id': 'apache-2k' };
    expect(await post(body, headers)).toMatchObject({ status: 202, json: { accepted: 2000, batch_id: 'apache-2k' } });
    expect(await post(body, headers)).toMatchObject({ status: 202, json: { accepted: 2000, batch_id: 'apache-2k' } });
    await restart();
    expect(await post(body, headers)).toMatchObject({ status: 202, json: { accepted: 2000, batch_id: 'apache-2k' } });
    expect(front.tally.counters).toMatchObject({ accepted: 2000, rejected: 0 });
    expect(front.journal.counters.records).toBe(0);
    return undefined;
  });

  it.each([
    ['gzip', zlib.gzipSync],
    ['deflate', zlib.deflateSync],
    ['zstd', zlib.zstdCompressSync],
  ] as const)('decodes %s', async (encoding, encode) => {
    const answer = await post(new Uint8Array(encode(lines(5000))), { 'content-encoding': encoding });
    expect(answer).toMatchObject({ status: 202, json: { accepted: 5000 } });
  });

  it.each([-131_072, -7, -1, 1, 22])('decodes zstd of level %d', async (level) => {
    const packed = zlib.zstdCompressSync(lines(5000), {
      params: { [zlib.constants.ZSTD_c_compressionLevel]: level },
    });
    const answer = await post(new Uint8Array(packed), { 'content-encoding': 'zstd' });
    expect(answer).toMatchObject({ status: 202, json: { accepted: 5000 } });
  });

  it('answers on its aliases, takes bearer keys and chunked bodies, ignores the query', async () => {
    expect(await post(LINE, {}, '/ingest?x=1')).toMatchObject({ status: 202 });
    expect(await post(LINE, {}, '/v1/events')).toMatchObject({ status: 202 });
    expect(await post(LINE, { 'x-sentinel-key': '', authorization: `Bearer ${FRONT_KEY}` })).toMatchObject({
      status: 202,
    });
    const chunked = { method: 'POST', headers: { 'x-sentinel-key': FRONT_KEY } };
    const status = await new Promise((resolve, reject) => {
      const request = http.request(`${front.url}/v1/ingest`, chunked, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
      request.write(`${LINE}\n`);
      setImmediate(() => request.end(LINE));
    });
    expect(status).toBe(202);
    expect(front.tally.counters['accepted']).toBe(5);
  });

  it('names the bad lines, counts the good ones, and reports the rejection', async () => {
    const answer = await post(`${LINE}\n{"level":\n${LINE}\n"text"\n`);
    expect(answer).toMatchObject({
      status: 202,
      json: {
        accepted: 2,
        rejected: 2,
        errors: [
          { line: 2, code: 'invalid_json' },
          { line: 4, code: 'not_an_object' },
        ],
      },
    });
    expect(front.rejections).toMatchObject([{ key_id: 'test', code: 'invalid_json', events: 2, protocol: 'http' }]);
  });

  it('names at most twenty bad lines', async () => {
    const { json } = await post(`${LINE}\n${'{bad\n'.repeat(50)}`);
    expect(json).toMatchObject({ accepted: 1, rejected: 50 });
    expect(json['errors']).toHaveLength(20);
  });

  it.each([
    ['{bad', 400, 'invalid_json'],
    ['[1,2]', 400, 'invalid_request'],
    ['', 400, 'invalid_request'],
    [`{"message":"${'x'.repeat(1_000_000)}"}`, 413, 'event_too_large'],
    [`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, 400, 'nesting_too_deep'],
  ])('stores nothing of a body without a good event (%.20s)', async (body, status, code) => {
    expect(await post(body)).toMatchObject({ status, json: { code, retryable: false } });
    expect(front.journal.counters.records).toBe(0);
  });

  it('takes an array without elements for what it is', async () => {
    expect(await post(' [] ')).toMatchObject({ status: 202, json: { accepted: 0, rejected: 0 } });
  });

  it('takes events of 1970 and 2100 at the time they arrive', async () => {
    const body = '{"ts":"1970-01-01T00:00:00Z"}\n{"ts":"2100-01-01T00:00:00Z"}';
    expect(await post(body)).toMatchObject({ status: 202, json: { accepted: 2 } });
    expect(front.tally.counters['clamped']).toBe(2);
  });
});

describe('POST /v1/ingest: strangers', () => {
  it.each([
    ['', 'unauthenticated'],
    ['slk_wrong', 'unauthenticated'],
    [REVOKED_KEY, 'key_revoked'],
  ])('refuses the key "%s"', async (key, code) => {
    const answer = await post(LINE, { 'x-sentinel-key': key });
    expect(answer).toMatchObject({ status: 401, json: { code } });
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    expect(front.rejections).toMatchObject([{ key_id: null, code }]);
  });

  it('does not wait for the body of a stranger', async () => {
    const { port } = new URL(front.url);
    const socket = net.connect(Number(port), '127.0.0.1');
    socket.write('POST /v1/ingest HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n');
    const [first] = (
      await new Promise<string>((resolve) => {
        socket.once('data', (chunk) => resolve(chunk.toString()));
      })
    ).split('\r\n');
    socket.destroy();
    expect(first).toBe('HTTP/1.1 401 Unauthorized');
  });

  it('slows down who guesses, and nobody else behind the same address', async () => {
    for (let i = 0; i < 20; i++) await post(LINE, { 'x-sentinel-key': `slk_${i}` });
    const slowed = await post(LINE, { 'x-sentinel-key': 'slk_20' });
    expect(slowed).toMatchObject({ status: 429, json: { code: 'rate_limited', retry_after_ms: 1000 } });
    expect(slowed.headers.get('retry-after')).toBe('1');
    expect(await post(LINE)).toMatchObject({ status: 202 });
    now += 1000;
    expect(await post(LINE, { 'x-sentinel-key': 'slk_21' })).toMatchObject({ status: 401 });
  });

  it('refuses other methods by name', async () => {
    const response = await fetch(`${front.url}/v1/ingest`, { headers: { 'x-sentinel-key': FRONT_KEY } });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });
});

describe('POST /v1/ingest: bodies that are too much', () => {
  it('refuses 20 MB by its Content-Length', async () => {
    expect(await post(new Uint8Array(20 * 1024 * 1024))).toMatchObject({
      status: 413,
      json: { code: 'body_too_large' },
    });
  });

  it('refuses an endless chunked body at the limit', async () => {
    const { port } = new URL(front.url);
    const socket = net.connect(Number(port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      `POST /v1/ingest HTTP/1.1\r\nHost: x\r\nX-Sentinel-Key: ${FRONT_KEY}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    const answered = new Promise<string>((resolve) => {
      socket.once('data', (data) => resolve(data.toString()));
    });
    const send = () => {
      while (socket.writable && socket.write(chunk));
    };
    socket.on('drain', send);
    send();
    expect(await answered).toContain('413 Payload Too Large');
    socket.destroy();
  });

  it('counts what comes over the wire when it is compressed and chunked, too', async () => {
    const small = await startFront({ dir: join(dir, 'small'), now: () => now, rawBytes: 100_000 });
    const noise = zlib.gzipSync(randomBytes(300_000));
    const body = new ReadableStream({
      start: (controller) => {
        controller.enqueue(noise);
        controller.close();
      },
    });
    const headers = { 'x-sentinel-key': FRONT_KEY, 'content-encoding': 'gzip' };
    const response = await fetch(`${small.url}/v1/ingest`, { method: 'POST', headers, body, duplex: 'half' });
    expect(await response.json()).toMatchObject({ status: 413, code: 'body_too_large' });
    await small.close();
  });

  it.each(['gzip', 'zstd'] as const)('refuses a %s bomb', async (encoding) => {
    const zeros = Buffer.alloc(80 * 1024 * 1024);
    const bomb = encoding === 'gzip' ? zlib.gzipSync(zeros) : zlib.zstdCompressSync(zeros);
    const answer = await post(new Uint8Array(bomb), { 'content-encoding': encoding });
    expect(answer).toMatchObject({ status: 413, json: { code: 'decompressed_too_large' } });
  });

  it.each([
    ['br', 415, 'unsupported_encoding'],
    ['gzip, gzip', 415, 'unsupported_encoding'],
    ['gzip', 400, 'invalid_request'],
  ])('refuses %s that is not', async (encoding, status, code) => {
    expect(await post(LINE, { 'content-encoding': encoding })).toMatchObject({ status, json: { code } });
  });

  it('refuses a body that ends in the middle of its compression', async () => {
    const half = zlib.gzipSync(lines(1000)).subarray(0, 60);
    expect(await post(new Uint8Array(half), { 'content-encoding': 'gzip' })).toMatchObject({ status: 400 });
  });

  it.each(['', 'a b', 'x'.repeat(129), 'naïve'])('refuses the batch id "%.10s"', async (batchId) => {
    expect(await post(LINE, { 'x-sentinel-batch-id': batchId })).toMatchObject({ status: 400 });
  });
});
