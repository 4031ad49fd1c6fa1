import { describe, expect, it } from 'vitest';
import type { IngestRecord } from '../pipeline/ingest-record.ts';
import { LineTap } from './line-tap.ts';

const T = 1_767_229_200_000;

function aRecord(lines: readonly string[], overrides: Partial<IngestRecord> = {}): IngestRecord {
  const body = lines.map((message, i) =>
    JSON.stringify({
      timestamp: new Date(T - 1000 + i).toISOString(),
      service: 'payment-service',
      level: 'error',
      message,
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    }),
  );
  return {
    receivedAtMs: T,
    tenant: 'default',
    keyId: 'k1',
    pinnedService: null,
    batchId: 'b1',
    format: 'json',
    accepted: lines.length,
    rejected: 0,
    body: Buffer.from(`${body.join('\n')}\n`),
    ...overrides,
  };
}

function drained(tap: LineTap, most = 1000) {
  const lines: { service: string; level: string; atMs: number; message: string; traceId?: string }[] = [];
  const count = tap.drain(most, (line) => {
    const { service, level, atMs } = line;
    lines.push({ service, level, atMs, ...line.text() });
  });
  return { lines, count };
}

describe('the tap of lines', () => {
  it('shows lines as they were counted', () => {
    const tap = new LineTap();
    tap.isWanted = true;
    tap.offer(aRecord(['charge failed\nfor order 7']));
    expect(drained(tap).lines).toEqual([
      {
        service: 'payment-service',
        level: 'error',
        atMs: T - 1000,
        message: 'charge failed\nfor order 7',
        traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      },
    ]);
    expect(drained(tap).count).toEqual({ stored: 0, visited: 0 });
  });

  it('keeps nothing while nobody looks', () => {
    const tap = new LineTap();
    tap.offer(aRecord(['a']));
    expect(drained(tap).count).toEqual({ stored: 0, visited: 0 });
  });

  it('keeps its own copy: the body belongs to the receiver again at once', () => {
    const tap = new LineTap();
    tap.isWanted = true;
    const record = aRecord(['charge failed']);
    tap.offer(record);
    record.body.fill(0x20);
    expect(drained(tap).lines.map(({ message }) => message)).toEqual(['charge failed']);
  });

  it('looks at no more than it may, at every body a little, and says how much it saw', () => {
    const tap = new LineTap();
    tap.isWanted = true;
    for (const service of ['a', 'b', 'c']) {
      tap.offer(
        aRecord(
          Array.from({ length: 100 }, (_, i) => `line ${i}`),
          { pinnedService: service },
        ),
      );
    }
    const { lines, count } = drained(tap, 30);
    expect(count).toEqual({ stored: 300, visited: 30 });
    expect(Map.groupBy(lines, ({ service }) => service).size).toBe(3);
  });

  it('holds 4 MiB and counts what there was no room for', () => {
    const tap = new LineTap();
    tap.isWanted = true;
    const record = aRecord(Array.from({ length: 1000 }, () => 'x'.repeat(1000)));
    for (let i = 0; i < 5; i++) tap.offer(record);
    const { count } = drained(tap, 100_000);
    expect(count.stored).toBe(5000);
    expect(count.visited).toBe(5000 - tap.skipped);
    expect(tap.skipped).toBeGreaterThan(0);
  });
});
