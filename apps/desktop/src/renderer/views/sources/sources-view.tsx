import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/panel.tsx';
import { useTick } from '../../components/use-tick.ts';
import { agentsInScope, sourcesInScope, type ScopedSource } from '../../stores/scope.ts';
import { useAgents, useConsole, useView } from '../../stores/use-console.ts';
import { ago } from '../../words/duration.ts';
import { exactly, plural, reading } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';
import { RejectionsPanel } from './rejections-panel.tsx';
import { SendLogs } from './send-logs.tsx';
import { SourceSettings } from './source-settings.tsx';
import { SensitivityControl } from './sensitivity-control.tsx';
import { ViewTitle } from '../shell/view-title.tsx';

/** A table of this many rows is still quick to draw; beyond it the scope narrows the list down. */
const MAX_ROWS = 300;
/** A source that was silent for this long is said to be so. */
const QUIET_AFTER_MS = 60_000;

export function SourcesView() {
  const agents = useAgents();
  const agentIds = useView((view) => view.agentIds);
  const services = useView((view) => view.services);
  const inScope = agentsInScope(agents, { agentIds });
  return (
    <div className="flex h-full flex-col gap-3 overflow-y-auto p-3">
      <ViewTitle className="sr-only">Sources and setup</ViewTitle>
      <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)_500px] gap-3 @max-[1223px]:flex @max-[1223px]:flex-none @max-[1223px]:flex-col">
        <SourceTable sources={sourcesInScope(agents, { agentIds, services })} />
        <div className="flex min-h-0 flex-col gap-3">
          <SendLogs agents={inScope} />
          <div className="flex min-h-60 flex-1 flex-col [&>section]:min-h-0 [&>section]:flex-1">
            <RejectionsPanel agents={inScope} />
          </div>
        </div>
      </div>
    </div>
  );
}

function SourceTable({ sources }: { readonly sources: readonly ScopedSource[] }) {
  const console = useConsole();
  const nowMs = useTick(console.now, 1000);
  const learning = sources.filter(({ source }) => source.learning === 'learning').length;
  return (
    <Panel
      className="min-h-60"
      fact={`${plural(sources.length, 'service')}${learning > 0 ? `, ${learning} still learning` : ''}; found by themselves at their first line`}
      title="Sources"
    >
      {sources.length === 0 ? (
        <p className="p-3 text-sm text-text-2">No source sends logs yet. The snippet beside this sends a first line.</p>
      ) : (
        <div className="min-h-0 flex-1 overflow-auto">
          <table className="w-full text-sm">
            <thead className="sticky top-0 z-10 bg-bg-1 text-left text-xs text-text-3">
              <tr className="[&>th]:px-3 [&>th]:py-2 [&>th]:font-medium">
                <th scope="col">Service</th>
                <th scope="col">State</th>
                <th className="text-right" scope="col">
                  Now
                </th>
                <th scope="col">Fires at · can be</th>
              </tr>
            </thead>
            <tbody>
              {sources.slice(0, MAX_ROWS).map((scoped) => (
                <SourceRow key={`${scoped.ref.agentId}/${scoped.ref.sourceId}`} nowMs={nowMs} scoped={scoped} />
              ))}
            </tbody>
          </table>
          {sources.length > MAX_ROWS && (
            <p className="p-3 text-xs text-text-3">
              {exactly(sources.length - MAX_ROWS)} more: press w and choose the services to list
            </p>
          )}
        </div>
      )}
    </Panel>
  );
}

function SourceRow({ scoped, nowMs }: { readonly scoped: ScopedSource; readonly nowMs: number }) {
  const console = useConsole();
  const signal = useView((view) => view.signal);
  const { ref, source, agent } = scoped;
  const [configuring, setConfiguring] = useState(false);
  const { value } = console.latestReading(ref, nowMs);
  const show = () => {
    console.isolate(ref);
    console.go('heartbeat');
  };
  const quietMs = nowMs - source.last_seen_ms;
  return (
    <tr className="h-11 border-t border-line-1 hover:bg-hover [&>td]:px-3" data-source={source.service}>
      <td className="max-w-0 min-w-40">
        <button
          className="block min-h-6 max-w-full truncate text-left font-medium hover:text-accent hover:underline"
          type="button"
          onClick={show}
        >
          {visibleText(source.service)}
        </button>
        <span className="block truncate text-2xs text-text-3">
          @{agent.saved.code} · {source.retention_days} d · {source.time_zone}
          {source.tags.length > 0 && ` · ${source.tags.map(visibleText).join(', ')}`}
        </span>
      </td>
      <td className="whitespace-nowrap">
        {source.learning === 'learning' ? (
          <LearningBar hours={source.learnt_hours} />
        ) : (
          <span className="text-xs text-ok">✓ ready</span>
        )}
        {quietMs > QUIET_AFTER_MS && Number.isNaN(value) && (
          <span className="ml-2 text-xs text-text-3">last line {ago(quietMs)}</span>
        )}
      </td>
      <td className="text-right whitespace-nowrap">{Number.isNaN(value) ? '–' : reading(signal, value)}</td>
      <td className="w-0">
        <div className="flex items-center gap-3">
          <SensitivityControl agent={agent} brief source={source} />
          <Button size="small" onClick={() => setConfiguring(true)}>
            Settings<span className="sr-only"> of {visibleText(source.service)}</span>
          </Button>
        </div>
        {configuring && <SourceSettings scoped={scoped} onClose={() => setConfiguring(false)} />}
      </td>
    </tr>
  );
}

function LearningBar({ hours }: { readonly hours: number }) {
  const learnt = Math.floor(hours);
  return (
    <span className="inline-flex items-center gap-2 text-xs text-text-2">
      <span aria-hidden="true" className="h-1.5 w-12 overflow-hidden rounded-sm bg-bg-0">
        <span className="block h-full bg-accent" style={{ width: `${Math.min(100, (100 * hours) / 24)}%` }} />
      </span>
      learning {learnt}/24 h
    </span>
  );
}
