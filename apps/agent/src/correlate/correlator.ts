import type { Incident } from '@sentinellog/shared';
import { firstMover } from './first-mover.ts';
import { namedServices } from './named-services.ts';
import { type Newcomer, type Onset, type Relation, relationsTo, type Suspect } from './relation.ts';
import type { ServiceEdges } from './service-edges.ts';

/** Correlation as the desk of incidents asks for it, over the service edges that are known at the time. */
export class Correlator {
  readonly #edges: Pick<ServiceEdges, 'calls'>;
  readonly #servicesOf: (tenant: string) => ReadonlySet<string>;

  constructor(edges: Pick<ServiceEdges, 'calls'>, servicesOf: (tenant: string) => ReadonlySet<string>) {
    this.#edges = edges;
    this.#servicesOf = servicesOf;
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

  named(tenant: string, lines: readonly string[]): readonly string[] {
    if (lines.length === 0) return [];
    const services = this.#servicesOf(tenant);
    return namedServices(lines, (name) => services.has(name));
  }
}
