import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import zlib from 'node:zlib';
import pino from 'pino';
import { pinoLoki } from 'pino-loki';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from 'winston';
import LokiTransport from 'winston-loki';
import { sampleLines } from '../../src/tally/sample-lines.ts';
import { SENDER_EVENTS, SENDER_LIMIT_MS } from '../senders/sender-events.ts';
import { type Front, FRONT_KEY, startFront } from './front.ts';

let dir: string;
let front: Front;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'loki-'));
  front = await startFront({ dir, now: Date.now });
});
afterEach(async () => {
  await front.close();
  rmSync(dir, { recursive: true });
});

async function push(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  const response = await fetch(`${front.url}/loki/api/v1/push`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', 'x-sentinel-key': FRONT_KEY, ...headers },
  });
  return { status: response.status, text: await response.text() };
}

/** The line of this minute that an anomaly of the service would show. */
function sampleOf(service: string) {
  const toSecond = Math.floor(Date.now() / 1000) + 1;
  const stretch = { fromSecond: toSecond - 60, toSecond };
  return sampleLines(front.journal.read(0), { tenant: 'default', service, ...stretch, prefer: 'errors', limit: 1 });
}

async function recordFormats(): Promise<string[]> {
  const formats: string[] = [];
  for await (const { record } of front.journal.read(0)) formats.push(record.format);
  return formats;
}

const ns = () => `${Date.now()}000000`;
const streams = (...values: unknown[]) => JSON.stringify({ streams: [{ stream: { app: 'payment' }, values }] });

describe('pino-loki', () => {
  it(
    'loses no line, and samples show their message',
    async () => {
      const stream = pinoLoki({
        host: front.url,
        batching: { interval: 0.05, maxBufferSize: 2 * SENDER_EVENTS },
        labels: { application: 'checkout' },
        basicAuth: { username: 'shipper', password: FRONT_KEY },
      });
      const log = pino({}, stream);
      for (let n = 0; n < SENDER_EVENTS - 1; n++) log.info(`order ${n} paid`);
      log.error({ trace_id: '4bf92f35' }, 'pool exhausted');
      stream.end();
      await once(stream, 'close');
      await vi.waitFor(
        () => expect(front.tally.counters).toMatchObject({ accepted: SENDER_EVENTS, rejected: 0 }),
        SENDER_LIMIT_MS,
      );
      expect(front.tally.sources.map(({ service }) => service)).toEqual(['checkout']);
      expect(await sampleOf('checkout')).toMatchObject([
        { level: 'error', message: 'pool exhausted', trace_id: '4bf92f35' },
      ]);
    },
    SENDER_LIMIT_MS,
  );
});

describe('winston-loki', () => {
  it(
    'loses no line, as protobuf packed with snappy',
    async () => {
      const transport = new LokiTransport({
        host: front.url,
        interval: 0.1,
        labels: { app: 'checkout' },
        basicAuth: `shipper:${FRONT_KEY}`,
      });
      const log = createLogger({ transports: [transport] });
      for (let n = 0; n < SENDER_EVENTS - 1; n++) log.info(`order ${n} paid`);
      log.error('pool exhausted');
      await vi.waitFor(
        () => expect(front.tally.counters).toMatchObject({ accepted: SENDER_EVENTS, rejected: 0 }),
        SENDER_LIMIT_MS,
      );
      await transport.close();
      log.close();
      expect(front.tally.sources.map(({ service }) => service)).toEqual(['checkout']);
      expect(new Set(await recordFormats())).toEqual(new Set(['loki-protobuf']));
      expect(await sampleOf('checkout')).toMatchObject([{ level: 'error', message: expect.stringContaining('pool') }]);
    },
    SENDER_LIMIT_MS,
  );
});

describe('POST /loki/api/v1/push', () => {
  it('answers 204 with nothing, gzip or not', async () => {
    expect(await push(streams([ns(), 'a']))).toEqual({ status: 204, text: '' });
    const zipped = new Uint8Array(zlib.gzipSync(streams([ns(), 'a'], [ns(), 'b'])));
    expect(await push(zipped, { 'content-encoding': 'gzip' })).toEqual({ status: 204, text: '' });
    expect(front.tally.counters).toMatchObject({ accepted: 3 });
  });

  it('names the first bad entry and stores the good ones', async () => {
    const { status, text } = await push(streams([ns(), 'a'], [Date.now(), 'b'], [ns(), 'c']));
    expect(status).toBe(400);
    expect(text).toContain('1 of 3 entries were not stored; the first is entry 2: the timestamp must be a string');
    expect(front.tally.counters).toMatchObject({ accepted: 2, rejected: 1 });
    expect(front.rejections).toMatchObject([{ protocol: 'loki', code: 'invalid_timestamp', events: 1 }]);
  });

  it('stores nothing of what is no push request', async () => {
    expect(await push('{"streams":[{"values":[["1","a"]')).toMatchObject({ status: 400 });
    expect(await push('')).toMatchObject({ status: 400 });
    expect(front.tally.counters).toMatchObject({ accepted: 0 });
  });

  it('refuses what is not snappy, unpacks to too much, or comes as something else', async () => {
    const headers = { 'content-type': 'application/x-protobuf' };
    expect(await push('x', headers)).toMatchObject({ status: 400, text: expect.stringContaining('snappy') });
    expect(await push(new Uint8Array([0x80, 0x80, 0x80, 0x40, 0]), headers)).toMatchObject({ status: 413 });
    expect(await push('x', { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
  });

  it('asks for a key', async () => {
    expect(await push(streams([ns(), 'a']), { 'x-sentinel-key': 'slk_wrong' })).toMatchObject({ status: 401 });
  });
});
