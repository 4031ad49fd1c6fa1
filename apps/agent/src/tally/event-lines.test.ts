import { describe, expect, it } from 'vitest';
import type { IngestRecord } from '../pipeline/ingest-record.ts';
import { eventLines } from './event-lines.ts';

const T0 = 1_767_229_200_000;

function record(events: readonly object[], overrides: Partial<IngestRecord> = {}): { record: IngestRecord } {
  return {
    record: {
      tenant: 'default',
      receivedAtMs: T0 + 60_000,
      format: 'json',
      pinnedService: null,
      defaultService: null,
      body: Buffer.from(events.map((event) => JSON.stringify(event)).join('\n')),
      ...overrides,
    } as IngestRecord,
  };
}

async function* journal(...records: { record: IngestRecord }[]) {
  yield* records;
}

const event = (service: string, afterMs: number, level = 'ERROR', more: object = {}) => ({
  timestamp: new Date(T0 + afterMs).toISOString(),
  service,
  level,
  message: `${service} at ${afterMs}`,
  ...more,
});

const wish = {
  tenant: 'default',
  fromMs: T0,
  toMs: T0 + 10_000,
  isWanted: (level: string) => level === 'error',
  mostPerService: 2,
  most: 100,
};

describe('lines of all services around a time', () => {
  it('are those of the tenant, the stretch and the levels that are wanted, with their trace', async () => {
    const records = journal(
      record([
        event('payment', 5, 'ERROR', { trace_id: '4bf92f3577b34da6' }),
        event('payment', 6, 'INFO'),
        event('payment', -1),
        event('payment', 10_000),
      ]),
      record([event('order', 7)], { tenant: 'other' }),
      record([event('whatever', 8)], { pinnedService: 'gateway' }),
    );
    expect(await eventLines(records, wish)).toEqual([
      {
        tenant: 'default',
        service: 'payment',
        at_ms: T0 + 5,
        level: 'error',
        message: 'payment at 5',
        trace_id: '4bf92f3577b34da6',
      },
      { tenant: 'default', service: 'gateway', at_ms: T0 + 8, level: 'error', message: 'whatever at 8' },
    ]);
  });

  it('leave room for quiet services, and end when there are enough', async () => {
    const loud = Array.from({ length: 50 }, (_, i) => event('payment', i));
    const found = await eventLines(journal(record([...loud, event('order', 99)])), wish);
    expect(found.map(({ service }) => service)).toEqual(['payment', 'payment', 'order']);
    expect(await eventLines(journal(record(loud)), { ...wish, most: 1 })).toHaveLength(1);
  });
});
