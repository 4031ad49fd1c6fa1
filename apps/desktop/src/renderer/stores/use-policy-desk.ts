import { useEffect } from 'react';
import { useStore } from 'zustand';
import type { Scope } from '@sentinellog/shared';
import type { AgentView } from './agents-state.ts';
import type { AgentQuestion, Answered } from './agent-question.ts';
import { policyDeskOf, type PolicyDesk } from './policy-desk.ts';
import { agentsInScope } from './scope.ts';
import { useAgents, useConsole, useView } from './use-console.ts';

export function usePolicyDesk(): PolicyDesk {
  return policyDeskOf(useConsole());
}

export interface AgentAnswer<T> extends Answered<T> {
  readonly agentId: string;
  readonly agent: AgentView;
}

/** What the agents in scope say, asked for again every `everyMs` while the page is looked at. */
export function useAnswers<T>(question: AgentQuestion<T>, everyMs: number): readonly AgentAnswer<T>[] {
  const agents = useAgents();
  const agentIds = useView((view) => view.agentIds);
  const answers = useStore(question.answers);
  const scoped = agentsInScope(agents, { agentIds });
  const open = scoped
    .filter(({ saved }) => saved.connection.type === 'open')
    .map(({ saved }) => saved.agentId)
    .join(' ');
  useEffect(() => {
    const ask = () => {
      if (document.visibilityState === 'hidden') return;
      for (const agentId of open.split(' ').filter((id) => id !== '')) void question.ask(agentId);
    };
    ask();
    const timer = setInterval(ask, everyMs);
    return () => clearInterval(timer);
  }, [question, open, everyMs]);
  return scoped.map((agent) => {
    const { agentId } = agent.saved;
    return { agentId, agent, ...(answers.get(agentId) ?? { value: null, asOfMs: null, error: null }) };
  });
}

/** Why an agent would not take a change now, in words; null when it would. */
export function whyNot({ saved }: AgentView, scope: Scope): string | null {
  const { connection, code } = saved;
  if (connection.type !== 'open') return `${code} is not connected`;
  return connection.scopes.includes(scope) ? null : `needs ${scope} on ${code}`;
}
