import type { Incident } from '@sentinellog/shared';

/** The incident as people see it now: a hold that has run out is none, without anything having changed. */
export function visible(incident: Incident, nowMs: number): Incident {
  return incident.held === null || nowMs < incident.held.until_ms ? incident : { ...incident, held: null };
}
