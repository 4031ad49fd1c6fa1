import { lazy, Suspense, useState } from 'react';
import { HeartbeatChart } from '../../charts/heartbeat-chart.tsx';
import type { HeartbeatPlot } from '../../charts/heartbeat-plot.ts';
import { useTick } from '../../components/use-tick.ts';
import { anomaliesInScope } from '../../stores/scope.ts';
import { timeRange } from '../../stores/time-range.ts';
import { useAgents, useConsole, useView } from '../../stores/use-console.ts';
import { SIGNAL_NAMES } from '../../words/anomaly-words.ts';
import { plural, SIGNAL_UNITS } from '../../words/quantity.ts';
import { anomalyMarker } from '../heartbeat/anomaly-marker.ts';
import { chartSummary } from '../heartbeat/chart-summary.ts';
import { useShownSources } from '../heartbeat/use-plot-source.ts';
import { CavePanel } from './cave-panel.tsx';

const BrushOverlay = lazy(async () => ({ default: (await import('../heartbeat/brush-overlay.tsx')).BrushOverlay }));

const MARKER_TICK_MS = 5000;

/** The heartbeat of the scope; a marker opens its anomaly, a drag opens the range, both in the full view. */
export function BeatPanel() {
  const console = useConsole();
  const agents = useAgents();
  const agentIds = useView((view) => view.agentIds);
  const services = useView((view) => view.services);
  const signal = useView((view) => view.signal);
  const rangeId = useView((view) => view.rangeId);
  const window = useView((view) => view.window);
  const clock = useView((view) => view.preferences.clock);
  const { shown, source } = useShownSources();
  const [plot, setPlot] = useState<HeartbeatPlot | null>(null);
  const nowMs = useTick(console.now, MARKER_TICK_MS);
  const shownAgents = [...new Set(shown.map(({ ref }) => ref.agentId))];
  const anomalies = anomaliesInScope(agents, { agentIds, services }, console.rangeStartMs(nowMs)).filter(
    ({ anomaly }) => anomaly.signal === signal,
  );
  const markers = anomalies.map(anomalyMarker);
  const learning = shown.filter((one) => one.source.learning === 'learning').length;
  const facts = [
    plural(shownAgents.length, 'cluster'),
    plural(shown.length, 'service'),
    SIGNAL_UNITS[signal],
    timeRange(rangeId).words,
    ...(learning > 0 ? [`${learning} still learning`] : []),
  ];
  const open = () => console.go('heartbeat');
  return (
    <CavePanel fact={facts.join(' · ')} place="beat" title="Heartbeat" onOpen={open}>
      <div className="flex min-h-0 flex-1 pr-1 pb-1">
        <HeartbeatChart
          clock={clock}
          describe={() => chartSummary(source, anomalies, clock)}
          ghost={null}
          markers={markers}
          name={`${SIGNAL_NAMES[signal]}, ${plural(shownAgents.length, 'cluster')}, ${timeRange(rangeId).words}`}
          now={console.now}
          source={source}
          spanSeconds={window.type === 'live' ? window.seconds : (window.toMs - window.fromMs) / 1000}
          onHover={(inside) => (inside ? console.hold(shownAgents, 'hover') : console.resume('hover'))}
          onMarker={(id) => {
            const found = anomalies.find(({ anomaly }) => anomaly.event_id === id);
            if (found === undefined) return;
            console.select({ agentId: found.agent.saved.agentId, eventId: id });
            open();
          }}
          onPlot={setPlot}
          onReady={() => undefined}
          onSpeak={(text) => console.announce(text)}
        >
          {plot !== null && (
            <Suspense>
              <BrushOverlay plot={plot} source={source} onSelected={open} />
            </Suspense>
          )}
        </HeartbeatChart>
      </div>
    </CavePanel>
  );
}
