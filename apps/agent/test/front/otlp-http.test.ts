import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import zlib from 'node:zlib';
import { SeverityNumber } from '@opentelemetry/api';
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleLines } from '../../src/tally/sample-lines.ts';
import { field, message, otlpRequest } from '../../src/tally/testing/otlp-message.ts';
import { SENDER_EVENTS, SENDER_LIMIT_MS } from '../senders/sender-events.ts';
import { type Front, FRONT_KEY, startFront } from './front.ts';

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';

let dir: string;
let front: Front;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'otlp-'));
  front = await startFront({ dir, now: Date.now, rawBytes: 1024 * 1024 });
});
afterEach(async () => {
  await front.close();
  rmSync(dir, { recursive: true });
});

async function post(type: string, body: string | Uint8Array, headers: Record<string, string> = {}) {
  const response = await fetch(`${front.url}/v1/logs`, {
    method: 'POST',
    body: new Uint8Array(Buffer.from(body)),
    headers: { 'content-type': type, 'x-sentinel-key': FRONT_KEY, ...headers },
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, type: response.headers.get('content-type'), headers: response.headers, bytes };
}

describe.each([
  ['protobuf', ProtobufExporter],
  ['JSON', JsonExporter],
])('the OpenTelemetry SDK with %s', (_, Exporter) => {
  it.each([CompressionAlgorithm.NONE, CompressionAlgorithm.GZIP])(
    'loses no record, compression %s',
    async (compression) => {
      const exporter = new Exporter({
        url: `${front.url}/v1/logs`,
        headers: { 'x-sentinel-key': FRONT_KEY },
        compression,
      });
      const provider = new LoggerProvider({
        resource: resourceFromAttributes({ 'service.name': 'checkout' }),
        processors: [new BatchLogRecordProcessor({ exporter, maxQueueSize: 2 * SENDER_EVENTS })],
      });
      const logger = provider.getLogger('test');
      const { INFO, ERROR } = SeverityNumber;
      for (let n = 0; n < SENDER_EVENTS - 1; n++)
        logger.emit({ severityNumber: INFO, body: `order ${n} paid`, attributes: { n } });
      logger.emit({ severityNumber: ERROR, severityText: 'ERROR', body: { reason: 'pool exhausted' } });
      await provider.forceFlush();
      await provider.shutdown();
      expect(front.tally.counters).toMatchObject({
        accepted: SENDER_EVENTS,
        rejected: 0,
        time_unreadable: 0,
        clamped: 0,
      });
      expect(front.tally.sources.map(({ service }) => service)).toEqual(['checkout']);
      const nowSecond = Math.floor(Date.now() / 1000);
      const stretch = { fromSecond: nowSecond - 60, toSecond: nowSecond + 1 };
      const want = { tenant: 'default', service: 'checkout', ...stretch, prefer: 'errors', limit: 1 } as const;
      const [sample] = await sampleLines(front.journal.read(0), want);
      expect(sample).toMatchObject({ level: 'error', message: expect.stringContaining('pool exhausted') });
    },
    SENDER_LIMIT_MS,
  );
});

describe('POST /v1/logs', () => {
  it('answers an empty request with success', async () => {
    expect(await post(PROTOBUF, '')).toMatchObject({ status: 200, type: PROTOBUF, bytes: Buffer.alloc(0) });
    expect(await post(JSON_TYPE, '{}')).toMatchObject({ status: 200, type: JSON_TYPE, bytes: Buffer.from('{}') });
  });

  it('says by partial success which records it could not take', async () => {
    const large = field(5, field(1, 'x'.repeat(300_000)));
    const body = otlpRequest('payment', field(2, 9), large);
    const detail = 'record 2: the log record has 300008 bytes; the limit is 270336';
    const partial = field(1, message(field(1, 1), field(2, detail)));
    expect(await post(PROTOBUF, body)).toMatchObject({ status: 200, type: PROTOBUF, bytes: partial });
    const logRecords = [{ body: { stringValue: 'x'.repeat(300_000) } }, {}];
    const { status, bytes } = await post(
      JSON_TYPE,
      JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }),
    );
    expect(status).toBe(200);
    expect(JSON.parse(bytes.toString())).toMatchObject({ partialSuccess: { rejectedLogRecords: '1' } });
    expect(front.tally.counters).toMatchObject({ accepted: 2, rejected: 2 });
  });

  it('answers what cannot be read with a Status in the type of the request', async () => {
    const { status, type, bytes } = await post(PROTOBUF, Buffer.alloc(20, 0xff));
    expect([status, type, bytes[0], bytes[1]]).toEqual([400, PROTOBUF, 0x08, 3]);
    const answer = await post(JSON_TYPE, '{"resourceLogs":[');
    expect([answer.status, answer.type]).toEqual([400, JSON_TYPE]);
    expect(JSON.parse(answer.bytes.toString())).toMatchObject({ code: 3, message: expect.stringContaining('byte 17') });
    expect(front.tally.counters).toMatchObject({ accepted: 0 });
    expect(front.rejections).toMatchObject([{ code: 'invalid_protobuf' }, { code: 'invalid_json' }]);
  });

  it.each([
    ['a wrong key', { 'x-sentinel-key': 'slk_wrong' }, '', 401, 16],
    ['an encoding that is not taken', { 'content-encoding': 'br' }, '', 415, 3],
    ['gzip that is none', { 'content-encoding': 'gzip' }, 'x', 400, 3],
    ['a body that is too large', {}, 'x'.repeat(1024 * 1024 + 1), 413, 8],
  ])('refuses %s with a Status in both types', async (_, headers, body, status, code) => {
    const inProtobuf = await post(PROTOBUF, body, headers);
    expect([inProtobuf.status, inProtobuf.type, inProtobuf.bytes[1]]).toEqual([status, PROTOBUF, code]);
    const inJson = await post(JSON_TYPE, body, headers);
    expect([inJson.status, inJson.type]).toEqual([status, JSON_TYPE]);
    expect(JSON.parse(inJson.bytes.toString())).toMatchObject({ code });
  });

  it('takes no more than 100,000 records at once', async () => {
    const empty = Buffer.from([0x12, 0]);
    const records = Buffer.concat(Array.from({ length: 100_001 }, () => empty));
    expect(await post(PROTOBUF, field(1, field(2, records)))).toMatchObject({ status: 413, type: PROTOBUF });
  });

  it('refuses other types and methods in plain words', async () => {
    expect(await post('text/plain', 'x')).toMatchObject({ status: 415, type: 'text/plain; charset=utf-8' });
    const response = await fetch(`${front.url}/v1/logs`, { headers: { 'x-sentinel-key': FRONT_KEY } });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('gives a repeated batch its answer again and counts it once', async () => {
    const zipped = zlib.gzipSync(otlpRequest('payment', field(2, 9), field(2, 17)));
    const headers = { 'content-encoding': 'gzip', 'x-sentinel-batch-id': 'b-1' };
    expect(await post(PROTOBUF, zipped, headers)).toMatchObject({ status: 200 });
    expect(await post(PROTOBUF, zipped, headers)).toMatchObject({ status: 200 });
    expect(front.tally.counters).toMatchObject({ accepted: 2 });
  });
});
