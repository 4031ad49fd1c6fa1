import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { useAgents, useConsole, useView } from '../../stores/use-console.ts';
import { AnomalyDetails } from './anomaly-details.tsx';
import { Overview } from './overview.tsx';
import { SourceDetails } from './source-details.tsx';

/** Facts about what is chosen: an anomaly first, else a service. It takes no focus and traps none. */
export function Inspector({ className }: { readonly className: string }) {
  const console = useConsole();
  const agents = useAgents();
  const anomalyRef = useView((view) => view.anomaly);
  const isolated = useView((view) => view.isolated);

  const agent = anomalyRef === null ? undefined : agents.get(anomalyRef.agentId);
  const anomaly = anomalyRef === null ? undefined : agent?.anomalies.get(anomalyRef.eventId);
  const sourceAgent = isolated === null ? undefined : agents.get(isolated.agentId);
  const source = isolated === null ? undefined : sourceAgent?.sources.get(isolated.sourceId);

  const close = () => {
    if (anomalyRef !== null) console.select(null);
    else if (isolated !== null) console.isolate(null);
    else console.patchView({ inspectorOpen: false });
  };

  return (
    <aside
      aria-label="Inspector"
      className={`flex min-h-0 flex-col rounded-lg border border-line-1 bg-bg-1 ${className}`}
    >
      <header className="flex h-11 shrink-0 items-center border-b border-line-1 pr-1 pl-4">
        <h2 className="flex-1 text-sm font-semibold">
          {anomaly === undefined ? (source === undefined ? 'Overview' : 'Service') : 'Anomaly'}
        </h2>
        <Button aria-label="Close" look="quiet" title="Close (Esc)" onClick={close}>
          <Icon name="close" size={14} />
        </Button>
      </header>
      <div aria-label="Details" className="min-h-0 flex-1 overflow-y-auto" role="region" tabIndex={0}>
        {anomaly !== undefined && agent !== undefined ? (
          <AnomalyDetails agent={agent} anomaly={anomaly} />
        ) : source !== undefined && sourceAgent !== undefined ? (
          <SourceDetails agent={sourceAgent} source={source} />
        ) : (
          <Overview />
        )}
      </div>
    </aside>
  );
}
