import type { ReactNode } from 'react';
import { AnswerNotice } from '../../components/answer-notice.tsx';
import { EmptyWords } from '../../components/empty-words.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { useTick } from '../../components/use-tick.ts';
import { placeKey } from '../../stores/policy-desk.ts';
import { useConsole, useView } from '../../stores/use-console.ts';
import { usePolicyDesk } from '../../stores/use-policy-desk.ts';
import { secondOf } from '../../words/clock.ts';
import { plural } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';
import { seriesSparkline } from '../incidents/row-sparkline.ts';
import { isCurrent } from '../health-map/health-map-view.tsx';
import { nodeSentence, ServiceNode } from '../health-map/service-node.tsx';
import { useHealthMaps } from '../health-map/use-health-maps.ts';
import { CavePanel } from './cave-panel.tsx';

/** A sparkline moves on every other second. */
const SPARK_MS = 2000;

interface MapPanelProps {
  readonly behind: boolean;
  readonly swap: ReactNode;
}

/** Every service in its own place, by name: an eye that knows the place needs no reading. */
export function MapPanel({ behind, swap }: MapPanelProps) {
  const console = useConsole();
  const desk = usePolicyDesk();
  const answers = useHealthMaps();
  const clock = useView((view) => view.preferences.clock);
  const services = useView((view) => view.services);
  const nowMs = useTick(console.now, 1000);
  const nodes = answers.flatMap((answer) =>
    (answer.value?.nodes ?? [])
      .filter(({ service }) => services === null || services.includes(service))
      .map((node) => ({
        node,
        answer,
        current: isCurrent(answer, nowMs, console.dataAgeMs(answer.agentId, nowMs)),
      })),
  );
  const failed = answers.filter(({ error }) => error !== null);
  const ill = nodes.filter(({ node, current }) => current && node.health !== 'ok' && node.health !== 'unknown').length;
  const unknown = nodes.filter(({ node, current }) => !current || node.health === 'unknown').length;
  const fact = [
    ...(nodes.length > 0 ? [plural(nodes.length, 'service')] : []),
    ...(ill > 0 ? [`${ill} not well`] : []),
    ...(unknown > 0 ? [`${unknown} not known`] : []),
  ].join(' · ');
  const isAsking = nodes.length === 0 && answers.some(({ value, error }) => value === null && error === null);
  const sparkMs = nowMs - (nowMs % SPARK_MS);
  const sparklineOf = (agentId: string, sourceId: string | undefined) =>
    sourceId === undefined ? null : seriesSparkline(console, { agentId, sourceId }, sparkMs);
  const open = (agentId: string, service: string) => {
    desk.places.setState({ service: placeKey(agentId, service) });
    console.go('map');
  };
  return (
    <CavePanel behind={behind} fact={fact} place="map" swap={swap} title="Health map" onOpen={() => console.go('map')}>
      {failed.map(({ agentId, agent, error, asOfMs }) => (
        <div className="p-2 pb-0" key={agentId}>
          <AnswerNotice
            code={error?.code ?? ''}
            detail={visibleText(error?.detail ?? '')}
            from={agent.saved.name}
            shownAsOf={asOfMs === null ? null : secondOf(asOfMs, clock)}
            what="The map"
            onRetry={() => void desk.map.ask(agentId)}
          />
        </div>
      ))}
      {isAsking ? (
        <SkeletonRows count={5} label="Asking for the map …" />
      ) : nodes.length === 0 && failed.length === 0 ? (
        <EmptyWords title="No services seen in 24 h" />
      ) : (
        <ul className="grid min-h-0 flex-1 auto-rows-[minmax(40px,76px)] grid-cols-[repeat(auto-fill,minmax(126px,1fr))] gap-1.5 overflow-y-auto p-2">
          {nodes.map(({ node, answer, current }) => (
            <li key={`${answer.agentId} ${node.service}`}>
              <button
                className="h-full w-full rounded-md text-left hover:brightness-125"
                title={`${nodeSentence(node, current)} in ${answer.agent.saved.code}`}
                type="button"
                onClick={() => open(answer.agentId, node.service)}
              >
                <ServiceNode
                  current={current}
                  node={node}
                  sparkline={sparklineOf(answer.agentId, node.source_ids[0])}
                />
              </button>
            </li>
          ))}
        </ul>
      )}
    </CavePanel>
  );
}
