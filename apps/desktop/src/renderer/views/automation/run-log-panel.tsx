import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { HookRun } from '@sentinellog/shared';
import { LogText } from '../../components/log-text.tsx';
import { Panel } from '../../components/panel.tsx';
import { useConsole, useIncidents, useView } from '../../stores/use-console.ts';
import { usePolicyDesk } from '../../stores/use-policy-desk.ts';
import { momentOf, secondOf } from '../../words/clock.ts';
import { RUN_WORDS } from '../../words/rule-words.ts';
import { visibleText } from '../../words/visible-text.ts';
import type { HookRow } from './hook-card.tsx';

const TONES: Readonly<Record<HookRun['state'], string>> = {
  queued: 'text-text-3',
  running: 'text-accent',
  succeeded: 'text-ok',
  failed: 'text-lv-error',
};

/** The run that was just started, state by state; below it the runs of the chosen hook, asked for once a mount. */
export function RunLogPanel({ row }: { readonly row: HookRow | null }) {
  const console = useConsole();
  const incidents = useIncidents();
  const desk = usePolicyDesk();
  const log = useStore(desk.run, (run) => run.log);
  const clock = useView((view) => view.preferences.clock);
  const [runs, setRuns] = useState<{ readonly of: string; readonly list: readonly HookRun[] | string } | null>(null);
  const agentId = row?.agentId ?? '';
  const hookId = row?.hook.hook_id ?? '';
  useEffect(() => {
    if (hookId === '') return undefined;
    let gone = false;
    const ask = async () => {
      const answer = await console.bridge.hookRuns({ agentId, hookId });
      if (!gone) setRuns({ of: hookId, list: answer.ok ? answer.value : answer.error.detail });
    };
    void ask();
    return () => {
      gone = true;
    };
  }, [console, agentId, hookId]);
  const nowMs = console.now();
  const list = runs?.of === hookId ? runs.list : [];
  return (
    <Panel
      className="w-[400px] shrink-0 @max-[1223px]:w-[340px] @max-[820px]:hidden"
      fact={row === null ? '' : visibleText(row.hook.name)}
      title="Runs"
    >
      <div className="min-h-0 flex-1 overflow-y-auto p-3" role="region" aria-label="Runs" tabIndex={0}>
        {log !== null && (
          <ol
            aria-label="The run that was started"
            aria-live="polite"
            className="mb-3 rounded-md border border-line-1 bg-bg-0 p-2 font-mono text-xs leading-5"
          >
            {log.states.length === 0 && log.error === null && <li className="text-text-3">asking the agent …</li>}
            {log.states.map((state) => (
              <li key={state.state}>
                <span className="text-text-3">{secondOf(state.at_ms + (state.took_ms ?? 0), clock)}</span>{' '}
                <span className={TONES[state.state]}>{RUN_WORDS[state.state].toLowerCase()}</span>
                {state.status_code !== null && ` · HTTP ${state.status_code}`}
                {state.took_ms !== null && ` · ${state.took_ms} ms`}
                {state.answer !== '' && (
                  <span className="block break-words text-text-2">
                    <LogText text={state.answer} />
                  </span>
                )}
              </li>
            ))}
            {log.error !== null && <li className="text-lv-error">not run: {visibleText(log.error)}</li>}
          </ol>
        )}
        {typeof list === 'string' ? (
          <p className="text-xs text-p2">The runs could not be had: {visibleText(list)}</p>
        ) : list.length === 0 ? (
          <p className="text-xs text-text-3">{row === null ? 'No hook is chosen.' : 'It has never run.'}</p>
        ) : (
          <ol className="flex flex-col text-sm">
            {list.map((run) => (
              <li className="border-b border-line-1 py-1.5 last:border-0" key={run.run_id}>
                <span className={TONES[run.state]}>{RUN_WORDS[run.state]}</span>{' '}
                <span className="text-xs text-text-3">
                  {momentOf(run.at_ms, clock, nowMs)}, by {visibleText(run.by)}
                  {run.status_code !== null && `, HTTP ${run.status_code}`}
                </span>
                <button
                  className="ml-2 min-h-6 text-xs text-accent underline underline-offset-2"
                  type="button"
                  onClick={() => incidents.open({ agentId, incidentId: run.incident_id })}
                >
                  its incident
                </button>
                {run.answer !== '' && (
                  <p className="font-mono text-xs break-words text-text-2">
                    <LogText text={run.answer} />
                  </p>
                )}
              </li>
            ))}
          </ol>
        )}
      </div>
    </Panel>
  );
}
