import type { Alert, Incident } from '@sentinellog/shared';
import { anAlert as aSharedAlert, anIncident as aSharedIncident } from '@sentinellog/shared/testing';

const INCIDENT_ID = '01996f10-0000-7000-8000-000000000001';

/** An open P1 of payment-service that still fires, without its alerts; override what the test is about. */
export function anIncident(overrides: Partial<Incident> = {}): Incident {
  const startedAtMs = 1_767_229_190_000;
  return aSharedIncident({
    incident_id: INCIDENT_ID,
    key: 'INC-20260101005950',
    opened_at_ms: startedAtMs + 1000,
    updated_at_ms: startedAtMs + 1000,
    alerts: [],
    ...overrides,
  });
}

export function anAlert(overrides: Partial<Alert> = {}): Alert {
  return aSharedAlert({
    alert_id: '01996f20-0000-7000-8000-000000000001',
    incident_id: INCIDENT_ID,
    dedup_key: 'default/payment-service/volume',
    ...overrides,
  });
}
