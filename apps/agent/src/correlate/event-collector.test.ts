import { MAX_CORRELATED_EVENTS } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { chosen, EventCollector, type NearbyLine } from './event-collector.ts';

const T0 = 1_767_229_200_000;

function line(service: string, afterMs: number, overrides: Partial<NearbyLine> = {}): NearbyLine {
  const at_ms = T0 + afterMs;
  return {
    tenant: 'default',
    source_id: service,
    service,
    at_ms,
    level: 'error',
    message: `${service} failed`,
    ...overrides,
  };
}

const INCIDENT = { incidentId: 'a', tenant: 'default', startedAtMs: T0, services: ['payment'], traceIds: ['t1'] };
const areNeighbours = (_tenant: string, one: string, other: string) => one === 'payment' && other === 'order';

describe('the events around an incident', () => {
  it('are at most fifty, of every service, in order of time, each with its reason', () => {
    const lines = [
      ...Array.from({ length: 500 }, (_, i) => line('payment', i * 10)),
      ...Array.from({ length: 5 }, (_, i) => line('order', 1000 + i)),
      line('mail', 10, { trace_id: 't1' }),
      line('search', 20, { level: 'warn' }),
    ];
    const events = chosen(lines, INCIDENT, areNeighbours);
    expect(events).toHaveLength(MAX_CORRELATED_EVENTS);
    expect(new Set(events.map(({ service }) => service))).toEqual(new Set(['payment', 'order', 'mail', 'search']));
    expect(events[0]).toEqual({
      at_ms: T0,
      level: 'error',
      message: 'payment failed',
      source_id: 'payment',
      service: 'payment',
      because: 'time',
    });
    expect(events.map(({ at_ms }) => at_ms)).toEqual(events.map(({ at_ms }) => at_ms).toSorted((a, b) => a - b));
  });

  it('leave room for the neighbours of a loud service', () => {
    const lines = [
      ...Array.from({ length: 20 }, (_, i) => line('payment', i * 10)),
      ...Array.from({ length: 100 }, (_, i) => line('search', i)),
      line('order', 5),
      line('mail', 10, { trace_id: 't1' }),
    ];
    const events = chosen(lines, INCIDENT, areNeighbours);
    expect(Object.fromEntries(events.map(({ service, because }) => [service, because]))).toEqual({
      payment: 'time',
      search: 'time',
      order: 'dependency',
      mail: 'trace',
    });
  });

  it('are looked for when the incident opens and again while its story goes on; what fails is counted', async () => {
    let nowMs = T0;
    const asked: number[] = [];
    const kept: number[] = [];
    let isBroken = false;
    const collector = new EventCollector({
      now: () => nowMs,
      incident: () => INCIDENT,
      find: async (_tenant, _fromMs, toMs) => {
        asked.push(toMs - T0);
        if (isBroken) throw new Error('the journal is damaged');
        return [line('payment', 100)];
      },
      areNeighbours,
      keep: async (_id, events) => void kept.push(events.length),
      learn: () => undefined,
      onCollected: () => undefined,
    });
    collector.ask('a');
    collector.ask('a');
    for (; nowMs < T0 + 200_000; nowMs += 1000) {
      isBroken = nowMs > T0 + 60_000;
      await collector.tick();
    }
    expect(asked).toEqual([1001, 20_001, 120_001]);
    expect(kept).toEqual([1, 1]);
    expect(collector.lost.failed).toBe(1);
  });

  it('are read once for a storm of incidents of one tenant, and given to each from its own time', async () => {
    const starts = new Map<string, number>(Array.from({ length: 30 }, (_, index) => [`i${index}`, T0 + index * 1000]));
    let nowMs = T0 + 31_000;
    const reads: number[] = [];
    const kept = new Map<string, number>();
    const collector = new EventCollector({
      now: () => nowMs,
      incident: (incidentId) => {
        const startedAtMs = starts.get(incidentId);
        if (startedAtMs === undefined) return null;
        const tenant = incidentId === 'i29' ? 'other' : 'default';
        return { ...INCIDENT, incidentId, tenant, startedAtMs };
      },
      find: async (_tenant, fromMs, _toMs, incidents) => {
        reads.push(incidents);
        expect(fromMs).toBeLessThan(T0);
        return [line('payment', -59_500), line('payment', 100)];
      },
      areNeighbours,
      keep: async (id, events) => void kept.set(id, events.length),
      learn: () => undefined,
      onCollected: () => undefined,
    });
    for (const id of [...starts.keys(), 'gone']) collector.ask(id);
    nowMs += 1000;
    for (let tick = 0; tick < 4; tick++) await collector.tick();
    expect(reads).toEqual([20, 9, 1]);
    expect(kept.size).toBe(30);
    // What lies a minute before the first is near to that one only.
    expect([kept.get('i0'), kept.get('i1'), kept.get('i20')]).toEqual([2, 1, 1]);
  });
});
