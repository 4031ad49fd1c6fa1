import { Button } from '../../components/button.tsx';
import { Notice } from '../../components/notice.tsx';
import { Panel } from '../../components/panel.tsx';
import { SeverityBadge } from '../../components/severity-badge.tsx';
import { useTick } from '../../components/use-tick.ts';
import type { ScopedAnomaly } from '../../stores/scope.ts';
import { timeRange } from '../../stores/time-range.ts';
import { useConsole, useMissingAnomalies, useView } from '../../stores/use-console.ts';
import { isOpen, kindOf } from '../../words/anomaly-words.ts';
import { momentOf, type Clock } from '../../words/clock.ts';
import { duration } from '../../words/duration.ts';
import { plural, sigmas } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';

/** Rows beyond this are counted; the range or the scope narrows them down. */
const MAX_ROWS = 200;

export function AnomalyList({ anomalies }: { readonly anomalies: readonly ScopedAnomaly[] }) {
  const console = useConsole();
  const clock = useView((view) => view.preferences.clock);
  const selected = useView((view) => view.anomaly);
  const rangeId = useView((view) => view.rangeId);
  const missing = useMissingAnomalies();
  const nowMs = useTick(console.now, 1000);
  const open = anomalies.filter(({ anomaly }) => isOpen(anomaly)).length;
  const words = timeRange(rangeId).words;
  return (
    <Panel
      className="min-h-36 flex-1"
      fact={anomalies.length === 0 ? words : `${open} open, ${anomalies.length - open} over, ${words}`}
      title="Anomalies"
    >
      {[...missing].map(([agentId, detail]) => (
        <div className="p-2" key={agentId}>
          <Notice
            action={
              <Button size="small" onClick={() => void console.refresh()}>
                Retry
              </Button>
            }
            tone="warn"
          >
            Older anomalies of {console.agent(agentId)?.saved.name ?? agentId} are missing: {visibleText(detail)}
          </Notice>
        </div>
      ))}
      {anomalies.length === 0 ? (
        <p className="p-3 text-sm text-text-2">
          <span className="text-ok">✓</span> Nothing stood out in the {words}.
        </p>
      ) : (
        <ul className="min-h-0 flex-1 overflow-y-auto py-1">
          {anomalies.slice(0, MAX_ROWS).map((scoped) => (
            <AnomalyRow
              clock={clock}
              key={scoped.anomaly.event_id}
              nowMs={nowMs}
              scoped={scoped}
              selected={selected?.eventId === scoped.anomaly.event_id}
              onPress={() => console.select({ agentId: scoped.agent.saved.agentId, eventId: scoped.anomaly.event_id })}
            />
          ))}
          {anomalies.length > MAX_ROWS && (
            <li className="px-3 py-2 text-xs text-text-3">
              {plural(anomalies.length - MAX_ROWS, 'older anomaly', 'older anomalies')} not listed: choose a shorter
              range or fewer services
            </li>
          )}
        </ul>
      )}
    </Panel>
  );
}

interface AnomalyRowProps {
  readonly scoped: ScopedAnomaly;
  readonly clock: Clock;
  readonly nowMs: number;
  readonly selected: boolean;
  readonly onPress: () => void;
}

function AnomalyRow({ scoped, clock, nowMs, selected, onPress }: AnomalyRowProps) {
  const { anomaly, agent } = scoped;
  const open = isOpen(anomaly);
  const endMs = anomaly.ended_at_ms ?? nowMs;
  return (
    <li>
      <button
        aria-pressed={selected}
        className="grid h-9 w-full grid-cols-[94px_84px_minmax(0,1fr)_auto] items-center gap-3 px-3 text-left text-sm hover:bg-hover focus-visible:-outline-offset-2 aria-pressed:bg-sel aria-pressed:shadow-[inset_2px_0_0_var(--color-accent)] @max-[1223px]:h-8"
        data-anomaly={anomaly.event_id}
        title={visibleText(anomaly.reason)}
        type="button"
        onClick={onPress}
      >
        <span>
          <SeverityBadge calm={!open} severity={anomaly.severity}>
            {sigmas(anomaly.deviation_score)}
          </SeverityBadge>
        </span>
        <time className="text-xs text-text-3">{momentOf(anomaly.started_at_ms, clock, nowMs)}</time>
        <span className="truncate">
          <span className="font-medium text-text-1">
            {visibleText(anomaly.service)}
            <span className="font-normal text-text-3">@{agent.saved.code}</span>
          </span>{' '}
          <span className="text-text-2">
            {kindOf(anomaly)}: {visibleText(anomaly.reason)}
          </span>
        </span>
        <span className={`text-xs whitespace-nowrap ${open ? 'text-text-1' : 'text-text-3'}`}>
          {open ? 'outside for' : 'lasted'} {duration(Math.max(0, endMs - anomaly.started_at_ms))}
        </span>
      </button>
    </li>
  );
}
