import type { FeedSource } from '../../stores/plot-sources.ts';
import { sourcesInScope, type ScopedSource } from '../../stores/scope.ts';
import { useAgents, useConsole, useView } from '../../stores/use-console.ts';

export function useScopedSources(): readonly ScopedSource[] {
  const agents = useAgents();
  const agentIds = useView((view) => view.agentIds);
  const services = useView((view) => view.services);
  return sourcesInScope(agents, { agentIds, services });
}

export interface ShownSources {
  /** Sources of the chart: the isolated one, or all in scope. */
  readonly shown: readonly ScopedSource[];
  readonly isolated: ScopedSource | null;
  readonly source: FeedSource;
}

/** The big chart's source: one service alone, one cluster's sum with its band, or a line a cluster. */
export function useShownSources(): ShownSources {
  const scoped = useScopedSources();
  const isolatedRef = useView((view) => view.isolated);
  const isolated =
    scoped.find(({ ref }) => ref.agentId === isolatedRef?.agentId && ref.sourceId === isolatedRef.sourceId) ?? null;
  const shown = isolated === null ? scoped : [isolated];
  return { shown, isolated, source: usePlotSource(shown) };
}

/** What a chart of these sources draws from: the same object for as long as they would be drawn the same. */
export function usePlotSource(sources: readonly ScopedSource[]): FeedSource {
  const console = useConsole();
  const signal = useView((view) => view.signal);
  const rangeId = useView((view) => view.rangeId);
  return console.plotSources.of(sources, signal, rangeId);
}
