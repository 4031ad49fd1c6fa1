import { useMemo, useRef, type KeyboardEvent } from 'react';
import { useBoxSize } from '../../charts/use-box-size.ts';
import { useTick } from '../../components/use-tick.ts';
import type { HealthMap } from '@sentinellog/shared';
import { useConsole } from '../../stores/use-console.ts';
import { seriesSparkline } from '../incidents/row-sparkline.ts';
import {
  columnsWithin,
  layeredLayout,
  MAX_LAYERED,
  namespaceOf,
  nearest,
  NODE_HEIGHT,
  NODE_WIDTH,
  type Placed,
  type Way,
} from './map-layout.ts';
import { nodeSentence, ServiceNode, type MapNode } from './service-node.tsx';

const WAYS: Readonly<Record<string, Way>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};
const SPARK_TICK_MS = 2000;
/** Room for the focus ring of the outermost nodes. */
const MARGIN = 8;
/** Where there is room the map takes it, up to where a call is no longer followed at a glance. */
const MAX_STRETCH = 2;
const MAX_STRETCH_DOWN = 1.7;

interface ClusterMapProps {
  readonly agentId: string;
  readonly name: string;
  readonly map: HealthMap;
  readonly current: boolean;
  readonly chosen: string | null;
  readonly allEdges: boolean;
  readonly onChoose: (service: string) => void;
  readonly onOpen: (service: string) => void;
}

/** One cluster's services; one stop for Tab, arrows go on to the nearest in their direction. */
export function ClusterMap(props: ClusterMapProps) {
  const { map, name } = props;
  return (
    <figure aria-label={`Services of ${name}`} className="m-0" role="group">
      {map.nodes.length > MAX_LAYERED ? <NamespaceGrid {...props} /> : <LayeredMap {...props} />}
    </figure>
  );
}

function LayeredMap({ map, chosen, allEdges, ...rest }: ClusterMapProps) {
  // The figures change every few seconds; the places only when a service or a call is new.
  const shape = JSON.stringify([map.nodes.map(({ service }) => service), map.edges.map(({ from, to }) => [from, to])]);
  const box = useRef<HTMLDivElement>(null);
  const { width } = useBoxSize(box);
  const columns = columnsWithin(width - 2 * MARGIN);
  const layout = useMemo(() => {
    const [ids, pairs] = JSON.parse(shape) as [string[], [string, string][]];
    return layeredLayout(
      ids,
      pairs.map(([from, to]) => ({ from, to })),
      columns,
    );
  }, [shape, columns]);
  const room = layout.width === NODE_WIDTH ? 1 : (width - 2 * MARGIN - NODE_WIDTH) / (layout.width - NODE_WIDTH);
  const across = Math.min(MAX_STRETCH, Math.max(1, room));
  const down = Math.min(MAX_STRETCH_DOWN, across);
  const at = new Map(layout.placed.map(({ id, x, y }) => [id, { id, x: x * across, y: y * down }]));
  const size = {
    width: (layout.width - NODE_WIDTH) * across + NODE_WIDTH + 2 * MARGIN,
    height: (layout.height - NODE_HEIGHT) * down + NODE_HEIGHT + 2 * MARGIN,
  };
  const edges = map.edges.filter(({ from, to }) => from !== to && (allEdges || from === chosen || to === chosen));
  return (
    <div className="overflow-auto" ref={box}>
      <div className="relative" style={size}>
        <svg aria-hidden="true" className="absolute inset-0" {...size}>
          {edges.map(({ from, to }) => {
            const a = at.get(from);
            const b = at.get(to);
            if (a === undefined || b === undefined) return null;
            const lit = from === chosen || to === chosen;
            return (
              <path
                d={edgePath(a, b)}
                fill="none"
                key={`${from} ${to}`}
                stroke={lit ? 'var(--color-accent)' : 'var(--color-line-2)'}
                strokeOpacity={lit ? 1 : 0.6}
                strokeWidth={lit ? 1.75 : 1.25}
              />
            );
          })}
        </svg>
        {map.nodes.map((node) => {
          const place = at.get(node.service);
          if (place === undefined) return null;
          return (
            <div
              className="absolute"
              key={node.service}
              style={{ left: place.x + MARGIN, top: place.y + MARGIN, width: NODE_WIDTH, height: NODE_HEIGHT }}
            >
              <NodeButton {...rest} chosen={chosen} map={map} node={node} placed={layout.placed} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** From the right edge of the caller to the left edge of the called; backwards around the outside. */
function edgePath(a: Placed, b: Placed): string {
  const x1 = a.x + NODE_WIDTH + MARGIN;
  const y1 = a.y + NODE_HEIGHT / 2 + MARGIN;
  const x2 = b.x + MARGIN;
  const y2 = b.y + NODE_HEIGHT / 2 + MARGIN;
  const bend = x2 > x1 ? (x2 - x1) / 2 : 40;
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

/** Many services: by what their names have in common, in columns. */
function NamespaceGrid({ map, ...rest }: ClusterMapProps) {
  const groups = [...Map.groupBy(map.nodes, ({ service }) => namespaceOf(service))].toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const columns = 8;
  let row = 0;
  const placed: Placed[] = [];
  for (const [, nodes] of groups) {
    for (const [i, { service }] of nodes.entries()) {
      placed.push({ id: service, x: (i % columns) * NODE_WIDTH, y: (row + Math.floor(i / columns)) * NODE_HEIGHT });
    }
    row += Math.ceil(nodes.length / columns);
  }
  return (
    <div className="flex flex-col gap-3 p-1">
      {groups.map(([namespace, nodes]) => (
        <section aria-label={namespace} key={namespace}>
          <h3 className="section-word">
            {namespace} · {nodes.length}
          </h3>
          <div className="flex flex-wrap gap-2">
            {nodes.map((node) => (
              <div key={node.service} style={{ width: NODE_WIDTH, height: NODE_HEIGHT }}>
                <NodeButton {...rest} map={map} node={node} placed={placed} />
              </div>
            ))}
          </div>
        </section>
      ))}
    </div>
  );
}

interface NodeButtonProps extends Omit<ClusterMapProps, 'name' | 'allEdges'> {
  readonly node: MapNode;
  readonly placed: readonly Placed[];
}

function NodeButton({ node, map, agentId, current, chosen, placed, onChoose, onOpen }: NodeButtonProps) {
  const console = useConsole();
  const nowMs = useTick(console.now, SPARK_TICK_MS);
  const [sourceId = ''] = node.source_ids;
  const standsHere = chosen === null || !map.nodes.some(({ service }) => service === chosen);
  const isFirst = standsHere && map.nodes[0] === node;
  const move = (event: KeyboardEvent<HTMLButtonElement>) => {
    const way = WAYS[event.key];
    if (way === undefined) return;
    event.preventDefault();
    const next = nearest(placed, node.service, way);
    if (next === null) return;
    onChoose(next);
    document.getElementById(nodeId(agentId, next))?.focus();
  };
  return (
    <button
      aria-pressed={chosen === node.service}
      className="h-full w-full rounded-md text-left hover:brightness-125 aria-pressed:shadow-[0_0_0_2px_var(--color-accent)]"
      id={nodeId(agentId, node.service)}
      tabIndex={chosen === node.service || isFirst ? 0 : -1}
      title={nodeSentence(node, current)}
      type="button"
      onClick={() => onOpen(node.service)}
      onFocus={() => onChoose(node.service)}
      onKeyDown={move}
    >
      <ServiceNode
        current={current}
        node={node}
        sparkline={sourceId === '' ? null : seriesSparkline(console, { agentId, sourceId }, nowMs)}
      />
    </button>
  );
}

function nodeId(agentId: string, service: string): string {
  return `node ${agentId} ${service}`.replaceAll(' ', '-');
}
