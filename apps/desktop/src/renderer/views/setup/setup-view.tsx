import { useEffect, useMemo, useRef } from 'react';
import { useStore } from 'zustand';
import { Notice } from '../../components/notice.tsx';
import type { AgentView } from '../../stores/agents-state.ts';
import type { Console } from '../../stores/console.ts';
import { agentsInScope } from '../../stores/scope.ts';
import { useAgents, useConsole, useView } from '../../stores/use-console.ts';
import { visibleText } from '../../words/visible-text.ts';
import { ViewTitle } from '../shell/view-title.tsx';
import { KeyStep } from './key-step.tsx';
import { LogsStep } from './logs-step.tsx';
import { SetupGuide, SETUP_STEPS, type SetupStep } from './setup-guide.ts';
import { SlackStep } from './slack-step.tsx';

/** One guide a console, for as long as the page lives: leaving the view loses nothing. */
const guides = new WeakMap<Console, SetupGuide>();

function guideOf(console: Console): SetupGuide {
  const known = guides.get(console);
  if (known !== undefined) return known;
  const guide = new SetupGuide({
    bridge: console.bridge,
    now: console.now,
    setTimer: (run, ms) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    isBusyThere: () => document.activeElement?.closest('[data-setup-busy]') != null,
  });
  guides.set(console, guide);
  return guide;
}

const NAMES: Readonly<Record<SetupStep, string>> = { key: 'Generate a key', logs: 'Pipe logs', slack: 'Tell Slack' };

/** From nothing to a watched service: key, logs, Slack. */
export function SetupView() {
  const agents = useAgents();
  const agentIds = useView((view) => view.agentIds);
  return (
    <div className="h-full overflow-y-auto p-6">
      <div className="mx-auto flex max-w-[760px] flex-col gap-4">
        <ViewTitle className="text-xl font-semibold">Set up in three steps</ViewTitle>
        <SetupSteps agents={agentsInScope(agents, { agentIds })} />
      </div>
    </div>
  );
}

/** The steps alone, for the first screen of an agent that nobody sends to yet. */
export function SetupSteps({ agents }: { readonly agents: readonly AgentView[] }) {
  const console = useConsole();
  const guide = useMemo(() => guideOf(console), [console]);
  const { step, agentId, failure, key } = useStore(guide.state);
  const body = useRef<HTMLDivElement>(null);
  const shownStep = useRef(step);
  const agent = agents.find(({ saved }) => saved.agentId === agentId) ?? agents[0];
  const wanted = agent?.saved.agentId;
  useEffect(() => {
    if (wanted !== undefined) guide.choose(wanted);
  }, [guide, wanted]);
  // What was pressed to get here is gone: the focus follows to the next step instead of falling out of the page.
  useEffect(() => {
    if (shownStep.current === step) return;
    shownStep.current = step;
    console.announce(`Step ${SETUP_STEPS.indexOf(step) + 1}: ${NAMES[step]}`);
    body.current?.querySelector('h2')?.focus();
  }, [console, step]);
  if (agent === undefined) return null;
  return (
    <div className="flex flex-col gap-4">
      <ol className="grid grid-cols-3 gap-2">
        {SETUP_STEPS.map((each, i) => (
          <li key={each}>
            <button
              aria-current={each === step ? 'step' : undefined}
              aria-disabled={each !== 'key' && key === null ? true : undefined}
              className="flex h-10 w-full items-center gap-2.5 rounded-lg border border-line-1 bg-bg-1 px-3 text-left text-sm text-text-2 aria-[current]:border-accent aria-[current]:bg-sel aria-[current]:text-text-1"
              title={each !== 'key' && key === null ? 'generate a key first' : undefined}
              type="button"
              onClick={() => {
                if (each === 'key' || key !== null) guide.go(each);
              }}
            >
              <span className="grid size-5 shrink-0 place-items-center rounded-full bg-bg-3 text-xs font-semibold">
                {SETUP_STEPS.indexOf(step) > i ? '✓' : i + 1}
              </span>
              <span className="truncate font-medium">{NAMES[each]}</span>
            </button>
          </li>
        ))}
      </ol>
      <div className="flex flex-col gap-4" ref={body}>
        {step === 'key' && <KeyStep agent={agent} agents={agents} guide={guide} />}
        {step === 'logs' && <LogsStep agent={agent} guide={guide} />}
        {step === 'slack' && <SlackStep agent={agent} guide={guide} />}
      </div>
      {failure !== null && (
        <div role="alert">
          <Notice tone="bad">{visibleText(failure)}</Notice>
        </div>
      )}
    </div>
  );
}
