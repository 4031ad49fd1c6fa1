import { Panel } from '../../components/panel.tsx';
import { useTick } from '../../components/use-tick.ts';
import type { AgentView, ShownRejection } from '../../stores/agents-state.ts';
import { useConsole } from '../../stores/use-console.ts';
import { ago } from '../../words/duration.ts';
import { exactly, plural } from '../../words/quantity.ts';
import { rejectionAdvice } from '../../words/rejection-advice.ts';
import { visibleText } from '../../words/visible-text.ts';

/** Lines of one batch that are named; the rest is in its count. */
const SHOWN_ERRORS = 3;
const MAX_ROWS = 100;

/** What agents turned away, as it happens: why, from whom, which line, and what to change. */
export function RejectionsPanel({ agents }: { readonly agents: readonly AgentView[] }) {
  const console = useConsole();
  const nowMs = useTick(console.now, 1000);
  const rows = agents
    .flatMap((agent) => agent.rejections.map((shown) => ({ agent, shown })))
    .toSorted((a, b) => b.shown.rejection.at_ms - a.shown.rejection.at_ms);
  const seen = agents.reduce((sum, agent) => sum + agent.rejectionsSeen, 0);
  return (
    <Panel
      className="min-h-40"
      fact={seen === 0 ? 'listening' : `${exactly(seen)} since this console connected`}
      title="Rejected"
    >
      {rows.length === 0 ? (
        <p className="p-3 text-sm text-text-2">
          <span className="text-ok">✓</span> Nothing was turned away. A wrong key or a broken line shows here at once.
        </p>
      ) : (
        <ul aria-label="Rejected batches" className="min-h-0 flex-1 divide-y divide-line-1 overflow-y-auto">
          {rows.slice(0, MAX_ROWS).map(({ agent, shown }) => (
            <RejectionRow
              code={agents.length > 1 ? agent.saved.code : null}
              key={`${agent.saved.agentId} ${shown.number}`}
              nowMs={nowMs}
              shown={shown}
            />
          ))}
        </ul>
      )}
    </Panel>
  );
}

interface RejectionRowProps {
  readonly shown: ShownRejection;
  /** The cluster, where there are several. */
  readonly code: string | null;
  readonly nowMs: number;
}

function RejectionRow({ shown, code, nowMs }: RejectionRowProps) {
  const { rejection } = shown;
  const from = [
    visibleText(rejection.remote),
    rejection.key_id === null ? 'no key' : `key ${visibleText(rejection.key_id.slice(0, 8))}…`,
    visibleText(rejection.protocol),
    ...(code === null ? [] : [code]),
  ];
  const codes = new Set([rejection.code, ...rejection.errors.map((error) => error.code)]);
  return (
    <li className="flex flex-col gap-1 px-3 py-2.5 text-sm" data-rejection={rejection.code}>
      <div className="flex items-baseline gap-2">
        <code className="rounded-sm bg-bg-3 px-1.5 font-mono text-xs text-lv-error">{visibleText(rejection.code)}</code>
        <span className="text-text-1">
          {rejection.events === 0 ? 'whole request' : plural(rejection.events, 'event')}
        </span>
        <span className="min-w-0 flex-1 truncate text-xs text-text-3">{from.join(' · ')}</span>
        <time className="text-xs whitespace-nowrap text-text-3">{ago(nowMs - rejection.at_ms)}</time>
      </div>
      <p className="break-words text-text-2">{visibleText(rejection.detail)}</p>
      {rejection.errors.length > 0 && (
        <ul className="flex flex-col gap-0.5 border-l-2 border-line-1 pl-2.5 text-xs text-text-2">
          {rejection.errors.slice(0, SHOWN_ERRORS).map((error) => (
            <li className="break-words" key={`${error.line} ${error.code}`}>
              <span className="text-text-3">line {exactly(error.line)}</span>{' '}
              <code className="font-mono text-lv-error">{visibleText(error.code)}</code> {visibleText(error.detail)}
            </li>
          ))}
          {rejection.errors.length > SHOWN_ERRORS && (
            <li className="text-text-3">and {plural(rejection.errors.length - SHOWN_ERRORS, 'more line')}</li>
          )}
        </ul>
      )}
      {[...codes].slice(0, 2).map((one) => (
        <p className="text-xs text-ok" key={one}>
          → {rejectionAdvice(one)}
        </p>
      ))}
    </li>
  );
}
