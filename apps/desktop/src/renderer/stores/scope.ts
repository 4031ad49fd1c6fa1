import { SEVERITIES, type Anomaly, type Severity, type Source } from '@sentinellog/shared';
import { isOpen } from '../words/anomaly-words.ts';
import type { Agents, AgentView } from './agents-state.ts';
import type { SeriesRef } from './heartbeat-feed.ts';
import type { ViewState } from './view-store.ts';

type AgentChoice = Pick<ViewState, 'agentIds'>;
type ScopeChoice = Pick<ViewState, 'agentIds' | 'services'>;

export interface ScopedSource {
  readonly ref: SeriesRef;
  readonly source: Source;
  readonly agent: AgentView;
}

export interface ScopedAnomaly {
  readonly anomaly: Anomaly;
  readonly agent: AgentView;
}

export function agentsInScope(agents: Agents, { agentIds }: AgentChoice): readonly AgentView[] {
  return [...agents.values()].filter((agent) => agentIds === null || agentIds.includes(agent.saved.agentId));
}

/** Sources in scope by name, then cluster: an order that never changes under the pointer. */
export function sourcesInScope(agents: Agents, scope: ScopeChoice): readonly ScopedSource[] {
  return agentsInScope(agents, scope)
    .flatMap((agent) =>
      [...agent.sources.values()]
        .filter((source) => scope.services === null || scope.services.includes(source.service))
        .map((source) => ({ ref: { agentId: agent.saved.agentId, sourceId: source.source_id }, source, agent })),
    )
    .toSorted((a, b) => compare(a.source.service, b.source.service) || compare(a.agent.saved.code, b.agent.saved.code));
}

/** Anomalies in scope that touch the time after `fromMs`, newest first; withdrawn ones are not shown. */
export function anomaliesInScope(agents: Agents, scope: ScopeChoice, fromMs: number): readonly ScopedAnomaly[] {
  return agentsInScope(agents, scope)
    .flatMap((agent) => [...agent.anomalies.values()].map((anomaly) => ({ anomaly, agent })))
    .filter(
      ({ anomaly }) =>
        anomaly.state !== 'withdrawn' &&
        (isOpen(anomaly) || anomaly.last_outside_ms >= fromMs) &&
        (scope.services === null || scope.services.includes(anomaly.service)),
    )
    .toSorted((a, b) => b.anomaly.started_at_ms - a.anomaly.started_at_ms);
}

/** How many anomalies are open, by severity: the counts of the top bar. */
export function openCounts(agents: Agents, scope: AgentChoice): Readonly<Record<Severity, number>> {
  const counts = { P1: 0, P2: 0, P3: 0, P4: 0 };
  for (const agent of agentsInScope(agents, scope)) {
    for (const anomaly of agent.anomalies.values()) if (isOpen(anomaly)) counts[anomaly.severity]++;
  }
  return counts;
}

/** The loudest open anomaly of each source of an agent: the state of its tile. */
export function worstOpen(agent: AgentView): ReadonlyMap<string, Anomaly> {
  const worst = new Map<string, Anomaly>();
  for (const anomaly of agent.anomalies.values()) {
    if (!isOpen(anomaly)) continue;
    const known = worst.get(anomaly.source_id);
    if (known === undefined || rank(anomaly) < rank(known)) worst.set(anomaly.source_id, anomaly);
  }
  return worst;
}

function rank(anomaly: Anomaly): number {
  return SEVERITIES.indexOf(anomaly.severity);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
