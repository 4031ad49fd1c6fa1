import type { ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { EmptyWords } from '../../components/empty-words.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { placeKey } from '../../stores/policy-desk.ts';
import { useConsole, useView } from '../../stores/use-console.ts';
import { useAnswers, usePolicyDesk, whyNot } from '../../stores/use-policy-desk.ts';
import { ago } from '../../words/duration.ts';
import { RUN_WORDS } from '../../words/rule-words.ts';
import { visibleText } from '../../words/visible-text.ts';
import { CavePanel } from './cave-panel.tsx';

const EVERY_MS = 30_000;

interface HooksPanelProps {
  readonly behind: boolean;
  readonly swap: ReactNode;
}

/** What could be set going; the press leads to the preview, never straight to the run. */
export function HooksPanel({ behind, swap }: HooksPanelProps) {
  const console = useConsole();
  const desk = usePolicyDesk();
  const answers = useAnswers(desk.hooks, EVERY_MS);
  const wallboard = useView((view) => view.wallboard);
  const rows = answers.flatMap(({ agentId, agent, value }) => (value ?? []).map((hook) => ({ agentId, agent, hook })));
  const failed = answers.filter(({ error }) => error !== null);
  const asked = answers.some(({ value, error }) => value !== null || error !== null);
  const fact = failed.map(({ agent }) => `${agent.saved.code} did not answer`).join(' · ');
  const nowMs = console.now();
  return (
    <CavePanel
      behind={behind}
      fact={fact}
      place="hooks"
      swap={swap}
      title="Automation hooks"
      onOpen={() => console.go('automation')}
    >
      {!asked ? (
        <SkeletonRows count={4} label="Asking for the hooks …" />
      ) : rows.length === 0 ? (
        <EmptyWords title={failed.length > 0 ? 'The hooks are not known' : 'No hooks yet'}>
          {failed.length > 0 ? (
            visibleText(failed[0]?.error?.detail ?? '')
          ) : (
            <>
              <p className="pb-3">A webhook of yours that a person may run from an incident.</p>
              {!wallboard && (
                <Button size="small" onClick={() => console.go('automation')}>
                  Make one
                </Button>
              )}
            </>
          )}
        </EmptyWords>
      ) : (
        <ul aria-label="Hooks" className="min-h-0 flex-1 overflow-y-auto" tabIndex={0}>
          {rows.map(({ agentId, agent, hook }) => (
            <li
              className="flex h-[34px] items-center gap-2.5 border-b border-line-1/60 px-2.5"
              key={placeKey(agentId, hook.hook_id)}
            >
              <span className="min-w-0 flex-1">
                <span className="block truncate text-sm leading-4">{visibleText(hook.name)}</span>
                <span className="block truncate text-2xs leading-3.5 text-text-3">
                  {hook.last_run === null
                    ? 'never run'
                    : `${RUN_WORDS[hook.last_run.state].toLowerCase()} ${ago(nowMs - hook.last_run.at_ms)}`}
                  {answers.length > 1 && ` · ${agent.saved.code}`}
                </span>
              </span>
              {!wallboard && (
                <Button
                  disabledReason={hook.enabled ? whyNot(agent, 'alert.write') : 'it is switched off'}
                  size="small"
                  onClick={() => {
                    desk.places.setState({ hook: placeKey(agentId, hook.hook_id) });
                    console.go('automation');
                  }}
                >
                  Run …
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </CavePanel>
  );
}
