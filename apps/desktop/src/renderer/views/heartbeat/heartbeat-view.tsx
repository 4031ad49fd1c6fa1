import { lazy, Suspense } from 'react';
import { useTick } from '../../components/use-tick.ts';
import { useAgents, useConsole, useView } from '../../stores/use-console.ts';
import { agentsInScope, anomaliesInScope } from '../../stores/scope.ts';
import { ChartPanel } from './chart-panel.tsx';
import { useScopedSources, useShownSources } from './use-plot-source.ts';

// The chart is what the first second is about; what stands below and beside it follows.
const SourceTiles = lazy(async () => ({ default: (await import('./source-tiles.tsx')).SourceTiles }));
const AnomalyList = lazy(async () => ({ default: (await import('./anomaly-list.tsx')).AnomalyList }));
const ExplainPanel = lazy(async () => ({ default: (await import('./explain-panel.tsx')).ExplainPanel }));
const Inspector = lazy(async () => ({ default: (await import('./inspector.tsx')).Inspector }));
const DataTable = lazy(async () => ({ default: (await import('./data-table.tsx')).DataTable }));
const FirstLogs = lazy(async () => ({ default: (await import('./first-logs.tsx')).FirstLogs }));

/** How often anomalies that have left the range are let go. */
const RANGE_TICK_MS = 5000;

/** The live heartbeat: one big line, every service below it, what stood out, and the facts about what is chosen. */
export function HeartbeatView() {
  const console = useConsole();
  const agents = useAgents();
  const agentIds = useView((view) => view.agentIds);
  const services = useView((view) => view.services);
  const signal = useView((view) => view.signal);
  const tableOpen = useView((view) => view.tableOpen);
  const inspectorOpen = useView((view) => view.inspectorOpen);
  const selection = useView((view) => view.selection);
  const explaining = useView((view) => view.explaining);
  const chosen = useView((view) => view.anomaly !== null || view.isolated !== null);
  const scoped = useScopedSources();
  const { shown, isolated, source } = useShownSources();
  const nowMs = useTick(console.now, RANGE_TICK_MS);

  const inScope = agentsInScope(agents, { agentIds });
  if (inScope.every((agent) => agent.sources.size === 0)) {
    return (
      <Suspense>
        <FirstLogs agents={inScope} />
      </Suspense>
    );
  }

  const anomalies = anomaliesInScope(agents, { agentIds, services }, console.rangeStartMs(nowMs));
  const ofShown =
    isolated === null ? anomalies : anomalies.filter(({ anomaly }) => anomaly.source_id === isolated.ref.sourceId);

  return (
    <div className="relative flex h-full gap-3 p-3 @max-[1223px]:gap-2">
      <div className="flex min-w-0 flex-1 flex-col gap-3 overflow-y-auto @max-[1223px]:gap-2">
        <ChartPanel
          anomalies={ofShown.filter(({ anomaly }) => anomaly.signal === signal)}
          isolated={isolated}
          shown={shown}
          source={source}
        />
        {tableOpen && (
          <Suspense>
            <DataTable source={source} />
          </Suspense>
        )}
        <Suspense>
          {selection !== null && explaining ? (
            <ExplainPanel selection={selection} />
          ) : (
            <>
              <SourceTiles sources={scoped} />
              <AnomalyList anomalies={ofShown} />
            </>
          )}
        </Suspense>
      </div>
      {/* Its place is there from the start, so that nothing moves when the facts arrive. */}
      {inspectorOpen && (
        <div
          className={`flex w-[400px] shrink-0 @max-[1223px]:absolute @max-[1223px]:inset-y-0 @max-[1223px]:right-0 @max-[1223px]:z-20 @max-[1223px]:w-[380px] @max-[1223px]:rounded-none @max-[1223px]:shadow-overlay @max-[700px]:w-full ${chosen ? '' : '@max-[1223px]:hidden'}`}
        >
          <Suspense>
            <Inspector className="min-w-0 flex-1" />
          </Suspense>
        </div>
      )}
    </div>
  );
}
