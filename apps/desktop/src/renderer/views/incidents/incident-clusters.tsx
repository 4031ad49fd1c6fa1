import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { Notice } from '../../components/notice.tsx';
import type { DeskRow } from '../../stores/desk-state.ts';
import { Explanation, totalsOf, type KeyedRow } from '../../stores/explanation.ts';
import { useConsole } from '../../stores/use-console.ts';
import type { Span } from '../../stores/view-window.ts';
import { exactly, plural } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';
import { CommandButton } from '../shell/command-button.tsx';

/** What made it an incident lies in its beginning; the rest of a long one is asked for in the chart. */
const MAX_SPAN_MS = 15 * 60_000;
const MIN_SPAN_MS = 60_000;
const SHOWN = 12;

/** Which patterns the lines of its services are made of that normal times do not have. */
export function IncidentClusters({ row }: { readonly row: DeskRow }) {
  const console = useConsole();
  const { agentId, incident } = row;
  const [explanation] = useState(() => new Explanation(console.bridge, console.newKey));
  // As it is when one looks: a range that grew every second would ask every second.
  const [span] = useState(() => spanOf(row, console.agentNowMs(agentId)));
  const state = useStore(explanation.state);
  const sources = [
    ...new Set([incident.first_mover.source_id, ...incident.alerts.map(({ source_id }) => source_id)]),
  ].join(' ');
  useEffect(() => {
    const agents = [{ agentId, sources: sources.split(' ') }];
    void explanation.ask({ span, agents, services: null, against: null, order: 'biggest' });
    return () => explanation.stop();
  }, [explanation, agentId, sources, span]);
  const part = state.parts.get(agentId);
  const totals = totalsOf(state);
  return (
    <div className="flex flex-col gap-3 text-sm">
      <div className="flex items-center gap-3">
        <p className="min-w-0 flex-1 text-text-2" role="status">
          {part?.isDone !== true
            ? 'Reading the lines …'
            : totals === null
              ? ''
              : `${exactly(totals.total)} lines where ${exactly(Math.round(totals.expected))} are normal`}
        </p>
        <CommandButton id="incident.explain" label="In the chart" />
      </div>
      {part?.error != null && <Notice tone="warn">It could not be explained: {visibleText(part.error.detail)}</Notice>}
      {part?.isDone === true && part.error === null && state.rows.length === 0 && (
        <p className="text-text-3">Nothing stands out: the same patterns as in normal times.</p>
      )}
      <ol className="flex flex-col">
        {state.rows.slice(0, SHOWN).map((keyed) => (
          <ClusterLine key={keyed.key} keyed={keyed} />
        ))}
      </ol>
      {state.rows.length > SHOWN && (
        <p className="text-xs text-text-3">{plural(state.rows.length - SHOWN, 'more pattern')} in the chart.</p>
      )}
    </div>
  );
}

const BADGES = { new: 'NEW', gone: 'GONE', missing: 'FEWER', surging: 'MORE', steady: null } as const;

function ClusterLine({ keyed: { agentId, row } }: { readonly keyed: KeyedRow }) {
  const console = useConsole();
  const badge = BADGES[row.status];
  const [template] = row.templates;
  const open = () => {
    if (template === undefined) return;
    console.patchView({ template: { agentId, templateId: template.template_id } });
    console.go('templates');
  };
  return (
    <li>
      <button
        className="flex min-h-8 w-full min-w-0 items-center gap-3 border-b border-line-1 py-1 text-left hover:bg-hover focus-visible:-outline-offset-2"
        title={visibleText(row.name)}
        type="button"
        onClick={open}
      >
        <span className="w-12 shrink-0 text-2xs font-semibold text-accent">{badge}</span>
        <span className="min-w-0 flex-1">
          <span className="block truncate font-mono text-xs">{visibleText(row.name)}</span>
          <span className="block truncate text-2xs text-text-3">
            {row.services.map(({ service }) => visibleText(service)).join(', ')}
          </span>
        </span>
        <span className="shrink-0 text-right text-xs whitespace-nowrap">
          {exactly(row.count)}
          <span className="text-text-3"> of {exactly(Math.round(row.expected))} expected</span>
        </span>
      </button>
    </li>
  );
}

function spanOf({ incident }: DeskRow, nowMs: number): Span {
  const fromMs = incident.first_mover.at_ms;
  const endMs = incident.quiet_since_ms ?? incident.resolved_at_ms ?? nowMs;
  const toMs = Math.min(fromMs + MAX_SPAN_MS, Math.max(fromMs + MIN_SPAN_MS, endMs));
  return { fromMs: Math.floor(fromMs / 1000) * 1000, toMs: Math.ceil(toMs / 1000) * 1000 };
}
