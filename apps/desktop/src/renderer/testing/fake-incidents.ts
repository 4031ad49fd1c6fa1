import { severityOf, type Incident, type TimelineEntry } from '@sentinellog/shared';
import { anAlert, anIncident } from './an-incident.ts';

interface Made {
  readonly services: readonly string[];
  readonly z: number;
  readonly agoSeconds: number;
  readonly what: string;
  readonly over?: Partial<Incident>;
}

/** Six that a person could meet in one shift: a cascade, a drop, one that is somebody's, one that is over. */
const SHIFT: readonly Made[] = [
  { services: ['payment-service', 'order-service', 'api-gateway'], z: 14.2, agoSeconds: 91, what: 'lines' },
  { services: ['catalog-service'], z: -3.9, agoSeconds: 638, what: 'lines', over: { firing: false } },
  { services: ['search-service'], z: 4.6, agoSeconds: 1500, what: 'error lines' },
  { services: ['auth-service'], z: 3.1, agoSeconds: 3900, what: 'error lines' },
  { services: ['email-worker'], z: 2.6, agoSeconds: 5400, what: 'lines', over: { firing: false } },
  {
    services: ['inventory-service'],
    z: 5.4,
    agoSeconds: 2700,
    what: 'error lines',
    over: { state: 'ACK', acked_by: 'lena', assigned_to: 'lena' },
  },
  {
    services: ['order-service'],
    z: 2.8,
    agoSeconds: 9000,
    what: 'lines',
    over: { state: 'RESOLVED', resolution: 'recovered', firing: false },
  },
];
const NAMES = ['api-gateway', 'auth-service', 'catalog-service', 'email-worker', 'inventory-service', 'search-service'];

/** `count` incidents that began before `nowMs`: the shift's first, then as many more as are asked for. */
export function fakeIncidents(
  count: number,
  nowMs: number,
  sourceOf: (service: string) => string | undefined,
): readonly Incident[] {
  const known = SHIFT.filter(({ services }) => sourceOf(services[0] ?? '') !== undefined);
  return Array.from({ length: count }, (_, i) => {
    const made = known[i] ?? {
      services: [NAMES[i % NAMES.length]!],
      z: [14.2, 4.4, 3.1, 2.4][i % 4]! * (i % 2 === 0 ? 1 : -1),
      agoSeconds: 300 + i * 47,
      what: 'lines',
    };
    return fakeIncident(made, i, nowMs, sourceOf);
  });
}

export function fakeIncident(
  { services, z, agoSeconds, what, over = {} }: Made,
  number: number,
  nowMs: number,
  sourceOf: (service: string) => string | undefined,
): Incident {
  const startedAtMs = nowMs - agoSeconds * 1000;
  const id = `01996f10-0000-7000-8000-${String(number).padStart(12, '0')}`;
  const [first = 'unknown'] = services;
  const side = z > 0 ? 'above' : 'below';
  const reason = `${what} ${Math.abs(z).toFixed(1)}σ ${side} normal`;
  const quiet = over.firing === false;
  return anIncident({
    incident_id: id,
    key: `INC-${new Date(startedAtMs).toISOString().replace(/\D/g, '').slice(0, 14)}`,
    title: `${first}: ${reason}${services.length > 1 ? `, spread to ${services.slice(1).join(' and ')}` : ''}`,
    severity: severityOf(z),
    services: [...services],
    peak_score: z,
    started_at_ms: startedAtMs,
    opened_at_ms: startedAtMs + 2000,
    updated_at_ms: startedAtMs + 40_000,
    quiet_since_ms: quiet ? startedAtMs + 60_000 : null,
    ...(over.state === 'ACK' ? { acked_at_ms: startedAtMs + 90_000, ack_expires_at_ms: nowMs + 1_680_000 } : {}),
    ...(over.state === 'RESOLVED' ? { resolved_at_ms: startedAtMs + 600_000 } : {}),
    first_mover: {
      source_id: sourceOf(first) ?? '',
      service: first,
      event_id: `event-${number}`,
      at_ms: startedAtMs,
      reason,
    },
    alerts: services.map((service, i) =>
      anAlert({
        alert_id: `${id}-${i}`,
        incident_id: id,
        source_id: sourceOf(service) ?? '',
        service,
        direction: z > 0 ? 'high' : 'low',
        signal: what === 'lines' ? 'volume' : 'error_rate',
        severity: severityOf(z / (1 + i)),
        peak_score: z / (1 + i),
        reason: `${what} ${Math.abs(z / (1 + i)).toFixed(1)}σ ${side} normal`,
        firing: !quiet && i === 0,
        opened_at_ms: startedAtMs + i * 21_000,
        updated_at_ms: startedAtMs + i * 21_000 + 5000,
      }),
    ),
    ...over,
  });
}

/** The story that goes with them. */
export function fakeTimeline(incidents: readonly Incident[]): readonly TimelineEntry[] {
  return incidents.flatMap((incident) => {
    const entry = (atMs: number, kind: TimelineEntry['kind'], text: string, name: string): TimelineEntry => ({
      entry_id: `${incident.incident_id}-${kind}-${atMs}`,
      incident_id: incident.incident_id,
      alert_id: null,
      at_ms: atMs,
      actor: { kind: name === 'detector' ? 'detector' : 'person', name, via: name === 'detector' ? null : 'console' },
      kind,
      text,
      links: [],
    });
    return [
      entry(incident.opened_at_ms, 'opened', incident.title, 'detector'),
      ...incident.alerts
        .slice(1)
        .map(({ opened_at_ms, service, reason }) =>
          entry(opened_at_ms, 'alert_added', `${service} joined: ${reason}`, 'detector'),
        ),
      ...(incident.acked_by === 'lena' && incident.acked_at_ms !== null
        ? [
            entry(incident.acked_at_ms, 'acknowledged', 'lena has it', 'lena'),
            entry(incident.acked_at_ms + 41_000, 'note', 'Two pods in CrashLoopBackOff since the 14:02 deploy', 'lena'),
          ]
        : []),
      ...(incident.quiet_since_ms === null
        ? []
        : [entry(incident.quiet_since_ms, 'recovered', 'all series are back inside', 'detector')]),
    ];
  });
}
