import type { Alert, Incident } from '@sentinellog/shared';

/** An open P1 of payment-service that still fires; override what the test is about. */
export function anIncident(overrides: Partial<Incident> = {}): Incident {
  const startedAtMs = 1_767_229_190_000;
  return {
    incident_id: '01996f10-0000-7000-8000-000000000001',
    key: 'INC-20260101005950',
    tenant: 'default',
    title: 'payment-service: 620 lines in 10 s where 210 are normal (14.2σ above)',
    state: 'OPEN',
    severity: 'P1',
    severity_override: null,
    services: ['payment-service'],
    first_mover: {
      source_id: '01996f00-0000-7000-8000-000000000001',
      service: 'payment-service',
      event_id: '01996f00-0000-7000-8000-00000000000a',
      at_ms: startedAtMs,
      reason: '620 lines in 10 s where 210 are normal (14.2σ above)',
    },
    peak_score: 14.2,
    started_at_ms: startedAtMs,
    opened_at_ms: startedAtMs + 1000,
    updated_at_ms: startedAtMs + 1000,
    firing: true,
    quiet_since_ms: null,
    alerts: [],
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
    version: 1,
    ...overrides,
  };
}

export function anAlert(overrides: Partial<Alert> = {}): Alert {
  return {
    alert_id: '01996f20-0000-7000-8000-000000000001',
    incident_id: '01996f10-0000-7000-8000-000000000001',
    dedup_key: 'default/payment-service/volume',
    source_id: '01996f00-0000-7000-8000-000000000001',
    service: 'payment-service',
    signal: 'volume',
    direction: 'high',
    state: 'OPEN',
    severity: 'P1',
    peak_score: 14.2,
    reason: '620 lines in 10 s where 210 are normal (14.2σ above)',
    event_ids: ['01996f00-0000-7000-8000-00000000000a'],
    firing: true,
    assigned_to: null,
    opened_at_ms: 1_767_229_191_000,
    updated_at_ms: 1_767_229_191_000,
    resolved_at_ms: null,
    resolution: null,
    version: 1,
    ...overrides,
  };
}
