import type { Alert, Incident } from '@sentinellog/shared';
import type { IncidentFacts } from '../incident-facts.ts';

export const STARTED_MS = 1_767_229_200_000;

function anAlert(service: string, secondsIn: number, overrides: Partial<Alert> = {}): Alert {
  return {
    alert_id: `alert-${service}`,
    incident_id: '01996f00-0000-7000-8000-0000000000c1',
    dedup_key: `default/${service}/error_rate`,
    source_id: `source-${service}`,
    service,
    signal: 'error_rate',
    direction: 'high',
    state: 'OPEN',
    severity: 'P1',
    peak_score: 14.2,
    reason: `error rate 31 %, normal 0.4 % (${service})`,
    event_ids: [`event-${service}`],
    firing: true,
    assigned_to: null,
    opened_at_ms: STARTED_MS + secondsIn * 1000,
    updated_at_ms: STARTED_MS + secondsIn * 1000,
    resolved_at_ms: null,
    resolution: null,
    version: 1,
    ...overrides,
  };
}

/** The simulator's cascade: payment first, its callers seconds later. */
export function cascadeFacts(overrides: Partial<IncidentFacts> = {}): IncidentFacts {
  const alerts = [anAlert('payment-service', 0), anAlert('order-service', 12), anAlert('api-gateway', 21)];
  const incident: Incident = {
    incident_id: '01996f00-0000-7000-8000-0000000000c1',
    key: 'INC-20260101010000',
    tenant: 'default',
    title: 'payment-service: error rate 31 %, normal 0.4 %',
    state: 'OPEN',
    severity: 'P1',
    severity_override: null,
    services: ['payment-service', 'order-service', 'api-gateway'],
    first_mover: {
      source_id: 'source-payment-service',
      service: 'payment-service',
      event_id: 'event-payment-service',
      at_ms: STARTED_MS,
      reason: 'error rate 31 %, normal 0.4 %',
    },
    peak_score: 14.2,
    started_at_ms: STARTED_MS,
    opened_at_ms: STARTED_MS + 1000,
    updated_at_ms: STARTED_MS + 21_000,
    firing: true,
    quiet_since_ms: null,
    alerts,
    assigned_to: null,
    acked_by: null,
    acked_at_ms: null,
    ack_expires_at_ms: null,
    resolved_by: null,
    resolved_at_ms: null,
    resolution: null,
    merged_into: null,
    silence_id: null,
    silenced_until_ms: null,
    held: null,
    reopened: 0,
    version: 3,
  };
  return {
    incident,
    correlated: [
      {
        at_ms: STARTED_MS + 400,
        level: 'ERROR',
        message: 'connection pool exhausted after 30012 ms for mia@example.org',
        source_id: 'source-payment-service',
        service: 'payment-service',
        because: 'trace',
      },
    ],
    clusters: [{ name: 'connection pool exhausted', share: 0.82, isNew: true }],
    runbooks: [
      {
        runbook_id: 'runbook-pool',
        title: 'Database connection pool exhausted',
        because: 'written for payment-service',
        score: 0.9,
        steps: ['End the statement that holds the others.'],
      },
    ],
    similar: [],
    ...overrides,
  };
}
