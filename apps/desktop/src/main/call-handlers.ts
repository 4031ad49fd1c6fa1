import { actCall, batchCall, incidentCall, meCall, summaryCall, timelineCall } from '../bridge/incident-calls.ts';
import {
  endSilenceCall,
  ladderCall,
  patchTemplateCall,
  silenceCall,
  templateCall,
  templatesCall,
} from '../bridge/template-calls.ts';
import type { AgentFleet } from './connections/agent-fleet.ts';
import type { CallHandlers } from './typed-ipc.ts';

/**
 * What each call of the page does.
 *
 * @param onListed a page has asked which agents there are: the first thing that it does
 */
export function createCallHandlers(fleet: AgentFleet, onListed: () => void): CallHandlers {
  return {
    listAgents: async () => {
      onListed();
      return fleet.list();
    },
    addAgent: (agent) => fleet.add(agent, 'saved'),
    removeAgent: ({ agentId }) => fleet.remove(agentId),
    retryAgent: async ({ agentId }) => fleet.retry(agentId),
    heartbeats: (range) => fleet.heartbeats(range),
    anomalies: (range) => fleet.anomalies(range),
    anomaly: ({ agentId, eventId }) => fleet.anomaly(agentId, eventId),
    patchSource: ({ agentId, sourceId, patch }) => fleet.patchSource(agentId, sourceId, patch),
    me: ({ agentId }) => fleet.call(agentId, meCall()),
    incident: ({ agentId, incidentId }) => fleet.call(agentId, incidentCall(incidentId)),
    actOnIncident: ({ agentId, ...action }) => fleet.call(agentId, actCall(action, 'console')),
    actOnIncidents: ({ agentId, ...batch }) => fleet.call(agentId, batchCall(batch, 'console')),
    timeline: ({ agentId, ...range }) => fleet.call(agentId, timelineCall(range)),
    alertSummary: ({ agentId }) => fleet.call(agentId, summaryCall()),
    explain: (wanted) => fleet.explain(wanted),
    stopExplaining: async ({ explanationId }) => fleet.stopExplaining(explanationId),
    templates: ({ agentId, query }) => fleet.call(agentId, templatesCall(query)),
    template: ({ agentId, ...range }) => fleet.call(agentId, templateCall(range)),
    patchTemplate: ({ agentId, templateId, patch }) => fleet.call(agentId, patchTemplateCall(templateId, patch)),
    createSilence: ({ agentId, key, silence }) => fleet.call(agentId, silenceCall(silence, key)),
    endSilence: ({ agentId, silenceId }) => fleet.call(agentId, endSilenceCall(silenceId)),
    sensitivityLadder: ({ agentId, sourceId }) => fleet.call(agentId, ladderCall(sourceId)),
    watchLines: async ({ agentIds, wish }) => fleet.watchLines(agentIds, wish),
    watchSignal: async ({ signal }) => fleet.watch(signal),
    signOut: () => fleet.signOut(),
  } satisfies CallHandlers;
}
