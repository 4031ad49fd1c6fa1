import type { ReactNode } from 'react';
import { SEVERITIES, type Severity } from '@sentinellog/shared';
import { SeverityBadge, SeverityShape } from '../../components/severity-badge.tsx';
import { useTick } from '../../components/use-tick.ts';
import { allRows, inScope, openIncidents } from '../../stores/inbox-filter.ts';
import { useAgents, useConsole, useDesk, useIncidents, useIncidentView, useView } from '../../stores/use-console.ts';
import { duration } from '../../words/duration.ts';
import { plural } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';
import { CavePanel } from './cave-panel.tsx';
import { startsByHour, summaryRows } from './summary-grid.ts';

const COLOURS: Readonly<Record<Severity, string>> = { P1: 'text-p1', P2: 'text-p2', P3: 'text-p3', P4: 'text-p4' };

interface SummaryPanelProps {
  readonly behind: boolean;
  readonly swap: ReactNode;
}

/** What is open: severity by service, each number a way into the inbox. Zeros are a good answer, a dash is not knowing. */
export function SummaryPanel({ behind, swap }: SummaryPanelProps) {
  const console = useConsole();
  const incidents = useIncidents();
  const connected = useAgents();
  const agents = useDesk((desk) => desk.agents);
  const agentIds = useView((view) => view.agentIds);
  const services = useView((view) => view.services);
  const summaries = useIncidentView((view) => view.summaries);
  const nowMs = useTick(console.now, 5000);
  const counts = openIncidents({ agents }, { agentIds, services });
  const inboxRows = allRows({ agents }).filter((row) => inScope(row, { agentIds, services }));
  const all = inboxRows.map(({ incident }) => incident);
  const rows = summaryRows(all);
  const open = (severity: Severity | null, service: string) => {
    incidents.inbox.setFilter({ tab: 'all', severity, text: service });
    console.go('incidents');
  };
  const scoped = [...summaries].filter(([agentId]) => agentIds?.includes(agentId) ?? true).map(([, one]) => one);
  const oldest = all.filter(({ state, silence_id }) => state === 'OPEN' && silence_id === null);
  const oldestMs = oldest.length === 0 ? null : nowMs - Math.min(...oldest.map(({ opened_at_ms }) => opened_at_ms));
  const mttas = scoped.flatMap(({ mtta_ms }) => mtta_ms ?? []);
  const silent = [...connected.values()].filter(
    ({ saved }) => (agentIds?.includes(saved.agentId) ?? true) && saved.connection.type !== 'open',
  );
  return (
    <CavePanel
      behind={behind}
      fact={counts === null ? 'not known yet' : `${SEVERITIES.reduce((sum, one) => sum + counts[one], 0)} open`}
      place="summary"
      swap={swap}
      title="Alert summary"
      onOpen={() => open(null, '')}
    >
      <div className="flex min-h-0 flex-1 flex-col">
        <ul className="flex shrink-0 gap-1.5 px-2.5 pt-2.5">
          {SEVERITIES.map((severity) => (
            <li className="flex-1" key={severity}>
              <button
                className="flex w-full flex-col items-center gap-1 rounded-md border border-line-1 bg-bg-2 py-1.5 hover:border-line-2"
                title={`Open incidents of ${severity}`}
                type="button"
                onClick={() => open(severity, '')}
              >
                <span className="text-lg leading-5 font-semibold">{counts === null ? '—' : counts[severity]}</span>
                <span className={`flex items-center gap-1 text-2xs ${COLOURS[severity]}`}>
                  <SeverityShape severity={severity} size={10} /> {severity}
                </span>
              </button>
            </li>
          ))}
        </ul>
        <div className="min-h-0 flex-1 overflow-y-auto px-2.5 pt-1.5">
          {rows.length === 0 ? (
            <p className="pt-3 text-center text-xs text-text-2">
              {counts === null ? 'No cluster has said yet.' : '✓ No open incident.'}
            </p>
          ) : (
            <ul>
              {rows.map(({ service, counts: ofService }) => (
                <li className="flex h-[26px] items-center gap-1.5 border-b border-line-1/60 text-xs" key={service}>
                  <span className="min-w-0 flex-1 truncate text-text-2" title={visibleText(service)}>
                    {visibleText(service)}
                  </span>
                  {SEVERITIES.filter((severity) => ofService[severity] > 0).map((severity) => (
                    <button
                      className="origin-right scale-[0.88] rounded-md"
                      key={severity}
                      type="button"
                      onClick={() => open(severity, service)}
                    >
                      <SeverityBadge severity={severity}>{ofService[severity]}</SeverityBadge>
                      <span className="sr-only"> at {visibleText(service)}</span>
                    </button>
                  ))}
                </li>
              ))}
            </ul>
          )}
        </div>
        <dl className="grid shrink-0 grid-cols-[auto_auto_minmax(0,1fr)] items-end gap-x-4 border-t border-line-1 px-2.5 py-1.5 text-2xs text-text-3">
          <div>
            <dt>Oldest waits</dt>
            <dd className="text-xs text-text-1">{oldestMs === null ? '—' : duration(oldestMs)}</dd>
          </div>
          <div>
            <dt title="Mean time to acknowledge, of the last 24 hours">MTTA 24 h</dt>
            <dd className="text-xs text-text-1">
              {mttas.length === 0 ? '—' : duration(mttas.reduce((sum, one) => sum + one, 0) / mttas.length)}
            </dd>
          </div>
          <HourBars hours={startsByHour(all, nowMs)} />
        </dl>
        {silent.length > 0 && (
          <p className="shrink-0 px-2.5 pb-1.5 text-2xs text-p2">
            {plural(silent.length, 'cluster')} not reporting: what is open there may be missing.
          </p>
        )}
      </div>
    </CavePanel>
  );
}

/** New incidents an hour over a day. */
function HourBars({ hours }: { readonly hours: readonly number[] }) {
  const most = Math.max(1, ...hours);
  const total = hours.reduce((sum, count) => sum + count, 0);
  return (
    <div className="min-w-0 justify-self-end">
      <dt>{total} new in 24 h</dt>
      <dd aria-hidden="true" className="flex h-4 items-end gap-px">
        {hours.map((count, i) => (
          <i
            className={`w-1 rounded-t-[1px] ${count === 0 ? 'bg-line-1' : 'bg-chart-line'}`}
            key={i}
            style={{ height: `${Math.max(10, (count / most) * 100)}%` }}
          />
        ))}
      </dd>
    </div>
  );
}
