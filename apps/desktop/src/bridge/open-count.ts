import type { Incident, Severity } from '@sentinellog/shared';

export type OpenCount = Readonly<Record<Severity, number>>;

/**
 * Open and not silenced, by severity. The one count behind the window's title, the chips, the tray and the badge:
 * two of them that differed would both be worth nothing.
 */
export function countOpen(incidents: Iterable<Incident>): OpenCount {
  const counts = { P1: 0, P2: 0, P3: 0, P4: 0 };
  for (const incident of incidents) if (isOpenAndHeard(incident)) counts[incident.severity]++;
  return counts;
}

export function isOpenAndHeard({ state, silence_id }: Incident): boolean {
  return state !== 'RESOLVED' && silence_id === null;
}

/** `P1 2`: the worst there is and how many of it; empty when nothing that would wake anybody is open. */
export function alarmWords(counts: OpenCount | null): string {
  if (counts === null) return '';
  return counts.P1 > 0 ? `P1 ${counts.P1}` : counts.P2 > 0 ? `P2 ${counts.P2}` : '';
}
