import '../../styles/desks.css';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { AnswerNotice } from '../../components/answer-notice.tsx';
import { Button } from '../../components/button.tsx';
import { EmptyWords } from '../../components/empty-words.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { useTick } from '../../components/use-tick.ts';
import { STALE_AFTER_MS } from '../../../bridge/freshness.ts';
import { placeKey } from '../../stores/policy-desk.ts';
import { useConsole, useView } from '../../stores/use-console.ts';
import { usePolicyDesk, type AgentAnswer } from '../../stores/use-policy-desk.ts';
import { secondOf } from '../../words/clock.ts';
import { plural } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';
import type { HealthMap } from '@sentinellog/shared';
import { CommandButton } from '../shell/command-button.tsx';
import { ViewTitle } from '../shell/view-title.tsx';
import { ClusterMap } from './cluster-map.tsx';
import { ServiceFacts } from './service-facts.tsx';
import { ServiceTable } from './service-table.tsx';
import { useHealthMaps } from './use-health-maps.ts';

/** How the services are and who calls whom, a map a cluster; the same as a table. */
export function HealthMapView() {
  const console = useConsole();
  const desk = usePolicyDesk();
  const answers = useHealthMaps();
  const clock = useView((view) => view.preferences.clock);
  const place = useStore(desk.places, ({ service }) => service);
  const [allEdges, setAllEdges] = useState(true);
  const [asTable, setAsTable] = useState(false);
  const [open, setOpen] = useState(false);
  const nowMs = useTick(console.now, 1000);

  useEffect(
    () =>
      console.attachKeys({
        'map.edges': () => setAllEdges((shown) => !shown),
        'map.table': () => setAsTable((shown) => !shown),
        ...(open ? { escape: () => setOpen(false) } : {}),
      }),
    [console, open],
  );

  const choose = (agentId: string, service: string) => desk.places.setState({ service: placeKey(agentId, service) });
  const openService = (agentId: string, service: string) => {
    choose(agentId, service);
    setOpen(true);
  };
  const chosen = answers
    .flatMap((answer) => (answer.value?.nodes ?? []).map((node) => ({ answer, node })))
    .find(({ answer, node }) => placeKey(answer.agentId, node.service) === place);

  return (
    <div className="relative flex h-full gap-3 p-3 @max-[1223px]:gap-2">
      <section className="flex min-w-0 flex-1 flex-col rounded-lg border border-line-1 bg-bg-1">
        <header className="flex h-11 shrink-0 items-center gap-3 border-b border-line-1 px-3">
          <ViewTitle className="text-base font-semibold whitespace-nowrap">Health map</ViewTitle>
          <p className="min-w-0 flex-1 truncate text-xs text-text-3">{mapFact(answers)}</p>
          <CommandButton id="map.edges" label={allEdges ? 'Only its own calls' : 'All calls'} />
          <CommandButton id="map.table" label={asTable ? 'Map' : 'Table'} />
        </header>
        <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto p-3">
          {answers.map((answer) => (
            <section
              aria-label={answer.agent.saved.name}
              className={answers.length === 1 ? 'flex min-h-0 flex-1 flex-col gap-2' : 'flex flex-col gap-2'}
              key={answer.agentId}
            >
              {answers.length > 1 && (
                <h2 className="flex items-center gap-2 text-sm font-semibold">
                  <span className="cluster-code">{answer.agent.saved.code}</span>
                  {visibleText(answer.agent.saved.name)}
                </h2>
              )}
              {answer.error !== null && (
                <AnswerNotice
                  code={answer.error.code}
                  detail={visibleText(answer.error.detail)}
                  from={answer.agent.saved.name}
                  shownAsOf={answer.asOfMs === null ? null : secondOf(answer.asOfMs, clock)}
                  what="The map"
                  onRetry={() => void desk.map.ask(answer.agentId)}
                />
              )}
              <MapBody
                allEdges={allEdges}
                answer={answer}
                asTable={asTable}
                chosen={chosen?.answer.agentId === answer.agentId ? chosen.node.service : null}
                current={isCurrent(answer, nowMs, console.dataAgeMs(answer.agentId, nowMs))}
                onChoose={(service) => choose(answer.agentId, service)}
                onOpen={(service) => openService(answer.agentId, service)}
              />
            </section>
          ))}
        </div>
      </section>
      {open && chosen !== undefined && (
        <ServiceFacts
          answer={chosen.answer}
          key={place}
          node={chosen.node}
          onClose={() => setOpen(false)}
          onGo={(service) => openService(chosen.answer.agentId, service)}
        />
      )}
    </div>
  );
}

interface MapBodyProps {
  readonly answer: AgentAnswer<HealthMap>;
  readonly asTable: boolean;
  readonly allEdges: boolean;
  readonly chosen: string | null;
  readonly current: boolean;
  readonly onChoose: (service: string) => void;
  readonly onOpen: (service: string) => void;
}

function MapBody({ answer, asTable, ...rest }: MapBodyProps) {
  const console = useConsole();
  const { value, error, agent, agentId } = answer;
  if (value === null) return error === null ? <SkeletonRows count={6} label="Asking for the map …" /> : null;
  if (value.nodes.length === 0) {
    return (
      <EmptyWords title="No services seen in 24 h">
        <Button size="small" onClick={() => console.go('sources')}>
          Connect one
        </Button>
      </EmptyWords>
    );
  }
  if (asTable) return <ServiceTable current={rest.current} map={value} onOpen={rest.onOpen} />;
  return <ClusterMap {...rest} agentId={agentId} map={value} name={agent.saved.name} />;
}

/** Whether the map speaks of now: the agent answers, and has something new to say. */
export function isCurrent(
  { agent, error, asOfMs }: AgentAnswer<HealthMap>,
  nowMs: number,
  dataAgeMs: number | null,
): boolean {
  const isFresh = asOfMs !== null && nowMs - asOfMs < STALE_AFTER_MS;
  return agent.saved.connection.type === 'open' && error === null && isFresh && (dataAgeMs ?? 0) < STALE_AFTER_MS;
}

function mapFact(answers: readonly AgentAnswer<HealthMap>[]): string {
  const nodes = answers.flatMap(({ value }) => value?.nodes ?? []);
  const calls = answers.reduce((sum, { value }) => sum + (value?.edges.length ?? 0), 0);
  const ill = nodes.filter(({ health }) => health !== 'ok' && health !== 'unknown').length;
  const unknown = nodes.filter(({ health }) => health === 'unknown').length;
  return [
    plural(nodes.length, 'service'),
    ill === 0 ? 'none of them ill' : `${ill} not well`,
    ...(unknown > 0 ? [`${unknown} not known`] : []),
    calls === 0 ? 'no calls learnt from traces yet' : `${plural(calls, 'call')} learnt from traces`,
  ].join(' · ');
}
