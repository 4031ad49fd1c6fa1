import { mkdtempSync, rmSync } from 'node:fs';
import { type ClientHttp2Session, connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SeverityNumber } from '@opentelemetry/api';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { field, otlpRequest } from '../../src/tally/testing/otlp-message.ts';
import { SENDER_EVENTS, SENDER_LIMIT_MS } from '../senders/sender-events.ts';
import { type Front, FRONT_KEY, startFront } from './front.ts';

const EXPORT = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';

let dir: string;
let front: Front;
let session: ClientHttp2Session;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'grpc-'));
  front = await startFront({ dir, now: Date.now, rawBytes: 1024 * 1024, receive: { grpc: { listen: '127.0.0.1:0' } } });
  session = connect(`http://${front.listeners.addresses['otlp-grpc']}`);
});
afterEach(async () => {
  session.close();
  await front.close();
  delete process.env['OTEL_EXPORTER_OTLP_LOGS_HEADERS'];
  rmSync(dir, { recursive: true });
});

function framed(message: Uint8Array, compressed = false): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = Number(compressed);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

async function call(body: Uint8Array, headers: Record<string, string> = {}) {
  const stream = session.request({
    ':method': 'POST',
    ':path': EXPORT,
    'content-type': 'application/grpc',
    'x-sentinel-key': FRONT_KEY,
    te: 'trailers',
    ...headers,
  });
  const seen: Record<string, unknown> = {};
  stream.on('response', (answer) => Object.assign(seen, answer));
  stream.on('trailers', (answer) => Object.assign(seen, answer));
  stream.end(body);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return {
    status: Number(seen['grpc-status']),
    message: seen['grpc-message'],
    headers: seen,
    body: Buffer.concat(chunks),
  };
}

describe('the OpenTelemetry SDK over gRPC', () => {
  it.each([CompressionAlgorithm.NONE, CompressionAlgorithm.GZIP])(
    'loses nothing, compression %s',
    async (compression) => {
      process.env['OTEL_EXPORTER_OTLP_LOGS_HEADERS'] = `x-sentinel-key=${FRONT_KEY}`;
      const exporter = new OTLPLogExporter({
        url: `http://${front.listeners.addresses['otlp-grpc']}`,
        compression,
      });
      const provider = new LoggerProvider({
        resource: resourceFromAttributes({ 'service.name': 'checkout' }),
        processors: [new BatchLogRecordProcessor({ exporter, maxQueueSize: 2 * SENDER_EVENTS })],
      });
      const logger = provider.getLogger('test');
      for (let n = 0; n < SENDER_EVENTS; n++)
        logger.emit({ severityNumber: SeverityNumber.ERROR, body: `order ${n} failed` });
      await provider.forceFlush();
      await provider.shutdown();
      expect(front.tally.counters).toMatchObject({ accepted: SENDER_EVENTS, rejected: 0 });
      expect(front.tally.sources.map(({ service }) => service)).toEqual(['checkout']);
    },
    SENDER_LIMIT_MS,
  );
});

describe('LogsService/Export', () => {
  it('answers a good call with an empty response', async () => {
    const { status, body } = await call(framed(otlpRequest('payment', field(2, 9))));
    expect([status, body]).toEqual([0, Buffer.alloc(5)]);
    expect(front.tally.counters).toMatchObject({ accepted: 1 });
  });

  it('says by partial success which records it could not take', async () => {
    const large = field(5, field(1, 'x'.repeat(300_000)));
    const { status, body } = await call(framed(otlpRequest('payment', field(2, 9), large)));
    expect(status).toBe(0);
    expect(body.toString('latin1')).toContain('record 2: the log record has 300008 bytes');
  });

  it.each([
    ['a wrong key', framed(Buffer.alloc(0)), { 'x-sentinel-key': 'slk_wrong' }, 16],
    ['a message that is no protobuf', framed(Buffer.alloc(20, 0xff)), {}, 3],
    ['a frame that says more than there is', framed(Buffer.alloc(20)).subarray(0, 12), {}, 3],
    ['a message that is too large', framed(Buffer.alloc(1024 * 1024 + 1)), {}, 8],
    ['an encoding that is not taken', framed(Buffer.alloc(3), true), { 'grpc-encoding': 'snappy' }, 12],
    ['gzip that is none', framed(Buffer.from('nonsense'), true), { 'grpc-encoding': 'gzip' }, 3],
    ['a bomb', framed(gzipSync(Buffer.alloc(70 * 1024 * 1024)), true), { 'grpc-encoding': 'gzip' }, 8],
    [
      'another service',
      framed(Buffer.alloc(0)),
      { ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export' },
      12,
    ],
  ])('refuses %s with its status, and not to be sent again', async (_, body, headers, status) => {
    const answer = await call(body, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers['grpc-status-details-bin']).toBeUndefined();
    expect(front.tally.counters).toMatchObject({ accepted: 0 });
  });

  it('says UNAVAILABLE with RetryInfo while the disk takes nothing', async () => {
    await front.journal.close();
    const { status, headers } = await call(framed(otlpRequest('payment', field(2, 9))));
    expect(status).toBe(14);
    const details = Buffer.from(String(headers['grpc-status-details-bin']), 'base64').toString('latin1');
    expect(details).toContain('google.rpc.RetryInfo');
  });
});
