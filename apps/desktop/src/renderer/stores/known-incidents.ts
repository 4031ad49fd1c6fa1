import type { Incident } from '@sentinellog/shared';
import type { IncidentRef } from './incident-ref.ts';

/** What one agent may fill the desk with; the oldest that are resolved make room first. */
const MAX_INCIDENTS = 5000;

/** The newest word of each agent about each of its incidents, whichever way and in whichever order it came. */
export class KnownIncidents {
  readonly #agents = new Map<string, Map<string, Incident>>();

  /** All incidents that an agent has; those it no longer names are gone. */
  replace(agentId: string, incidents: readonly Incident[]): void {
    const known = this.#agents.get(agentId);
    this.#agents.set(
      agentId,
      bounded(new Map(incidents.map((incident) => [incident.incident_id, newest(known, incident)]))),
    );
  }

  add(agentId: string, incidents: readonly Incident[]): void {
    const known = this.#agents.get(agentId) ?? new Map<string, Incident>();
    for (const incident of incidents) known.set(incident.incident_id, newest(known, incident));
    this.#agents.set(agentId, bounded(known));
  }

  /** An answer about one incident; returns what holds now. Of an agent that is gone nothing is kept. */
  learn({ agentId, incidentId }: IncidentRef, incident: Incident): Incident {
    const known = this.#agents.get(agentId);
    if (known === undefined) return incident;
    const holds = newest(known, incident);
    known.set(incidentId, holds);
    return holds;
  }

  forget(agentId: string): void {
    this.#agents.delete(agentId);
  }

  get({ agentId, incidentId }: IncidentRef): Incident | undefined {
    return this.#agents.get(agentId)?.get(incidentId);
  }

  /** 0 when the incident is not known: no agent has a version 0, so it will say which one it has. */
  version(ref: IncidentRef): number {
    return this.get(ref)?.version ?? 0;
  }

  /** Undefined while the agent has not said what incidents it has. */
  ofAgent(agentId: string): ReadonlyMap<string, Incident> | undefined {
    return this.#agents.get(agentId);
  }
}

/** Words may arrive twice and out of order, by the stream and as an answer: the higher version is the later one. */
function newest(known: ReadonlyMap<string, Incident> | undefined, incident: Incident): Incident {
  const before = known?.get(incident.incident_id);
  return before !== undefined && before.version > incident.version ? before : incident;
}

function bounded(incidents: Map<string, Incident>): Map<string, Incident> {
  const excess = incidents.size - MAX_INCIDENTS;
  if (excess <= 0) return incidents;
  const dispensable = [...incidents.values()].toSorted(
    (a, b) => Number(b.state === 'RESOLVED') - Number(a.state === 'RESOLVED') || a.started_at_ms - b.started_at_ms,
  );
  for (const { incident_id } of dispensable.slice(0, excess)) incidents.delete(incident_id);
  return incidents;
}
