import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { field, message, otlpRequest } from '../../src/tally/testing/otlp-message.ts';
import { mutated } from '../../src/tally/testing/scanned.ts';
import { type Front, FRONT_KEY, startFront } from './front.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const NS = `${NOW}000000`;
const otlpRecord = { timeUnixNano: NS, severityNumber: 9, body: { stringValue: 'm' } };
const lokiStream = field(1, message(field(1, '{app="a"}'), field(2, message(field(1, field(1, 1)), field(2, 'm')))));
/** Snappy with one literal, which is what a packer does with bytes that do not repeat. */
const packed = Buffer.concat([Buffer.from([lokiStream.length, (lokiStream.length - 1) << 2]), lokiStream]);

const PROTOCOLS = [
  ['/v1/logs', 'application/x-protobuf', otlpRequest('a', field(2, 9), field(2, 17)), 200, [200, 400, 413]],
  [
    '/v1/logs',
    'application/json',
    json({ resourceLogs: [{ scopeLogs: [{ logRecords: [otlpRecord] }] }] }),
    200,
    [200, 400],
  ],
  ['/loki/api/v1/push', 'application/json', json({ streams: [{ stream: {}, values: [[NS, 'm']] }] }), 204, [204, 400]],
  ['/loki/api/v1/push', 'application/x-protobuf', packed, 204, [204, 400, 413]],
  ['/a/_bulk', 'application/x-ndjson', Buffer.from('{"create":{"_index":"a"}}\n{"message":"m"}\n'), 200, [200, 400]],
] as const;

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

let dir: string;
let front: Front;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'hostile-'));
  front = await startFront({ dir, now: () => NOW });
});
afterAll(async () => {
  await front.close();
  rmSync(dir, { recursive: true });
});

describe.each(PROTOCOLS)('POST %s as %s', (path, type, golden, good, allowed) => {
  async function statusOf(body: Uint8Array): Promise<number> {
    const headers = { 'content-type': type, 'x-sentinel-key': FRONT_KEY };
    const response = await fetch(front.url + path, { method: 'POST', body: new Uint8Array(body), headers });
    await response.arrayBuffer();
    return response.status;
  }

  it('answers any bytes and any change of a good body as bad ones, and goes on with good ones', async () => {
    const kinds = fc.constantFrom('set' as const, 'cut' as const, 'insert' as const);
    const mutations = fc.tuple(fc.nat(), fc.nat(255), kinds).map(([at, byte, kind]) => mutated(golden, at, byte, kind));
    const noise = fc.uint8Array({ maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutations, noise), async (body) => {
        expect(allowed).toContain(await statusOf(body));
      }),
      { numRuns: 300 },
    );
    expect(await statusOf(golden)).toBe(good);
  });
});
