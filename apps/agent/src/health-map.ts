import { type HealthMap, type Incident, SEVERITIES, type Source } from '@sentinellog/shared';
import type { ServiceRates } from './service-rates.ts';

/** A service that has said nothing for so long, and is not missed by the detectors, is neither well nor ill: unknown. */
const UNKNOWN_AFTER_MS = 15 * 60_000;

type Node = HealthMap['nodes'][number];

export interface HealthMapParts {
  readonly nowMs: number;
  readonly sources: readonly Source[];
  readonly incidents: readonly Incident[];
  readonly rates: Pick<ServiceRates, 'of'>;
  readonly edges: readonly { readonly from: string; readonly to: string; readonly weight: number }[];
}

/** Services, what they are like, and who calls whom. Sources of one name in several tenants are one node. */
export function healthMapOf({ nowMs, sources, incidents, rates, edges }: HealthMapParts): HealthMap {
  const open = incidents.filter(({ state }) => state !== 'RESOLVED');
  const nodes = [...Map.groupBy(sources, ({ service }) => service)].map(([service, ofService]): Node => {
    const ids = new Set(ofService.map(({ source_id }) => source_id));
    const perSource = ofService.map(({ source_id }) => rates.of(source_id));
    const events = perSource.reduce((sum, one) => sum + one.eventsPerSecond, 0);
    const errors = perSource.reduce((sum, one) => sum + one.eventsPerSecond * (one.errorShare ?? 0), 0);
    const lastSeenMs = Math.max(...ofService.map(({ last_seen_ms }) => last_seen_ms));
    return {
      service,
      source_ids: [...ids],
      health: healthOf(ids, open, nowMs - lastSeenMs),
      events_per_second: events,
      error_share: events === 0 ? null : errors / events,
      last_seen_ms: lastSeenMs,
      incident_ids: open
        .filter(({ alerts }) => alerts.some(({ source_id }) => ids.has(source_id)))
        .map(({ incident_id }) => incident_id),
    };
  });
  const known = new Set(nodes.map(({ service }) => service));
  return {
    at_ms: nowMs,
    nodes: nodes.toSorted((a, b) => (a.service < b.service ? -1 : 1)),
    edges: edges
      .filter(({ from, to }) => known.has(from) && known.has(to))
      .map(({ from, to, weight }) => ({ from, to, weight })),
  };
}

/**
 * What the open incidents say, until they are resolved: also while a series of theirs is back inside for a moment. So the
 * map says the same as the list of incidents, and is asked for anew whenever the stream brings an `incident`.
 */
function healthOf(sourceIds: ReadonlySet<string>, open: readonly Incident[], silentMs: number): Node['health'] {
  const ours = open.flatMap(({ alerts, severity_override }) =>
    alerts
      .filter(({ state, source_id }) => state !== 'RESOLVED' && sourceIds.has(source_id))
      .map((alert) => ({ ...alert, severity: severity_override?.severity ?? alert.severity })),
  );
  const isMissed = ours.some(({ firing, signal, direction }) => firing && signal === 'volume' && direction === 'low');
  if (isMissed && silentMs > 60_000) return 'silent';
  const worst = SEVERITIES.find((severity) => ours.some((alert) => alert.severity === severity));
  return worst ?? (silentMs > UNKNOWN_AFTER_MS ? 'unknown' : 'ok');
}
