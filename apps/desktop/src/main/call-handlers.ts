import type { AgentFleet } from './connections/agent-fleet.ts';
import type { CallHandlers } from './typed-ipc.ts';

/** What each call of the page does. */
export function createCallHandlers(fleet: AgentFleet, later: (run: () => void) => void): CallHandlers {
  return {
    listAgents: async () => {
      // A page asks this first and listens already; what the agents said before it came follows the answer.
      later(() => fleet.replay());
      return fleet.list();
    },
    addAgent: (agent) => fleet.add(agent, 'saved'),
    removeAgent: ({ agentId }) => fleet.remove(agentId),
    retryAgent: async ({ agentId }) => fleet.retry(agentId),
    heartbeats: (range) => fleet.heartbeats(range),
    anomaly: ({ agentId, eventId }) => fleet.anomaly(agentId, eventId),
    patchSource: ({ agentId, sourceId, patch }) => fleet.patchSource(agentId, sourceId, patch),
    watchSignal: async ({ signal }) => fleet.watch(signal),
    signOut: () => fleet.signOut(),
  } satisfies CallHandlers;
}
