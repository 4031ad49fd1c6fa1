import '../../styles/desks.css';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { Button } from '../../components/button.tsx';
import { EmptyWords } from '../../components/empty-words.tsx';
import { placeKey } from '../../stores/policy-desk.ts';
import { useConsole } from '../../stores/use-console.ts';
import { useAnswers, usePolicyDesk } from '../../stores/use-policy-desk.ts';
import { plural } from '../../words/quantity.ts';
import { DeskState } from '../rules/desk-state.tsx';
import { CommandButton } from '../shell/command-button.tsx';
import { ViewTitle } from '../shell/view-title.tsx';
import { HookCard, type HookRow } from './hook-card.tsx';
import { RunLogPanel } from './run-log-panel.tsx';

const HookEditor = lazy(async () => ({ default: (await import('./hook-editor.tsx')).HookEditor }));
const RunBox = lazy(async () => ({ default: (await import('./run-box.tsx')).RunBox }));

const EVERY_MS = 15_000;

/** What a person may set going, what it does to whom, and how it ended last. Nothing here runs by itself. */
export function AutomationView() {
  const console = useConsole();
  const desk = usePolicyDesk();
  const answers = useAnswers(desk.hooks, EVERY_MS);
  const place = useStore(desk.places, (places) => places.hook);
  const [running, setRunning] = useState<HookRow | null>(null);
  const [editing, setEditing] = useState<HookRow | 'new' | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const rows: readonly HookRow[] = answers.flatMap(({ agentId, agent, value }) =>
    (value ?? []).map((hook) => ({ key: placeKey(agentId, hook.hook_id), agentId, agent, hook })),
  );
  const at = Math.max(
    0,
    rows.findIndex(({ key }) => key === place),
  );
  const row = rows[at];
  const move = (step: number) => {
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
    if (next === undefined) return;
    desk.places.setState({ hook: next.key });
    list.current?.querySelectorAll<HTMLElement>(':scope > li')[rows.indexOf(next)]?.focus();
  };
  // With every render: what a key does depends on what is chosen.
  useEffect(() =>
    console.attachKeys({
      'automation.next': () => move(1),
      'automation.previous': () => move(-1),
      'automation.run': () => {
        if (row?.hook.enabled === true) setRunning(row);
      },
      'automation.new': () => setEditing('new'),
      'automation.edit': () => setEditing(row ?? null),
    }),
  );
  return (
    <div className="flex h-full gap-3 p-3 @max-[1223px]:gap-2">
      <section className="flex min-w-0 flex-1 flex-col rounded-lg border border-line-1 bg-bg-1">
        <header className="flex h-11 shrink-0 items-center gap-3 border-b border-line-1 px-3">
          <ViewTitle className="text-base font-semibold">Automation</ViewTitle>
          <p className="min-w-0 flex-1 truncate text-xs text-text-3">
            {plural(rows.length, 'hook')} · a person runs them, from an incident; nothing runs by itself
          </p>
          <CommandButton id="automation.new" label="New" />
        </header>
        <div className="min-h-0 flex-1 overflow-y-auto">
          <DeskState
            answers={answers}
            empty={
              <EmptyWords title="No hooks yet">
                <p className="pb-3">
                  A hook is a webhook of yours: restart a service, add a pod, retry a job. It is off until you switch it
                  on, and a person runs it.
                </p>
                <Button look="primary" onClick={() => setEditing('new')}>
                  Make a hook
                </Button>
              </EmptyWords>
            }
            what="The hooks"
            onRetry={(agentId) => void desk.hooks.ask(agentId)}
          >
            <ul
              aria-label="Hooks"
              className="grid grid-cols-[repeat(auto-fill,minmax(300px,1fr))] gap-3 p-3"
              ref={list}
            >
              {rows.map((one) => (
                <HookCard
                  chosen={one.key === row?.key}
                  key={one.key}
                  row={one}
                  onChoose={() => desk.places.setState({ hook: one.key })}
                  onEdit={() => setEditing(one)}
                  onRun={() => setRunning(one)}
                />
              ))}
            </ul>
          </DeskState>
        </div>
      </section>
      <RunLogPanel key={`${row?.key} ${row?.hook.last_run?.run_id}`} row={row ?? null} />
      {editing !== null && (
        <Suspense>
          <HookEditor
            agents={answers.map(({ agent }) => agent)}
            row={editing === 'new' ? null : editing}
            onClose={() => setEditing(null)}
            onSaved={(key) => desk.places.setState({ hook: key })}
          />
        </Suspense>
      )}
      {running !== null && (
        <Suspense>
          <RunBox agent={running.agent} hook={running.hook} incidentId={null} onClose={() => setRunning(null)} />
        </Suspense>
      )}
    </div>
  );
}
