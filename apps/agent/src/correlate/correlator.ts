import type { Incident } from '@sentinellog/shared';
import { firstMover } from './first-mover.ts';
import { type Newcomer, type Onset, type Relation, relationsTo, type Suspect } from './relation.ts';
import type { ServiceEdges } from './service-edges.ts';

/** Correlation as the desk of incidents asks for it, over the service edges that are known at the time. */
export class Correlator {
  readonly #edges: Pick<ServiceEdges, 'calls'>;

  constructor(edges: Pick<ServiceEdges, 'calls'>) {
    this.#edges = edges;
  }

  related(newcomer: Newcomer, suspects: readonly Suspect[]): readonly Relation[] {
    return relationsTo(
      newcomer,
      suspects,
      (tenant, one, other) => this.#edges.calls(tenant, one, other) || this.#edges.calls(tenant, other, one),
    );
  }

  firstMover(tenant: string, onsets: readonly Onset[]): Incident['first_mover'] {
    return firstMover(onsets, (from, to) => this.#edges.calls(tenant, from, to));
  }
}
