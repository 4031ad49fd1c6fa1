import type { SavedAgent } from '../../bridge/calls.ts';
import { listed, type AgentView } from '../stores/agents-state.ts';

/** An agent as the bridge lists it; override what the test is about. */
export function aSavedAgent(overrides: Partial<SavedAgent> = {}): SavedAgent {
  return {
    agentId: 'agent-eu',
    name: 'prod-eu',
    code: 'EU',
    url: 'https://eu.example:8400',
    colour: 0,
    connection: { type: 'connecting' },
    ...overrides,
  };
}

/** The same as the console knows it before it has said anything. */
export function anAgentView(overrides: Partial<SavedAgent> = {}): AgentView {
  const saved = aSavedAgent(overrides);
  return listed(new Map(), [saved]).get(saved.agentId)!;
}
