import { lazy, Suspense, useCallback, useState } from 'react';
import { SENSITIVITY_SIGMA, DRAWN_SIGNALS, type Sensitivity, type DrawnSignal } from '@sentinellog/shared';
import { HeartbeatChart, type ChartHandle, type ChartMarker } from '../../charts/heartbeat-chart.tsx';
import type { GhostThreshold, HeartbeatPlot } from '../../charts/heartbeat-plot.ts';
import { Button } from '../../components/button.tsx';
import { ChoiceBar } from '../../components/choice-bar.tsx';
import { Icon } from '../../components/icon.tsx';
import { Notice } from '../../components/notice.tsx';
import { useCommand } from '../../commands/keyboard.tsx';
import type { FeedSource } from '../../stores/plot-sources.ts';
import type { ScopedAnomaly, ScopedSource } from '../../stores/scope.ts';
import type { WouldBe } from '../../stores/what-if.ts';
import { timeRange } from '../../stores/time-range.ts';
import { useConsole, useHistories, useView } from '../../stores/use-console.ts';
import { SIGNAL_NAMES } from '../../words/anomaly-words.ts';
import { plural, SIGNAL_UNITS, sigmas } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';
import { anomalyMarker } from './anomaly-marker.ts';
import { chartSummary } from './chart-summary.ts';
import { ViewTitle } from '../shell/view-title.tsx';

const BrushOverlay = lazy(async () => ({ default: (await import('./brush-overlay.tsx')).BrushOverlay }));
const ZoomTrail = lazy(async () => ({ default: (await import('./zoom-trail.tsx')).ZoomTrail }));
const WhatIfStrip = lazy(async () => ({ default: (await import('./what-if-strip.tsx')).WhatIfStrip }));
const DayRanger = lazy(async () => ({ default: (await import('./day-ranger.tsx')).DayRanger }));
const SelectionStrip = lazy(async () => ({ default: (await import('./selection-strip.tsx')).SelectionStrip }));

interface ChartPanelProps {
  readonly source: FeedSource;
  readonly shown: readonly ScopedSource[];
  readonly isolated: ScopedSource | null;
  /** Of the signal that is drawn. */
  readonly anomalies: readonly ScopedAnomaly[];
}

export function ChartPanel({ source, shown, isolated, anomalies }: ChartPanelProps) {
  const console = useConsole();
  const signal = useView((view) => view.signal);
  const window = useView((view) => view.window);
  const selection = useView((view) => view.selection);
  const selected = useView((view) => view.anomaly);
  const whatIf = useView((view) => view.whatIf);
  const zoomed = useView((view) => view.zoomStack.length > 0);
  const clock = useView((view) => view.preferences.clock);
  const rangeId = useView((view) => view.rangeId);
  const histories = useHistories();
  const [plot, setPlot] = useState<HeartbeatPlot | null>(null);
  const [wouldBe, setWouldBe] = useState<readonly WouldBe[]>([]);
  // Judged once a second: what says the same again must not make the markers anew.
  const takeWouldBe = useCallback((ones: readonly WouldBe[]) => {
    setWouldBe((before) => (JSON.stringify(before) === JSON.stringify(ones) ? before : ones));
  }, []);
  const tableCommand = useCommand('chart.table');
  const agentIds = [...new Set(shown.map(({ ref }) => ref.agentId))];

  const isLoading = agentIds.length > 0 && agentIds.every((agentId) => histories.get(agentId)?.type === 'loading');

  const markers = anomalies.map(
    (scoped): ChartMarker => ({
      ...anomalyMarker(scoped),
      selected: scoped.anomaly.event_id === selected?.eventId,
      vanishes: whatIf !== null && Math.abs(scoped.anomaly.deviation_score) < SENSITIVITY_SIGMA[whatIf],
    }),
  );
  const hollow = wouldBe.map(
    ({ atSecond, z, severity }): ChartMarker => ({
      id: `would be ${atSecond}`,
      atMs: atSecond * 1000,
      severity,
      direction: z > 0 ? 'high' : 'low',
      label: `${severity} ${sigmas(z)}`,
      title: `Would be told of at this sensitivity, by an estimate: ${severity}, ${sigmas(z)}`,
      selected: false,
      isGhost: true,
    }),
  );
  const describe = () => chartSummary(source, anomalies, clock);
  const onReady = (handle: ChartHandle | null) => {
    console.attachChart(handle === null ? null : { ...handle, describe });
  };
  const press = (id: string) => {
    const pressed = anomalies.find(({ anomaly }) => anomaly.event_id === id);
    if (pressed === undefined) return;
    console.select({ agentId: pressed.agent.saved.agentId, eventId: id });
    console.brush.selectDeviation(pressed.anomaly);
  };

  return (
    <section
      aria-labelledby="heartbeat-title"
      className="flex shrink-0 flex-col rounded-lg border border-line-1 bg-bg-1"
    >
      <header className="flex h-11 shrink-0 items-center gap-3 px-3">
        <ViewTitle className="text-base font-semibold whitespace-nowrap" id="heartbeat-title">
          Heartbeat
        </ViewTitle>
        {zoomed && (
          <Suspense>
            <ZoomTrail />
          </Suspense>
        )}
        <ChartFacts agentCount={agentIds.length} isolated={isolated} shown={shown} source={source} />
        <Legend source={source} />
        <ChoiceBar
          choices={DRAWN_SIGNALS.map((value) => ({ value, label: SIGNAL_NAMES[value] }))}
          label="Signal"
          value={signal}
          onChange={(value: DrawnSignal) => console.setSignal(value)}
        />
        <Button
          aria-keyshortcuts={tableCommand.ariaKeys}
          aria-label={tableCommand.command.title}
          look="quiet"
          size="small"
          title={`${tableCommand.command.title} (${tableCommand.label ?? ''})`}
          onClick={tableCommand.command.run}
        >
          <Icon name="table" />
        </Button>
      </header>
      <HistoryNotices agentIds={agentIds} />
      <div className="flex h-[320px] shrink-0 pr-1 pb-1 @max-[1223px]:h-[240px]">
        <HeartbeatChart
          clock={clock}
          describe={describe}
          markers={[...markers, ...hollow]}
          name={`${SIGNAL_NAMES[signal]}, ${plural(agentIds.length, 'cluster')}, ${timeRange(rangeId).words}`}
          now={console.now}
          ghost={ghostOf(whatIf, isolated)}
          onPlot={setPlot}
          source={source}
          spanSeconds={window.type === 'live' ? window.seconds : (window.toMs - window.fromMs) / 1000}
          onHover={(inside) => (inside ? console.hold(agentIds, 'hover') : console.resume('hover'))}
          onMarker={press}
          onReady={onReady}
          onSpeak={(text) => console.announce(text)}
        >
          {plot !== null && (
            <Suspense>
              <BrushOverlay plot={plot} source={source} />
            </Suspense>
          )}
          {shown.length > 0 && isLoading && (
            <p className="late-words pointer-events-none absolute inset-0 grid place-items-center text-sm text-text-2">
              Loading the {timeRange(rangeId).words}
            </p>
          )}
          {shown.length === 0 && (
            <p className="absolute inset-0 grid place-items-center text-sm text-text-2">
              No service in this scope. Press w to choose others.
            </p>
          )}
        </HeartbeatChart>
      </div>
      <Suspense>
        <DayRanger shown={shown} />
        {whatIf !== null && isolated !== null && (
          <WhatIfStrip scoped={isolated} source={source} tried={whatIf} onNew={takeWouldBe} />
        )}
        {selection !== null && <SelectionStrip selection={selection} source={source} />}
      </Suspense>
    </section>
  );
}

/** The threshold that would be in force: as many times further from the mean as its σ is larger. */
function ghostOf(tried: Sensitivity | null, isolated: ScopedSource | null): GhostThreshold | null {
  if (tried === null || isolated === null) return null;
  const sigma = SENSITIVITY_SIGMA[tried];
  return { name: `${sigma}σ`, factor: sigma / SENSITIVITY_SIGMA[isolated.source.sensitivity] };
}

interface ChartFactsProps {
  readonly isolated: ScopedSource | null;
  readonly shown: readonly ScopedSource[];
  readonly agentCount: number;
  readonly source: FeedSource;
}

function ChartFacts({ isolated, shown, agentCount, source }: ChartFactsProps) {
  const console = useConsole();
  const learning = shown.filter((one) => one.source.learning === 'learning').length;
  const step = `${source.stepSeconds} s steps`;
  if (isolated !== null) {
    const { service, learnt_hours } = isolated.source;
    return (
      <p className="flex min-w-0 flex-1 items-center gap-2 text-xs text-text-3">
        <button
          className="inline-flex h-6 min-w-0 items-center gap-1.5 rounded-md border border-accent/60 px-2 text-text-1 hover:bg-hover"
          title="Show all services again (Esc)"
          type="button"
          onClick={() => console.isolate(null)}
        >
          <span className="truncate">
            {visibleText(service)}@{isolated.agent.saved.code}
          </span>
          <span aria-hidden="true">×</span>
        </button>
        <span className="truncate">
          {step}
          {learning > 0 && ` · learning ${Math.floor(learnt_hours)}/24 h`}
        </span>
      </p>
    );
  }
  const many = source.signal !== 'volume' && shown.length > 1 ? 'highest of ' : '';
  const facts = [
    `${many}${plural(shown.length, 'service')}`,
    ...(agentCount > 1 ? [plural(agentCount, 'cluster')] : []),
    SIGNAL_UNITS[source.signal],
    step,
    ...(learning > 0 ? [`${learning} still learning`] : []),
    ...(console.feed.undrawn > 0 ? [`${console.feed.undrawn} not drawn`] : []),
  ];
  return <p className="min-w-0 flex-1 truncate text-xs text-text-3">{facts.join(' · ')}</p>;
}

function Legend({ source }: { readonly source: FeedSource }) {
  if (!source.banded) return null;
  return (
    <ul aria-label="Legend" className="flex shrink-0 gap-3 text-2xs text-text-3 @max-[1100px]:hidden">
      <LegendEntry mark="h-0 border-t-2 border-chart-line" word="observed" />
      <LegendEntry mark="h-0 border-t border-dashed border-chart-mean" word="expected" />
      <LegendEntry mark="h-2.5 border-y border-chart-band-edge bg-chart-band" word="normal" />
      {source.thresholdName !== null && (
        <LegendEntry
          mark="h-0 border-t border-dashed border-chart-threshold"
          word={`fires at ${source.thresholdName}`}
        />
      )}
    </ul>
  );
}

function LegendEntry({ mark, word }: { readonly mark: string; readonly word: string }) {
  return (
    <li className="flex items-center gap-1.5 whitespace-nowrap">
      <span aria-hidden="true" className={`w-4 ${mark}`} />
      {word}
    </li>
  );
}

/** What is missing from the past on the screen, cluster by cluster; the live line goes on regardless. */
function HistoryNotices({ agentIds }: { readonly agentIds: readonly string[] }) {
  const console = useConsole();
  const histories = useHistories();
  return agentIds.map((agentId) => {
    const history = histories.get(agentId);
    if (history?.type !== 'failed') return null;
    return (
      <div className="px-3 pb-2" key={agentId}>
        <Notice
          action={
            <Button size="small" onClick={() => void console.refresh()}>
              Retry
            </Button>
          }
          tone="warn"
        >
          The past of {console.agent(agentId)?.saved.name ?? agentId} could not be loaded: {visibleText(history.detail)}
          . New beats are shown as they come.
        </Notice>
      </div>
    );
  });
}
