import type { Alert } from '@sentinellog/shared';
import { anAlert, anIncident } from '@sentinellog/shared/testing';
import type { IncidentFacts } from '../incident-facts.ts';

export const STARTED_MS = 1_767_229_200_000;

const INCIDENT_ID = '01996f00-0000-7000-8000-0000000000c1';

function alertOf(service: string, secondsIn: number): Alert {
  return anAlert({
    alert_id: `alert-${service}`,
    incident_id: INCIDENT_ID,
    dedup_key: `default/${service}/error_rate`,
    source_id: `source-${service}`,
    service,
    signal: 'error_rate',
    reason: `error rate 31 %, normal 0.4 % (${service})`,
    event_ids: [`event-${service}`],
    opened_at_ms: STARTED_MS + secondsIn * 1000,
    updated_at_ms: STARTED_MS + secondsIn * 1000,
  });
}

/** The simulator's cascade: payment first, its callers seconds later. */
export function cascadeFacts(overrides: Partial<IncidentFacts> = {}): IncidentFacts {
  const incident = anIncident({
    incident_id: INCIDENT_ID,
    title: 'payment-service: error rate 31 %, normal 0.4 %',
    services: ['payment-service', 'order-service', 'api-gateway'],
    first_mover: {
      source_id: 'source-payment-service',
      service: 'payment-service',
      event_id: 'event-payment-service',
      at_ms: STARTED_MS,
      reason: 'error rate 31 %, normal 0.4 %',
    },
    started_at_ms: STARTED_MS,
    opened_at_ms: STARTED_MS + 1000,
    updated_at_ms: STARTED_MS + 21_000,
    alerts: [alertOf('payment-service', 0), alertOf('order-service', 12), alertOf('api-gateway', 21)],
    version: 3,
  });
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
