import { useRef, useState } from 'react';
import { MiniChart } from '../../charts/mini-chart.tsx';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { useTick } from '../../components/use-tick.ts';
import { Panel } from '../../components/panel.tsx';
import { SeverityBadge } from '../../components/severity-badge.tsx';
import type { Anomaly, DrawnSignal } from '@sentinellog/shared';
import { freshnessOf, STALE_AFTER_MS, type Freshness } from '../../../bridge/freshness.ts';
import { worstOpen, type ScopedSource } from '../../stores/scope.ts';
import { useAgents, useConsole, useView } from '../../stores/use-console.ts';
import { duration } from '../../words/duration.ts';
import { briefReading, plural, sigmas } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';
import { inOrder, keyOf, worstFirst } from './tile-order.ts';
import { usePlotSource } from './use-plot-source.ts';

/** Small charts that redraw at 4 Hz without the big one losing a frame (ux §1.14, measured). */
const TILES_A_PAGE = 8;

/** States in which a tile speaks of now. */
const FRESH: readonly Freshness['type'][] = ['live', 'lagging', 'degraded'];

/** Every service at a glance; a press puts one alone on the big chart. */
export function SourceTiles({ sources }: { readonly sources: readonly ScopedSource[] }) {
  const console = useConsole();
  const agents = useAgents();
  const wanted = useView((view) => view.page);
  const pages = Math.max(1, Math.ceil(sources.length / TILES_A_PAGE));
  const page = Math.min(wanted, pages - 1);
  const severalClusters = new Set(sources.map(({ ref }) => ref.agentId)).size > 1;
  const worst = new Map([...agents].map(([agentId, agent]) => [agentId, worstOpen(agent)]));
  const [heldOrder, setHeldOrder] = useState<readonly string[] | null>(null);
  const ordered = heldOrder === null ? worstFirst(sources, worst) : inOrder(sources, heldOrder);
  const hold = () => setHeldOrder((held) => held ?? ordered.map(keyOf));
  const letGo = () => setHeldOrder(null);
  const turn = (step: number) => console.patchView({ page: Math.min(pages - 1, Math.max(0, page + step)) });
  const nowMs = useTick(console.now, 1000);
  const fresh = new Set(
    [...agents.values()]
      .filter((agent) => FRESH.includes(freshnessOf(console.pulse(agent, nowMs), nowMs).type))
      .map((agent) => agent.saved.agentId),
  );
  const stale = sources.filter(({ ref }) => !fresh.has(ref.agentId)).length;
  const outside = sources.filter(({ ref }) => worst.get(ref.agentId)?.has(ref.sourceId) === true).length;

  return (
    <Panel
      className="shrink-0"
      fact={healthWords(sources.length, outside, stale)}
      title="Services"
      tools={
        pages > 1 && (
          <div className="flex items-center gap-1 text-xs text-text-3">
            <Button aria-label="Previous page" look="quiet" size="small" onClick={() => turn(-1)}>
              <Icon name="left" size={14} />
            </Button>
            {page + 1} / {pages}
            <Button aria-label="Next page" look="quiet" size="small" onClick={() => turn(1)}>
              <Icon name="right" size={14} />
            </Button>
          </div>
        )
      }
    >
      <ul
        onBlur={letGo}
        onFocus={hold}
        onPointerEnter={hold}
        onPointerLeave={letGo}
        className="grid grid-cols-4 overflow-hidden rounded-b-lg @max-[1223px]:grid-cols-4 @max-[860px]:grid-cols-3 @max-[560px]:grid-cols-1"
      >
        {ordered.slice(page * TILES_A_PAGE, (page + 1) * TILES_A_PAGE).map((scoped) => (
          <SourceTile
            key={keyOf(scoped)}
            scoped={scoped}
            showCluster={severalClusters}
            fresh={fresh.has(scoped.ref.agentId)}
            worst={worst.get(scoped.ref.agentId)?.get(scoped.ref.sourceId)}
          />
        ))}
      </ul>
    </Panel>
  );
}

interface SourceTileProps {
  readonly scoped: ScopedSource;
  readonly showCluster: boolean;
  /** What is shown is of now; else it is only the last that was known. */
  readonly fresh: boolean;
  readonly worst: Anomaly | undefined;
}

function SourceTile({ scoped, showCluster, fresh, worst }: SourceTileProps) {
  const console = useConsole();
  const plotSource = usePlotSource([scoped]);
  const rate = useRef<HTMLElement>(null);
  const { ref, source, agent } = scoped;
  const isolated = useView((view) => view.isolated?.agentId === ref.agentId && view.isolated.sourceId === ref.sourceId);
  const writeRate = () => {
    if (rate.current === null) return;
    const { value, mean } = console.feed.latest(ref);
    const ageMs = console.dataAgeMs(ref.agentId, console.now());
    const words =
      ageMs !== null && ageMs > STALE_AFTER_MS
        ? `no data for ${duration(ageMs)}`
        : rateWords(plotSource.signal, value, mean);
    if (rate.current.textContent !== words) rate.current.textContent = words;
  };
  const name = visibleText(source.service);
  return (
    <li className="min-w-0 shadow-[1px_1px_0_var(--color-line-1)]">
      <button
        aria-pressed={isolated}
        className="flex h-24 w-full min-w-0 flex-col gap-0.5 px-2.5 pt-2 text-left transition-colors hover:bg-hover focus-visible:-outline-offset-2 aria-pressed:bg-sel aria-pressed:shadow-[inset_0_2px_0_var(--color-accent)]"
        type="button"
        onClick={() => console.isolate(isolated ? null : ref)}
      >
        <span className="flex h-5 w-full min-w-0 items-center gap-1.5">
          <span className="truncate text-xs font-medium text-text-1">{name}</span>
          {showCluster && <span className="text-2xs text-text-3">{agent.saved.code}</span>}
          <span className="flex-1" />
          <TileState
            fresh={fresh}
            learning={source.learning === 'learning' ? Math.floor(source.learnt_hours) : null}
            worst={worst}
          />
        </span>
        <span className="h-4 text-2xs text-text-3" ref={rate} title="Now, of what is expected" />
        <span className="flex min-h-0 w-full flex-1">
          <span className="sr-only">{worst === undefined ? '' : `${worst.reason}. `}Show alone</span>
          <MiniChart source={plotSource} onDraw={writeRate} />
        </span>
      </button>
    </li>
  );
}

function healthWords(all: number, outside: number, stale: number): string {
  const services = plural(all, 'service');
  if (stale === all) return `${services}, state not known`;
  const known = stale === 0 ? '' : `, ${stale} not known`;
  return outside === 0
    ? `${services}, none outside its baseline${known}`
    : `${outside} of ${services} outside their baseline${known}`;
}

/** `207 of 210`: now, of what is expected. */
function rateWords(signal: DrawnSignal, value: number, mean: number): string {
  if (Number.isNaN(value)) return 'no data';
  const now = briefReading(signal, value);
  const unit = signal === 'volume' ? '/s' : '';
  return Number.isNaN(mean) ? `${now}${unit}` : `${now}${unit} of ${briefReading(signal, mean)}`;
}

interface TileStateProps {
  readonly fresh: boolean;
  readonly worst: Anomaly | undefined;
  /** Hours learnt, while that is less than a day. */
  readonly learning: number | null;
}

function TileState({ fresh, worst, learning }: TileStateProps) {
  if (worst !== undefined) {
    return (
      <span className="origin-right scale-[0.85]">
        <SeverityBadge severity={worst.severity}>{sigmas(worst.deviation_score)}</SeverityBadge>
      </span>
    );
  }
  // Not known is not healthy.
  if (!fresh) return <span className="text-2xs whitespace-nowrap text-quiet">? not known</span>;
  if (learning !== null)
    return <span className="text-2xs whitespace-nowrap text-text-3">learning {learning}/24 h</span>;
  return <span className="text-2xs text-ok">✓ ok</span>;
}
