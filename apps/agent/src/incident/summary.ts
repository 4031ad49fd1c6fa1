import { type AlertSummary, type Incident, SEVERITIES, type Severity } from '@sentinellog/shared';

const DAY_MS = 86_400_000;

/** Open incidents by severity and service, and how the desk is doing. @param incidents unresolved ones, and those of the last day */
export function summaryOf(incidents: readonly Incident[], nowMs: number): AlertSummary {
  const open = incidents.filter(({ state }) => state !== 'RESOLVED');
  const services = new Map<string, Record<Severity, number>>();
  for (const incident of open)
    for (const service of incident.services) {
      const counts = services.get(service) ?? noCounts();
      counts[incident.severity]++;
      services.set(service, counts);
    }
  const unacked = open.filter(({ state, silence_id }) => state === 'OPEN' && silence_id === null);
  const waits = incidents.flatMap(({ acked_at_ms, opened_at_ms }) =>
    acked_at_ms !== null && acked_at_ms > nowMs - DAY_MS ? [acked_at_ms - opened_at_ms] : [],
  );
  const all = noCounts();
  for (const { severity } of open) all[severity]++;
  return {
    by_severity: all,
    by_service: [...services]
      .map(([service, counts]) => ({ service, counts }))
      .toSorted((a, b) => (a.service < b.service ? -1 : 1)),
    oldest_unacked_ms:
      unacked.length === 0 ? null : nowMs - Math.min(...unacked.map(({ opened_at_ms }) => opened_at_ms)),
    mtta_ms: waits.length === 0 ? null : waits.reduce((sum, wait) => sum + wait, 0) / waits.length,
  };
}

function noCounts(): Record<Severity, number> {
  return Object.fromEntries(SEVERITIES.map((severity) => [severity, 0])) as Record<Severity, number>;
}
