import { SEVERITIES, type Incident, type Severity } from '@sentinellog/shared';

export type Counts = Readonly<Record<Severity, number>>;

export interface SummaryRow {
  readonly service: string;
  readonly counts: Counts;
}

const HOUR_MS = 3_600_000;
const HOURS = 24;

/** Open and not silenced, a row a service, worst first; an incident of three services is counted in each of them. */
export function summaryRows(incidents: readonly Incident[]): readonly SummaryRow[] {
  const rows = new Map<string, Record<Severity, number>>();
  for (const { state, silence_id, services, severity } of incidents) {
    if (state === 'RESOLVED' || silence_id !== null) continue;
    for (const service of services) {
      const counts = rows.get(service) ?? { P1: 0, P2: 0, P3: 0, P4: 0 };
      counts[severity]++;
      rows.set(service, counts);
    }
  }
  return [...rows]
    .map(([service, counts]) => ({ service, counts }))
    .toSorted((a, b) => {
      for (const severity of SEVERITIES) {
        const more = b.counts[severity] - a.counts[severity];
        if (more !== 0) return more;
      }
      return a.service < b.service ? -1 : 1;
    });
}

/** How many began in each of the last 24 hours, the oldest first. */
export function startsByHour(incidents: readonly Incident[], nowMs: number): readonly number[] {
  const hours = Array.from({ length: HOURS }, () => 0);
  for (const { started_at_ms } of incidents) {
    const hour = HOURS - 1 - Math.floor((nowMs - started_at_ms) / HOUR_MS);
    if (hour >= 0 && hour < HOURS) hours[hour] = (hours[hour] ?? 0) + 1;
  }
  return hours;
}
