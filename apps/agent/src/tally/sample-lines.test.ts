import { describe, expect, it } from 'vitest';
import type { IngestRecord } from '../pipeline/ingest-record.ts';
import { type SampleWish, sampleLines } from './sample-lines.ts';
import { anEvent, NEW_YEAR } from './testing/tally-probe.ts';

function aRecord(overrides: Partial<IngestRecord>): IngestRecord {
  return {
    receivedAtMs: (NEW_YEAR + 10) * 1000,
    tenant: 'default',
    keyId: 'key',
    pinnedService: null,
    batchId: 'b',
    format: 'json',
    accepted: 1,
    rejected: 0,
    body: Buffer.alloc(0),
    ...overrides,
  };
}

/** A record of NDJSON with these events. */
function linesOf(...events: object[]): IngestRecord {
  return aRecord({ body: Buffer.from(events.map((event) => JSON.stringify(event)).join('\n')) });
}

async function* records(...all: IngestRecord[]) {
  for (const record of all) {
    await Promise.resolve();
    yield { record };
  }
}

function wish(overrides: Partial<SampleWish> = {}): SampleWish {
  return {
    tenant: 'default',
    service: 'payment-service',
    fromSecond: NEW_YEAR,
    toSecond: NEW_YEAR + 10,
    prefer: 'any',
    limit: 5,
    ...overrides,
  };
}

describe('sampleLines', () => {
  it('gives the lines of one service and stretch of time, with level, time and trace', async () => {
    const lines = await sampleLines(
      records(
        linesOf(
          anEvent(NEW_YEAR - 1),
          anEvent(NEW_YEAR + 0.25, { level: 'ERROR', msg: 'pool exhausted', trace_id: '4bf92f3577b34da6' }),
          anEvent(NEW_YEAR + 1, { service: 'order-service' }),
          anEvent(NEW_YEAR + 10),
        ),
      ),
      wish(),
    );
    expect(lines).toEqual([
      { at_ms: NEW_YEAR * 1000 + 250, level: 'error', message: 'pool exhausted', trace_id: '4bf92f3577b34da6' },
    ]);
  });

  it('prefers errors and fills up with others', async () => {
    const events = [anEvent(NEW_YEAR, { msg: 'fine' }), anEvent(NEW_YEAR + 1, { level: 'fatal', msg: 'died' })];
    const lines = await sampleLines(records(linesOf(...events)), wish({ prefer: 'errors' }));
    expect(lines.map(({ message }) => message)).toEqual(['died', 'fine']);
    expect(await sampleLines(records(linesOf(...events)), wish({ prefer: 'errors', limit: 1 }))).toMatchObject([
      { message: 'died' },
    ]);
  });

  it('reads arrays, skips broken lines, other tenants and keys pinned elsewhere', async () => {
    const body = Buffer.from(JSON.stringify([anEvent(NEW_YEAR, { service: 'x' })]));
    const lines = await sampleLines(
      records(
        aRecord({ body: Buffer.from(`{broken\n${JSON.stringify(anEvent(NEW_YEAR, { msg: 'good' }))}`) }),
        aRecord({ body, tenant: 'other', pinnedService: 'payment-service' }),
        aRecord({ body, pinnedService: 'checkout' }),
        aRecord({ body, pinnedService: 'payment-service' }),
      ),
      wish(),
    );
    expect(lines.map(({ message }) => message)).toEqual(['good', 'charged card ending 4242']);
  });

  it('cuts long messages, and shows the whole line where there is none', async () => {
    const lines = await sampleLines(
      records(
        linesOf(
          anEvent(NEW_YEAR, { msg: 'x'.repeat(5000) }),
          { ts: NEW_YEAR, service: 'payment-service', amount: 12 },
          anEvent(NEW_YEAR, { msg: { code: 42 } }),
        ),
      ),
      wish(),
    );
    expect(lines.map(({ message }) => message)).toEqual([
      'x'.repeat(2000),
      `{"ts":${NEW_YEAR},"service":"payment-service","amount":12}`,
      '{"code":42}',
    ]);
  });
});
