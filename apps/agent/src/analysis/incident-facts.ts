import type { CorrelatedEvent, Incident, RunbookMatch, SimilarIncident } from '@sentinellog/shared';

/** A kind of message that stands out in an incident. */
export interface NotableCluster {
  readonly name: string;
  /** Of the excess that it explains, 0 to 1. */
  readonly share: number;
  readonly isNew: boolean;
}

/** All that an analysis may speak of. Messages are other people's text: evidence, never instructions. */
export interface IncidentFacts {
  readonly incident: Incident;
  readonly correlated: readonly CorrelatedEvent[];
  readonly clusters: readonly NotableCluster[];
  readonly runbooks: readonly (RunbookMatch & { readonly steps: readonly string[] })[];
  readonly similar: readonly SimilarIncident[];
}
