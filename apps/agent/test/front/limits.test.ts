import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProblemSchema } from '@sentinellog/shared';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryGuard } from '../../src/receive/memory-guard.ts';
import { type Front, FRONT_KEY, startFront } from './front.ts';

const NOW = Date.parse('2026-01-05T12:00:00Z');
const LINE = '{"service":"payment-service","level":"ERROR","message":"pool exhausted: 50/50 in use"}\n';

let dir: string;
let now: number;
let front: Front | undefined;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'limits-'));
  now = NOW;
});
afterEach(async () => {
  await front?.close();
  rmSync(dir, { recursive: true });
});

async function post(path: string, type: string, body: string): Promise<Response> {
  const headers = { 'content-type': type, 'x-sentinel-key': FRONT_KEY };
  return fetch(`${front?.url ?? ''}${path}`, { method: 'POST', body, headers });
}
const ingest = (lines: number): Promise<Response> => post('/v1/ingest', 'application/x-ndjson', LINE.repeat(lines));

describe('a key over its limit', () => {
  it('is told when to come again, by problem document and RateLimit headers, and is taken then', async () => {
    front = await startFront({ dir, now: () => now, keyAllowance: { eventsPerSecond: 100, bytesPerDay: null } });
    expect((await ingest(300)).status).toBe(202);
    const refused = await ingest(1);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('ratelimit-policy')).toBe('"events";q=100;w=1');
    expect(refused.headers.get('ratelimit')).toBe('"events";r=0;t=2');
    expect(ProblemSchema.parse(await refused.json())).toMatchObject({ code: 'rate_limited', retryable: true });
    now += 1100;
    expect((await ingest(1)).status).toBe(202);
    expect(front.tally.counters).toMatchObject({ accepted: 301 });
  });

  it('is told so in the words of its protocol', async () => {
    front = await startFront({ dir, now: () => now, keyAllowance: { eventsPerSecond: null, bytesPerDay: 1000 } });
    expect((await ingest(100)).status).toBe(202);
    const stream = '{"streams":[{"stream":{},"values":[["1","x"]]}]}';
    const loki = await post('/loki/api/v1/push', 'application/json', stream);
    expect([loki.status, loki.headers.get('retry-after')]).toEqual([429, '1']);
    const otlp = await post('/v1/logs', 'application/json', '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]}');
    expect([otlp.status, otlp.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await otlp.json()).toMatchObject({ code: 8 });
    // A 429 for the whole request would make the official client throw.
    const bulk = await post('/_bulk', 'application/x-ndjson', '{"create":{}}\n{"message":"m"}\n');
    expect(bulk.status).toBe(200);
    expect(await bulk.json()).toMatchObject({
      errors: true,
      items: [{ create: { status: 429, error: { type: 'es_rejected_execution_exception' } } }],
    });
    now = Date.parse('2026-01-06T00:00:00Z');
    expect((await ingest(1)).status).toBe(202);
  });

  it('is charged for what is stored, not for what is refused', async () => {
    front = await startFront({ dir, now: () => now, keyAllowance: { eventsPerSecond: 10, bytesPerDay: null } });
    for (let i = 0; i < 50; i++) expect((await post('/v1/ingest', 'application/json', '{"broken":')).status).toBe(400);
    expect((await ingest(1)).status).toBe(202);
  });
});

describe('an agent that is short of memory', () => {
  it('refuses before it reads, and lets small senders through as long as it can', async () => {
    let heldShare = 0.75;
    const memory = new MemoryGuard({
      limitBytes: 2 ** 33,
      read: () => ({ heapUsed: heldShare * 2 ** 33, external: 0 }),
      collect: () => undefined,
      now: () => performance.now(),
    });
    front = await startFront({ dir, now: () => now, memory });
    expect((await ingest(10)).status).toBe(202);
    const large = await ingest(10_000);
    expect([large.status, large.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await large.json()).toMatchObject({ code: 'overloaded', retryable: true });
    heldShare = 0.2;
    await new Promise((resolve) => setTimeout(resolve, 110));
    expect((await ingest(10_000)).status).toBe(202);
    expect(memory.refused).toBe(1);
  });
});
