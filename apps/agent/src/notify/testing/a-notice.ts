import type { Incident } from '@sentinellog/shared';
import { anAlert, anIncident as aSharedIncident } from '@sentinellog/shared/testing';
import type { Delivery, IncidentNotice, Transition } from '../../pipeline/delivery.ts';

/** 1 January 2026, 01:00 UTC. */
const NOW_MS = 1_767_229_200_000;

/** The cascade of the simulator, as its incident would look after `transition`; override what the test is about. */
export function anIncident(overrides: Partial<Incident> = {}): Incident {
  const reason = '1,204 errors a minute where 3 are normal (41.2σ above)';
  const incidentId = '01996f00-0000-7000-8000-0000000000b1';
  const alert = anAlert({
    alert_id: '01996f00-0000-7000-8000-0000000000a1',
    incident_id: incidentId,
    dedup_key: 'default/payment-service/error_rate',
    signal: 'error_rate',
    peak_score: 41.2,
    reason,
  });
  return aSharedIncident({
    incident_id: incidentId,
    title: 'payment-service: 1,204 errors/min, normal 3 (41σ)',
    services: ['payment-service', 'order-service', 'gateway'],
    first_mover: {
      source_id: alert.source_id,
      service: 'payment-service',
      event_id: '01996f00-0000-7000-8000-00000000000a',
      at_ms: NOW_MS - 20_000,
      reason,
    },
    peak_score: 41.2,
    started_at_ms: NOW_MS - 20_000,
    opened_at_ms: NOW_MS,
    updated_at_ms: NOW_MS,
    alerts: [
      alert,
      { ...alert, alert_id: '01996f00-0000-7000-8000-0000000000a2', service: 'order-service', severity: 'P2' },
    ],
    ...overrides,
  });
}

const AFTER: Readonly<Record<Transition, Partial<Incident>>> = {
  opened: {},
  updated: {},
  acknowledged: { state: 'ACK', acked_by: 'Mia', acked_at_ms: NOW_MS + 60_000 },
  unacknowledged: {},
  resolved: { state: 'RESOLVED', firing: false, resolved_by: null, resolved_at_ms: NOW_MS, resolution: 'recovered' },
  reopened: { reopened: 1 },
  escalated: {},
};

export function aNotice(transition: Transition = 'opened', overrides: Partial<IncidentNotice> = {}): IncidentNotice {
  const minutes = Array.from({ length: 60 }, (_, index) => index);
  return {
    incident: anIncident(AFTER[transition]),
    transition,
    because: 'P1 pages at all hours (default policy)',
    headline: 'payment-service: 1,204 errors/min, normal 3 (41σ)',
    samples: [
      { at_ms: NOW_MS, level: 'error', message: 'connection pool exhausted: 50/50 in use', service: 'payment-service' },
      { at_ms: NOW_MS + 5, level: 'error', message: 'POST /charge timed out after 30000 ms', service: 'order-service' },
    ],
    topClusters: [
      { name: 'connection pool exhausted: <*> in use', share: 0.62, isNew: true },
      { name: 'POST /charge timed out after <*> ms', share: 0.2, isNew: false },
    ],
    runbook: { id: 'pool', title: 'Connection pool exhausted' },
    analysis: null,
    chart: {
      t: minutes.map((minute) => NOW_MS / 1000 - 3600 + minute * 60),
      value: minutes.map((minute) => (minute < 55 ? 3 + (minute % 4) : 1204)),
      lower: minutes.map(() => 0),
      upper: minutes.map(() => 12),
      label: 'payment-service errors/min',
    },
    consoleUrl: 'https://sentinellog.example.com/#/incidents/01996f00',
    cluster: 'EU',
    ...overrides,
  };
}

/** The notice of whatever incident a delivery names. */
export function noticeFor({ incidentId, transition, because }: Delivery): IncidentNotice {
  const incident = anIncident({ ...AFTER[transition], incident_id: incidentId, key: `INC-${incidentId}` });
  return aNotice(transition, { incident, because, chart: null });
}
