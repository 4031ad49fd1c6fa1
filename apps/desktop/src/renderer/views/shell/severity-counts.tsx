import { SEVERITIES } from '@sentinellog/shared';
import { SeverityBadge } from '../../components/severity-badge.tsx';
import { isOpen } from '../../words/anomaly-words.ts';
import { anomaliesInScope, openCounts } from '../../stores/scope.ts';
import { useAgents, useConsole, useView } from '../../stores/use-console.ts';
import type { Severity } from '@sentinellog/shared';

/** Open anomalies by severity; a press opens the newest of them. Four zeros are a good answer and are shown as such. */
export function SeverityCounts() {
  const console = useConsole();
  const agents = useAgents();
  const agentIds = useView((view) => view.agentIds);
  const counts = openCounts(agents, { agentIds });

  const open = (severity: Severity) => {
    const newest = anomaliesInScope(agents, { agentIds, services: null }, Number.POSITIVE_INFINITY).find(
      ({ anomaly }) => anomaly.severity === severity && isOpen(anomaly),
    );
    if (newest === undefined) return;
    console.setSignal(newest.anomaly.signal);
    console.select({ agentId: newest.agent.saved.agentId, eventId: newest.anomaly.event_id });
  };

  return (
    <ul aria-label="Open anomalies" className="flex gap-1.5">
      {SEVERITIES.map((severity) => {
        const count = counts[severity];
        return (
          <li key={severity}>
            <button
              className="rounded-md aria-disabled:cursor-default"
              aria-disabled={count === 0 || undefined}
              title={count === 0 ? `No open ${severity}` : `Open the newest ${severity}`}
              type="button"
              onClick={() => open(severity)}
            >
              <SeverityBadge calm={count === 0} severity={severity}>
                {count}
              </SeverityBadge>
              <span className="sr-only">open</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
