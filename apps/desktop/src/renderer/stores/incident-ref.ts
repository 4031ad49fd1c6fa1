/** An incident of one of the agents; ids are unique within an agent. */
export interface IncidentRef {
  readonly agentId: string;
  readonly incidentId: string;
}

export function refKey({ agentId, incidentId }: IncidentRef): string {
  return `${agentId}/${incidentId}`;
}
