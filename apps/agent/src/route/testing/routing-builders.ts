import type {
  Alert,
  ChannelSummary,
  Incident,
  MaintenanceWindow,
  RoutingDocument,
  RoutingKind,
} from '@sentinellog/shared';
import { anAlert as aSharedAlert, anIncident as aSharedIncident } from '@sentinellog/shared/testing';
import type { IncidentFacts, RoutingBook } from '../routing-book.ts';

/** Wednesday, 21 January 2026, 03:00 UTC: nobody is at work. */
export const NIGHT = Date.UTC(2026, 0, 21, 3);
/** The same day at ten. */
export const MORNING = Date.UTC(2026, 0, 21, 10);
export const MINUTE = 60_000;

export const CHANNELS: readonly ChannelSummary[] = [
  { id: 'pager', kind: 'pagerduty', name: 'on call', enabled: true },
  { id: 'slack-incidents', kind: 'slack', name: '#incidents', enabled: true },
  { id: 'mail-ops', kind: 'email', name: 'ops@example.com', enabled: true },
  { id: 'slack-maria', kind: 'slack', name: '@maria', enabled: true },
];

export type Documents = { readonly [Kind in RoutingKind]?: readonly RoutingDocument<Kind>[] };

export function aBook(documents: Documents = {}, channels: readonly ChannelSummary[] = CHANNELS): RoutingBook {
  return {
    documents: <Kind extends RoutingKind>(kind: Kind) => (documents[kind] ?? []) as readonly RoutingDocument<Kind>[],
    channels: () => channels,
  };
}

export function someFacts(overrides: Partial<IncidentFacts> = {}): IncidentFacts {
  return {
    tenant: 'default',
    services: ['payment-service'],
    sourceIds: ['01996f00-0000-7000-8000-000000000001'],
    tags: [],
    severity: 'P1',
    actions: [],
    raisedBy: 'detectors',
    ...overrides,
  };
}

export function anAlert(overrides: Partial<Alert> = {}): Alert {
  return aSharedAlert({
    alert_id: 'alert-1',
    incident_id: 'incident-1',
    dedup_key: 'default/payment-service/error_rate',
    signal: 'error_rate',
    peak_score: 9.1,
    reason: '41 % errors where 0.3 % are normal (9.1σ above)',
    opened_at_ms: NIGHT,
    updated_at_ms: NIGHT,
    ...overrides,
  });
}

export function anIncident(overrides: Partial<Incident> = {}): Incident {
  const severity = overrides.severity ?? 'P1';
  return aSharedIncident({
    incident_id: 'incident-1',
    key: 'INC-20260121030000',
    title: 'payment-service: 41 % errors',
    peak_score: 9.1,
    severity,
    started_at_ms: NIGHT,
    opened_at_ms: NIGHT,
    updated_at_ms: NIGHT,
    alerts: [anAlert({ severity })],
    ...overrides,
  });
}

export function aWindow(overrides: Partial<MaintenanceWindow> = {}): MaintenanceWindow {
  return {
    id: 'db-upgrade',
    name: 'database upgrade',
    reason: 'PostgreSQL 18',
    enabled: true,
    tenant: null,
    services: ['payment-*'],
    sources: [],
    tags: [],
    time_zone: 'UTC',
    from_date: '2026-01-21',
    until_date: null,
    starts: '02:00',
    ends: '05:00',
    plus_days: 0,
    repeats: { every: 'once' },
    skip: [],
    ...overrides,
  };
}
