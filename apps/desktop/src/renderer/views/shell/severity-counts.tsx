import { SEVERITIES, type Severity } from '@sentinellog/shared';
import { SeverityBadge } from '../../components/severity-badge.tsx';
import { openIncidents } from '../../stores/inbox-filter.ts';
import { useConsole, useDesk, useIncidents, useView } from '../../stores/use-console.ts';

/** Open incidents by severity; a press shows them. Four zeros are a good answer; not knowing is a dash, never a zero. */
export function SeverityCounts() {
  const console = useConsole();
  const incidents = useIncidents();
  const agents = useDesk((desk) => desk.agents);
  const agentIds = useView((view) => view.agentIds);
  const services = useView((view) => view.services);
  const counts = openIncidents({ agents }, { agentIds, services });
  const open = (severity: Severity) => {
    incidents.inbox.setFilter({ tab: 'all', severity, text: '' });
    console.go('incidents');
  };
  return (
    <ul aria-label="Open incidents" className="flex gap-1.5">
      {SEVERITIES.map((severity) => {
        const count = counts?.[severity] ?? 0;
        return (
          <li key={severity}>
            <button
              className="rounded-md"
              title={counts === null ? 'No cluster has said yet' : `Show the incidents of ${severity}`}
              type="button"
              onClick={() => open(severity)}
            >
              <SeverityBadge calm={count === 0} severity={severity}>
                {counts === null ? '–' : count}
              </SeverityBadge>
              <span className="sr-only">open</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
