import { lazy, Suspense, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { EmptyWords } from '../../components/empty-words.tsx';
import { Notice } from '../../components/notice.tsx';
import { useTick } from '../../components/use-tick.ts';
import type { AgentView } from '../../stores/agents-state.ts';
import type { ShownWindow } from '../../../bridge/policy-calls.ts';
import { useConsole, useProtectedCode, useView } from '../../stores/use-console.ts';
import { useAnswers, usePolicyDesk, whyNot } from '../../stores/use-policy-desk.ts';
import { momentOf } from '../../words/clock.ts';
import { duration } from '../../words/duration.ts';
import { visibleText } from '../../words/visible-text.ts';
import { ConfirmBox } from './confirm-box.tsx';
import { DeskState } from './desk-state.tsx';

const WindowEditor = lazy(async () => ({ default: (await import('./window-editor.tsx')).WindowEditor }));

const EVERY_MS = 30_000;

interface WindowRow {
  readonly agentId: string;
  readonly agent: AgentView;
  readonly window: ShownWindow;
}

/** Planned work: what is kept but told to nobody, and when that is next. */
export function WindowsDesk() {
  const console = useConsole();
  const desk = usePolicyDesk();
  const answers = useAnswers(desk.windows, EVERY_MS);
  const [editing, setEditing] = useState<{ readonly agentId: string; readonly window: ShownWindow | null } | null>(
    null,
  );
  const [removing, setRemoving] = useState<WindowRow | null>(null);
  const protectedCode = useProtectedCode(removing?.agentId);
  const [failure, setFailure] = useState<string | null>(null);
  const clock = useView((view) => view.preferences.clock);
  const nowMs = useTick(console.now, 1000);
  const rows = answers.flatMap(({ agentId, agent, value }) =>
    (value ?? []).map((window) => ({ agentId, agent, window })),
  );
  const [first] = answers;
  const noNew = first === undefined ? 'no cluster is in scope' : whyNot(first.agent, 'policy.write');
  const remove = async ({ agentId, window }: WindowRow) => {
    setRemoving(null);
    const answer = await desk.removeWindow(agentId, window);
    setFailure(answer.ok ? null : answer.error.detail);
  };
  const add = () => first !== undefined && setEditing({ agentId: first.agentId, window: null });
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex items-center gap-2 border-b border-line-1 px-3 py-1.5">
        <Button disabledReason={noNew} size="small" onClick={add}>
          New window
        </Button>
        <span className="text-xs text-text-3">
          Anomalies are kept and marked; at the end a summary says what was hidden.
        </span>
      </div>
      {failure !== null && (
        <div className="p-2">
          <Notice tone="bad">Not done: {visibleText(failure)}</Notice>
        </div>
      )}
      <div className="min-h-0 flex-1 overflow-y-auto" role="region" aria-label="Maintenance windows" tabIndex={0}>
        <DeskState
          answers={answers}
          empty={
            <EmptyWords title="No planned work">
              A maintenance window keeps planned work from paging anybody.
            </EmptyWords>
          }
          what="The maintenance windows"
          onRetry={(agentId) => void desk.windows.ask(agentId)}
        >
          <table className="desk-table">
            <thead>
              <tr>
                <th scope="col">Window</th>
                <th scope="col">Covers</th>
                <th scope="col">The next three</th>
                <th scope="col">
                  <span className="sr-only">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={`${row.agentId} ${row.window.id}`}>
                  <td>
                    <span className="cluster-code mr-2">{row.agent.saved.code}</span>
                    <strong className="font-medium">{visibleText(row.window.name)}</strong>
                    {!row.window.enabled && <span className="text-text-3"> (off)</span>}
                    <span className="block text-xs text-text-3">{visibleText(row.window.reason)}</span>
                  </td>
                  <td className="text-xs">{coverWords(row.window)}</td>
                  <td className="text-xs">
                    {row.window.next.length === 0 && <span className="text-text-3">it is over</span>}
                    {row.window.next.map(({ starts_at_ms: from, ends_at_ms: to }) => (
                      <span className="block whitespace-nowrap" key={from}>
                        {from <= nowMs ? (
                          <strong className="text-ok">now, for {duration(to - nowMs)} more</strong>
                        ) : (
                          `${momentOf(from, clock, nowMs)}, ${duration(to - from)}`
                        )}
                      </span>
                    ))}
                  </td>
                  <td>
                    <span className="flex justify-end gap-1.5">
                      <Button size="small" onClick={() => setEditing(row)}>
                        Edit
                      </Button>
                      <Button
                        disabledReason={whyNot(row.agent, 'policy.write')}
                        look="quiet"
                        size="small"
                        onClick={() => setRemoving(row)}
                      >
                        Remove
                      </Button>
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </DeskState>
      </div>
      {editing !== null && (
        <Suspense>
          <WindowEditor {...editing} agents={answers.map(({ agent }) => agent)} onClose={() => setEditing(null)} />
        </Suspense>
      )}
      {removing !== null && (
        <ConfirmBox
          code={protectedCode}
          label="Remove"
          onClose={() => setRemoving(null)}
          onConfirm={() => void remove(removing)}
        >
          <p>
            Remove the window <strong>{visibleText(removing.window.name)}</strong> from{' '}
            <span className="cluster-code">{removing.agent.saved.code}</span>? What it covers pages again at once.
          </p>
        </ConfirmBox>
      )}
    </div>
  );
}

function coverWords({ services, sources, tags }: ShownWindow): string {
  const parts = [...services, ...sources.map((id) => `source ${id}`), ...tags.map((tag) => `#${tag}`)];
  return parts.length === 0 ? 'everything' : parts.map(visibleText).join(', ');
}
