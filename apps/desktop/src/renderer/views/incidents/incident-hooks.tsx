import { lazy, Suspense, useState } from 'react';
import { useStore } from 'zustand';
import type { Hook } from '@sentinellog/shared';
import { Button } from '../../components/button.tsx';
import type { DeskRow } from '../../stores/desk-state.ts';
import { useConsole } from '../../stores/use-console.ts';
import { useAnswers, usePolicyDesk, whyNot } from '../../stores/use-policy-desk.ts';
import { ago } from '../../words/duration.ts';
import { EFFECT_WORDS, RUN_WORDS } from '../../words/rule-words.ts';
import { visibleText } from '../../words/visible-text.ts';
import { isFor } from '../automation/hook-fit.ts';

const RunBox = lazy(async () => ({ default: (await import('../automation/run-box.tsx')).RunBox }));

const EVERY_MS = 15_000;

/** What could be set going for this incident, each by preview and confirmation; and how the last run went. */
export function IncidentHooks({ row }: { readonly row: DeskRow }) {
  const console = useConsole();
  const desk = usePolicyDesk();
  const answer = useAnswers(desk.hooks, EVERY_MS).find(({ agentId }) => agentId === row.agentId);
  const log = useStore(desk.run, (run) => run.log);
  const [running, setRunning] = useState<Hook | null>(null);
  const { incident } = row;
  const hooks = (answer?.value ?? []).filter((hook) => incident.services.some((service) => isFor(hook, service)));
  const last = log?.states.at(-1);
  if (answer === undefined || answer.value === null) {
    return (
      <p className="text-sm text-text-3">
        {answer?.error == null ? 'Asking for the hooks …' : `The hooks could not be had: ${answer.error.detail}`}
      </p>
    );
  }
  return (
    <div className="flex flex-col gap-3">
      {hooks.length === 0 && (
        <p className="text-sm text-text-3">
          No automation hook is for {incident.services.map(visibleText).join(', ')}.
        </p>
      )}
      <ul>
        {hooks.map((hook) => (
          <li className="flex items-center gap-3 border-b border-line-1 py-2 last:border-0" key={hook.hook_id}>
            <span className="min-w-0 flex-1">
              <span className="block truncate text-sm">{visibleText(hook.name)}</span>
              <span className="block text-xs text-text-3">
                {EFFECT_WORDS[hook.effect]} ·{' '}
                {hook.last_run === null
                  ? 'never run'
                  : `${RUN_WORDS[hook.last_run.state].toLowerCase()} ${ago(console.now() - hook.last_run.at_ms)}`}
              </span>
            </span>
            <Button
              disabledReason={hook.enabled ? whyNot(answer.agent, 'alert.write') : 'it is switched off'}
              size="small"
              onClick={() => setRunning(hook)}
            >
              Run …
            </Button>
          </li>
        ))}
      </ul>
      {log !== null && (
        <p className="text-sm" role="status">
          {log.error === null
            ? `${visibleText(last?.hook_name ?? 'The hook')}: ${last === undefined ? 'asking the agent …' : RUN_WORDS[last.state].toLowerCase()}${last?.status_code == null ? '' : `, HTTP ${last.status_code}`}`
            : `Not run: ${visibleText(log.error)}`}
        </p>
      )}
      {running !== null && (
        <Suspense>
          <RunBox
            agent={answer.agent}
            hook={running}
            incidentId={incident.incident_id}
            onClose={() => setRunning(null)}
          />
        </Suspense>
      )}
    </div>
  );
}
