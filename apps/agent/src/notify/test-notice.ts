import type { Incident } from '@sentinellog/shared';
import type { IncidentNotice, Transition } from '../pipeline/delivery.ts';

export interface TestNoticeParts {
  readonly transition: Extract<Transition, 'opened' | 'resolved'>;
  readonly cluster: string;
  readonly consoleUrl: string | null;
  readonly nowMs: number;
}

/** What "send a test" sends: the shape of the real thing, and in every line the word that it is none. */
export function testNotice({ transition, cluster, consoleUrl, nowMs }: TestNoticeParts): IncidentNotice {
  const isOver = transition === 'resolved';
  const reason = 'this is a test message; nothing is wrong';
  const incident: Incident = {
    incident_id: `test-${nowMs}`,
    key: 'TEST',
    tenant: 'default',
    title: reason,
    state: isOver ? 'RESOLVED' : 'OPEN',
    severity: 'P4',
    severity_override: null,
    services: ['test'],
    first_mover: { source_id: '', service: 'test', event_id: '', at_ms: nowMs, reason },
    peak_score: 0,
    started_at_ms: nowMs,
    opened_at_ms: nowMs,
    updated_at_ms: nowMs,
    firing: !isOver,
    quiet_since_ms: null,
    alerts: [],
    assigned_to: null,
    acked_by: null,
    acked_at_ms: null,
    ack_expires_at_ms: null,
    resolved_by: isOver ? 'SentinelLog' : null,
    resolved_at_ms: isOver ? nowMs : null,
    resolution: isOver ? 'expected' : null,
    merged_into: null,
    silence_id: null,
    silenced_until_ms: null,
    held: null,
    reopened: 0,
    version: isOver ? 2 : 1,
  };
  return {
    incident,
    transition,
    because: 'somebody pressed "send a test"',
    headline: reason,
    samples: [],
    topClusters: [],
    runbook: null,
    analysis: null,
    chart: null,
    consoleUrl,
    cluster,
  };
}
