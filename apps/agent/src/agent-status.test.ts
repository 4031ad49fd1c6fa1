import { describe, expect, it } from 'vitest';
import { AgentStatus, type StatusParts } from './agent-status.ts';

function status(overrides: Partial<StatusParts> = {}): AgentStatus {
  return new AgentStatus({
    info: { agent_id: 'a', name: 'prod', code: 'EU', version: '0.1.0', started_at_ms: 0 },
    now: () => 1000,
    counters: () => ({ accepted: 2000, rejected: 3, late: 0, clamped: 0, duplicateBatches: 0, unparsed: 4 }),
    sources: () => 8,
    replayPendingBytes: () => 0,
    journalBytes: () => 4096,
    journalRefusal: () => undefined,
    checkpointAgeMs: () => 1500,
    limitComplaints: () => [],
    channelComplaints: () => [],
    databaseDown: () => false,
    eventLoopLagMs: () => 2,
    blindSinceMs: () => null,
    ...overrides,
  });
}

describe('what an agent says about itself', () => {
  it('is ready when all is well', () => {
    expect(status().health()).toMatchObject({ state: 'ready', degraded: [], accepted_total: 2000, sources: 8 });
    expect(status().notReadyBecause()).toEqual([]);
  });

  it('is degraded, but still ready for logs, while the database is down', () => {
    const down = status({ databaseDown: () => true });
    expect(down.health().state).toBe('degraded');
    expect(down.health().degraded[0]).toMatch(/^postgres/);
    expect(down.notReadyBecause()).toEqual([]);
  });

  it('says which limits bite, and takes logs all the same', () => {
    const full = status({ limitComplaints: () => ['sources: more than 10000'] });
    expect(full.health()).toMatchObject({ state: 'degraded', degraded: ['sources: more than 10000'] });
    expect(full.notReadyBecause()).toEqual([]);
  });

  it('is not ready when the journal takes nothing, and says why', () => {
    expect(status({ journalRefusal: () => 'disk_full' }).notReadyBecause()).toEqual([
      'the journal takes nothing: disk_full',
    ]);
  });

  it('is not ready once it drains', () => {
    const draining = status();
    draining.drain();
    expect(draining.notReadyBecause()).toHaveLength(1);
    expect(draining.health().state).toBe('draining');
  });

  it('is starting while it reads back its journal', () => {
    expect(status({ replayPendingBytes: () => 10 }).health().state).toBe('starting');
  });
});
