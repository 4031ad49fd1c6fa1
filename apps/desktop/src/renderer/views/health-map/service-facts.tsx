import { useEffect, useRef } from 'react';
import type { HealthMap } from '@sentinellog/shared';
import { Button } from '../../components/button.tsx';
import { HealthMark } from '../../components/health-mark.tsx';
import { Icon } from '../../components/icon.tsx';
import { SeverityBadge } from '../../components/severity-badge.tsx';
import { useConsole, useDesk, useIncidents } from '../../stores/use-console.ts';
import type { AgentAnswer } from '../../stores/use-policy-desk.ts';
import { ago } from '../../words/duration.ts';
import { HEALTH_WORDS } from '../../words/health-words.ts';
import { exactly, percent } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';
import type { MapNode } from './service-node.tsx';

interface ServiceFactsProps {
  readonly answer: AgentAnswer<HealthMap>;
  readonly node: MapNode;
  readonly onClose: () => void;
  readonly onGo: (service: string) => void;
}

/** One service of the map: how it is, what is open, who its neighbours are, and where to look next. */
export function ServiceFacts({ answer, node, onClose, onGo }: ServiceFactsProps) {
  const console = useConsole();
  const incidents = useIncidents();
  const rows = useDesk((desk) => desk.agents.get(answer.agentId));
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus({ preventScroll: true }), []);
  const { agentId, agent, value } = answer;
  const edges = value?.edges ?? [];
  const [sourceId] = node.source_ids;
  const facts = [
    ['State', HEALTH_WORDS[node.health]],
    ['Lines', `${exactly(node.events_per_second)}/s`],
    ['Errors', node.error_share === null ? '—' : percent(node.error_share)],
    ['Last line', ago(console.agentNowMs(agentId) - node.last_seen_ms)],
    ['Cluster', `${visibleText(agent.saved.name)} (${agent.saved.code})`],
  ] as const;
  return (
    <aside
      aria-label="Service"
      className="flex w-[320px] shrink-0 flex-col overflow-y-auto rounded-lg border border-line-1 bg-bg-1 @max-[1223px]:absolute @max-[1223px]:inset-y-0 @max-[1223px]:right-0 @max-[1223px]:z-20 @max-[1223px]:rounded-none @max-[1223px]:bg-bg-2 @max-[1223px]:shadow-overlay"
    >
      <header className="flex h-11 shrink-0 items-center gap-2 border-b border-line-1 px-3">
        <HealthMark health={node.health} size={14} />
        <h2 className="min-w-0 flex-1 truncate text-sm font-semibold outline-none" ref={title} tabIndex={-1}>
          {visibleText(node.service)}
        </h2>
        <Button aria-label="Close" look="quiet" size="small" title="Close (Esc)" onClick={onClose}>
          <Icon name="close" size={14} />
        </Button>
      </header>
      <div className="flex flex-col gap-4 p-3 text-sm">
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
          {facts.map(([word, fact]) => (
            <div className="contents" key={word}>
              <dt className="text-text-3">{word}</dt>
              <dd className="truncate">{fact}</dd>
            </div>
          ))}
        </dl>
        <section>
          <h3 className="section-word">Open incidents</h3>
          {node.incident_ids.length === 0 && <p className="text-xs text-text-3">None.</p>}
          <ul className="flex flex-col gap-1">
            {node.incident_ids.map((incidentId) => {
              const incident = rows?.get(incidentId)?.incident;
              return (
                <li key={incidentId}>
                  <button
                    className="answer-row w-full min-w-0"
                    type="button"
                    onClick={() => incidents.open({ agentId, incidentId })}
                  >
                    {incident !== undefined && <SeverityBadge severity={incident.severity} />}
                    <span className="truncate">{visibleText(incident?.title ?? incidentId)}</span>
                  </button>
                </li>
              );
            })}
          </ul>
        </section>
        <Neighbours
          names={edges.filter(({ to }) => to === node.service).map(({ from }) => from)}
          title="Called by"
          onGo={onGo}
        />
        <Neighbours
          names={edges.filter(({ from }) => from === node.service).map(({ to }) => to)}
          title="Calls"
          onGo={onGo}
        />
        {sourceId !== undefined && (
          <Button
            onClick={() => {
              console.isolate({ agentId, sourceId });
              console.go('heartbeat');
            }}
          >
            <Icon name="heartbeat" size={14} /> Show its heartbeat
          </Button>
        )}
      </div>
    </aside>
  );
}

interface NeighboursProps {
  readonly title: string;
  readonly names: readonly string[];
  readonly onGo: (service: string) => void;
}

function Neighbours({ title, names, onGo }: NeighboursProps) {
  return (
    <section>
      <h3 className="section-word">{title}</h3>
      {names.length === 0 && <p className="text-xs text-text-3">Nobody, as far as traces say.</p>}
      <div className="flex flex-wrap gap-1.5">
        {names.toSorted().map((name) => (
          <Button key={name} size="small" onClick={() => onGo(name)}>
            {visibleText(name)}
          </Button>
        ))}
      </div>
    </section>
  );
}
