import type { Alert } from '../alert.ts';
import type { Anomaly } from '../anomaly.ts';
import type { Incident } from '../incident.ts';
import type { Hook, HookRun } from '../hook.ts';
import type { Rule } from '../rule.ts';
import type { Runbook } from '../runbook.ts';
import type { Source } from '../source.ts';

/** A source as the agent would report it; override what the test is about. */
export function aSource(overrides: Partial<Source> = {}): Source {
  return {
    source_id: '01996f00-0000-7000-8000-000000000001',
    tenant: 'default',
    service: 'payment-service',
    sensitivity: 'medium',
    retention_days: 30,
    time_zone: 'UTC',
    tags: [],
    first_seen_ms: 1_767_225_600_000,
    last_seen_ms: 1_767_229_200_000,
    learning: 'ready',
    learnt_hours: 24,
    ...overrides,
  };
}

/** An open spike of payment-service; override what the test is about. */
export function anAnomaly(overrides: Partial<Anomaly> = {}): Anomaly {
  const start = 1_767_229_190;
  return {
    event_id: '01996f00-0000-7000-8000-00000000000a',
    source_id: '01996f00-0000-7000-8000-000000000001',
    service: 'payment-service',
    signal: 'volume',
    detector: 'seasonal_z_score',
    direction: 'high',
    state: 'open',
    severity: 'P1',
    deviation_score: 14.2,
    started_at_ms: start * 1000,
    last_outside_ms: (start + 10) * 1000,
    ended_at_ms: null,
    detected_at_ms: (start + 10) * 1000 + 40,
    observed: 620,
    expected: 210,
    reason: '620 lines in 10 s where 210 are normal (14.2σ above)',
    raw_data_sample: [
      { at_ms: start * 1000 + 120, level: 'error', message: 'connection pool exhausted: 50/50 in use' },
    ],
    receipt: {
      version: 1,
      engine: '0.1.0',
      detector: 'seasonal_z_score',
      source_id: '01996f00-0000-7000-8000-000000000001',
      service: 'payment-service',
      signal: 'volume',
      window_start: start,
      window_seconds: 10,
      value: 620,
      events: 620,
      mean: 210,
      stddev: 28.9,
      n: 360,
      slot: 'Thu 00h',
      time_zone: 'UTC',
      z: 14.2,
      sensitivity: 'medium',
      sigma: 3,
      threshold: 4.5,
      sample_hashes: [],
    },
    ...overrides,
  };
}

/** An open incident of one alert, the spike of payment-service; override what the test is about. */
export function anIncident(overrides: Partial<Incident> = {}): Incident {
  const atMs = 1_767_229_200_040;
  const reason = '620 lines in 10 s where 210 are normal (14.2σ above)';
  const incidentId = '01996f00-0000-7000-8000-0000000000a1';
  const sourceId = '01996f00-0000-7000-8000-000000000001';
  return {
    incident_id: incidentId,
    key: 'INC-20260101010000',
    tenant: 'default',
    title: `payment-service: ${reason}`,
    state: 'OPEN',
    severity: 'P1',
    severity_override: null,
    services: ['payment-service'],
    first_mover: {
      source_id: sourceId,
      service: 'payment-service',
      event_id: '01996f00-0000-7000-8000-00000000000a',
      at_ms: 1_767_229_190_000,
      reason: 'the only service that is outside',
    },
    peak_score: 14.2,
    started_at_ms: 1_767_229_190_000,
    opened_at_ms: atMs,
    updated_at_ms: atMs,
    firing: true,
    quiet_since_ms: null,
    alerts: [anAlert()],
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

/** The one alert of `anIncident`: a spike of volume that still fires. */
export function anAlert(overrides: Partial<Alert> = {}): Alert {
  const sourceId = '01996f00-0000-7000-8000-000000000001';
  return {
    alert_id: '01996f00-0000-7000-8000-0000000000b1',
    incident_id: '01996f00-0000-7000-8000-0000000000a1',
    dedup_key: `default/${sourceId}/volume`,
    source_id: sourceId,
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
    opened_at_ms: 1_767_229_200_040,
    updated_at_ms: 1_767_229_200_040,
    resolved_at_ms: null,
    resolution: null,
    version: 1,
    ...overrides,
  };
}

export function aRule(overrides: Partial<Rule> = {}): Rule {
  return {
    rule_id: '01996f00-0000-7000-8000-0000000000d1',
    name: 'Error spike',
    enabled: true,
    severity: 'P2',
    scope: { services: [], tags: [], levels: ['error', 'fatal'], fields: [] },
    condition: { kind: 'count', above: 100 },
    window_seconds: 300,
    group_by: 'source',
    for_seconds: 0,
    action: 'notify',
    message: '{service} logged {count} errors in {window}',
    shipped_as: null,
    version: 1,
    updated_by: 'Mia',
    updated_at_ms: 1_767_229_200_000,
    ...overrides,
  };
}

export function aRunbook(overrides: Partial<Runbook> = {}): Runbook {
  return {
    runbook_id: '01996f00-0000-7000-8000-0000000000d2',
    title: 'Database connection pool exhausted',
    incident_date: '2025-03-14',
    services_affected: ['payment-service'],
    root_cause: 'A slow query held its connections.',
    resolution_steps: ['End the statement that holds the others.'],
    tags: ['database', 'pool'],
    shipped_as: null,
    version: 1,
    updated_by: 'Mia',
    updated_at_ms: 1_767_229_200_000,
    ...overrides,
  };
}

export function aHook(overrides: Partial<Hook> = {}): Hook {
  return {
    hook_id: '01996f00-0000-7000-8000-0000000000e1',
    name: 'Restart payment-service',
    enabled: true,
    effect: 'restart',
    services: ['payment-service'],
    url: 'https://ops.example.com/hooks/restart',
    body: '{"service": "{{incident.service}}", "why": "{{incident.key}}: {{incident.title}}"}',
    cooldown_seconds: 300,
    protected: false,
    has_secret: true,
    last_run: null,
    version: 1,
    updated_by: 'Ada',
    updated_at_ms: 1_767_229_200_000,
    ...overrides,
  };
}

export function aHookRun(overrides: Partial<HookRun> = {}): HookRun {
  return {
    run_id: '01996f00-0000-7000-8000-0000000000e2',
    hook_id: '01996f00-0000-7000-8000-0000000000e1',
    hook_name: 'Restart payment-service',
    incident_id: '01996f00-0000-7000-8000-0000000000c1',
    at_ms: 1_767_229_230_000,
    by: 'Otto',
    state: 'succeeded',
    status_code: 200,
    answer: '{"ok":true}',
    took_ms: 412,
    ...overrides,
  };
}
