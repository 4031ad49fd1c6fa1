import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from '@elastic/elasticsearch';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ParsingSchema } from '../../src/config/parsing-settings.ts';
import { Receivers } from '../../src/receive/receivers.ts';
import { NO_LIMITS } from '../../src/receive/testing/no-limits.ts';
import { TextReadings } from '../../src/receive/text-readings.ts';
import { Tally } from '../../src/tally/tally.ts';
import { field, otlpRequest } from '../../src/tally/testing/otlp-message.ts';

/** A journal that takes nothing as long as `refusal` is set. */
let refusal: string | null;
let accepted: number;
let server: http.Server;
let url: string;
beforeEach(async () => {
  accepted = 0;
  const tally = new Tally({
    maxSourcesPerTenant: 10,
    onClosed: () => undefined,
    onSource: () => undefined,
    isBlind: () => false,
  });
  let ids = 0;
  const receivers = new Receivers({
    onRefused: () => undefined,
    readings: new TextReadings(ParsingSchema.parse({})),
    scanner: tally,
    journal: {
      append: (record, _contents, onDurable) => {
        if (refusal !== null) throw Object.assign(new Error('the journal cannot follow'), { code: refusal });
        accepted += record.accepted;
        onDurable(0);
      },
    },
    onDurable: (batch) => batch.release(),
    authenticate: () => ({ type: 'ok', keyId: 'k', tenant: 'default', pinnedService: null }),
    onRejection: () => undefined,
    ...NO_LIMITS,
    limits: { rawBytes: 1 << 20, decodedBytes: 1 << 20 },
    now: () => 0,
    newId: () => `id-${++ids}`,
  });
  server = http.createServer((request, response) => void receivers.handle(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function post(path: string, type: string, body: string | Uint8Array): Promise<Response> {
  const headers = { 'content-type': type, 'x-sentinel-key': 'k' };
  return fetch(url + path, { method: 'POST', body: new Uint8Array(Buffer.from(body)), headers });
}

describe('an agent that cannot follow', () => {
  it('answers a bulk request with a 429 for each item, and the official client sends again until all are in', async () => {
    refusal = 'overloaded';
    const response = await post('/_bulk', 'application/x-ndjson', '{"create":{}}\n{}\n{"index":{}}\n{}\n');
    expect(response.status).toBe(200);
    const tooMany = { status: 429, error: { type: 'es_rejected_execution_exception' } };
    expect(await response.json()).toMatchObject({ errors: true, items: [{ create: tooMany }, { index: tooMany }] });

    const stats = await new Client({ node: url, auth: { apiKey: 'k' } }).helpers.bulk({
      datasource: Array.from({ length: 1000 }, (_, n) => ({ message: `order ${n}` })),
      onDocument: () => {
        if (accepted === 0) setTimeout(() => (refusal = null), 20);
        return { create: { _index: 'orders' } };
      },
      wait: 100,
      retries: 5,
    });
    expect(stats).toMatchObject({ successful: 1000, failed: 0 });
    expect(accepted).toBe(1000);
  });

  it.each(['overloaded', 'disk_full', 'storage_unavailable'])(
    'asks others to come again in a second: %s',
    async (code) => {
      refusal = code;
      const stream = '{"streams":[{"stream":{},"values":[["1","x"]]}]}';
      const answers = [
        await post('/loki/api/v1/push', 'application/json', stream),
        await post('/v1/logs', 'application/x-protobuf', otlpRequest('s', field(2, 9))),
        await post('/v1/logs', 'application/json', '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]}'),
      ];
      if (code !== 'overloaded') answers.push(await post('/_bulk', 'application/x-ndjson', '{"create":{}}\n{}\n'));
      for (const { status, headers } of answers) expect([status, headers.get('retry-after')]).toEqual([503, '1']);
    },
  );
});
