import { describe, expect, it } from 'vitest';
import { registerAgentMetrics, type AgentReadings } from './agent-metrics.ts';
import { Metrics } from './metrics.ts';

function readings(overrides: Partial<AgentReadings> = {}): AgentReadings {
  return {
    ingest: () => ({
      accepted: 1990,
      rejected: { invalid_json: 7, event_too_large: 3 },
      duplicateBatches: 1,
      late: 2,
      clamped: 4,
      pending: 90,
      unparsed: 3,
      dropped: { syslog_truncated: 1 },
    }),
    journal: () => ({ bytes: 4096, segments: 1, corruptions: 0, blocks: 2, failedCommits: 0, replayPendingBytes: 0 }),
    search: () => ({ running: 1, waiting: 0, ended: { complete: 3, refused: 1 } }),
    checkpoint: () => ({ ageSeconds: 1.5, failures: 0 }),
    detection: () => ({ sources: 8, anomaliesOpen: 1, anomaliesRaised: 3, dropped: { samples_timeout: 2 } }),
    incidents: () => ({ open: 2, unsaved: 0, lost: { stale_anomaly: 4 } }),
    correlation: () => ({ edgesDropped: 0, lost: { timeout: 1 } }),
    auditChainOk: () => true,
    templates: () => ({ templates: 40, evicted: 2, overflowed: 1 }),
    routing: () => ({ silences: 2, dropped: { pages: 0, records: 0, notices: 0 } }),
    authFailures: () => ({ unknown: 5 }),
    stream: () => ({ clients: 2, dropped: { heartbeats: 9 }, closed: { slow: 1 } }),
    process: () => ({ eventLoopLagSeconds: 0.004, rssBytes: 90e6, cpuSeconds: 3.25 }),
    limits: () => ({ overflowEvents: 6, memoryRefusals: 2, connectionsClosed: { address_full: 1, too_slow: 3 } }),
    backpressure: () => ({ postgres: 1, journal: 0 }),
    info: () => ({ version: '0.1.0', startedAtMs: 1_767_225_600_000 }),
    ...overrides,
  };
}

function lineOf(text: string, start: string): string | undefined {
  return text.split('\n').find((line) => line.startsWith(start));
}

describe('agent metrics', () => {
  it('show that received = accepted + rejected and accepted = stored + pending', async () => {
    const metrics = new Metrics();
    registerAgentMetrics(metrics, readings());
    const text = await metrics.text();
    expect(lineOf(text, 'sentinellog_events_received_total ')).toBe('sentinellog_events_received_total 2000');
    expect(lineOf(text, 'sentinellog_events_accepted_total ')).toBe('sentinellog_events_accepted_total 1990');
    expect(lineOf(text, 'sentinellog_events_rejected_total{reason="invalid_json"}')).toMatch(/ 7$/);
    expect(lineOf(text, 'sentinellog_events_stored_total ')).toBe('sentinellog_events_stored_total 1900');
    expect(lineOf(text, 'sentinellog_pending_events ')).toBe('sentinellog_pending_events 90');
  });

  it('are read at every scrape, not summed over scrapes', async () => {
    const metrics = new Metrics();
    let clients = 2;
    registerAgentMetrics(metrics, readings({ stream: () => ({ clients, dropped: { heartbeats: 9 }, closed: {} }) }));
    await metrics.text();
    clients = 3;
    const text = await metrics.text();
    expect(lineOf(text, 'sentinellog_stream_clients ')).toBe('sentinellog_stream_clients 3');
    expect(lineOf(text, 'sentinellog_stream_dropped_total')).toMatch(/ 9$/);
  });

  it('tell what an explanation went without', async () => {
    const metrics = new Metrics();
    registerAgentMetrics(metrics, readings());
    const text = await metrics.text();
    expect(lineOf(text, 'sentinellog_detection_dropped_total{reason="samples_timeout"}')).toMatch(/ 2$/);
  });

  it('tell what limits cost', async () => {
    const metrics = new Metrics();
    registerAgentMetrics(metrics, readings());
    const text = await metrics.text();
    expect(lineOf(text, 'sentinellog_source_overflow_events_total')).toMatch(/ 6$/);
    expect(lineOf(text, 'sentinellog_memory_refusals_total')).toMatch(/ 2$/);
    expect(lineOf(text, 'sentinellog_connections_closed_total{reason="too_slow"}')).toMatch(/ 3$/);
  });

  it('carry the prefix of the product and a help line each', async () => {
    const metrics = new Metrics();
    registerAgentMetrics(metrics, readings());
    const text = await metrics.text();
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1]);
    expect(names.length).toBeGreaterThan(20);
    expect(names.every((name) => name.startsWith('sentinellog_'))).toBe(true);
    expect([...text.matchAll(/^# HELP \S+ \S/gm)]).toHaveLength(names.length);
  });
});

describe('metrics', () => {
  it('cut a metric whose labels got out of hand', async () => {
    const metrics = new Metrics();
    metrics.gauge('runaway', 'Too many', ['id'], () =>
      Array.from({ length: 1000 }, (_, i) => ({ labels: { id: String(i) }, value: i })),
    );
    const text = await metrics.text();
    expect([...text.matchAll(/^sentinellog_runaway\{/gm)]).toHaveLength(200);
  });
});
