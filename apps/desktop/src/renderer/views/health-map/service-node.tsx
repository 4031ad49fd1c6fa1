import type { HealthMap } from '@sentinellog/shared';
import { HealthMark } from '../../components/health-mark.tsx';
import { Sparkline, type SparklineData } from '../../components/sparkline.tsx';
import { HEALTH_WORDS, type ServiceHealth } from '../../words/health-words.ts';
import { briefly } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';

export type MapNode = HealthMap['nodes'][number];

const EDGES: Readonly<Record<ServiceHealth, string>> = {
  P1: 'border-p1',
  P2: 'border-p2',
  P3: 'border-p3',
  P4: 'border-p4/70',
  silent: 'border-p2 border-dashed',
  unknown: 'border-dotted border-line-2 map-hatch',
  ok: 'border-line-1',
};

interface ServiceNodeProps {
  readonly node: MapNode;
  /** False while the agent does not answer: what is shown is the last that was known. */
  readonly current: boolean;
  readonly sparkline: SparklineData | null;
}

/** Shape and word, name, rate: what a node of the map and a tile of the Batcave have in common. */
export function ServiceNode({ node, current, sparkline }: ServiceNodeProps) {
  const health = current ? node.health : 'unknown';
  return (
    <span
      className={`flex h-full w-full min-w-0 flex-col justify-center overflow-hidden rounded-md border bg-bg-2 px-2 ${EDGES[health]}`}
    >
      <span className="flex min-w-0 items-center gap-1.5">
        <HealthMark health={health} />
        <span className="truncate text-xs font-medium text-text-1">{visibleText(node.service)}</span>
      </span>
      <span className="flex min-w-0 items-center gap-1.5 text-2xs text-text-3">
        <span className={health === 'ok' ? 'sr-only' : 'font-semibold whitespace-nowrap text-text-2'}>
          {HEALTH_WORDS[health]}
        </span>
        <span className="whitespace-nowrap">{current ? `${briefly(node.events_per_second)}/s` : '— /s'}</span>
        <span className="flex-1" />
        {sparkline !== null && health !== 'unknown' && health !== 'silent' && (
          <Sparkline data={sparkline} height={14} width={44} />
        )}
      </span>
    </span>
  );
}

/** The node in a sentence, for assistive technology. */
export function nodeSentence(node: MapNode, current: boolean): string {
  const name = visibleText(node.service);
  if (!current) return `${name}: not known now, last ${HEALTH_WORDS[node.health]}`;
  const open = node.incident_ids.length;
  return `${name}: ${HEALTH_WORDS[node.health]}, ${briefly(node.events_per_second)} lines a second${open > 0 ? `, ${open} open` : ''}`;
}
