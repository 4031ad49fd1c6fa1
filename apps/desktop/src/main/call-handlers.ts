import { actCall, batchCall, incidentCall, meCall, summaryCall, timelineCall } from '../bridge/incident-calls.ts';
import {
  dryRunRuleCall,
  endSilenceCall,
  explainRoutingCall,
  healthMapCall,
  hookRunsCall,
  hooksCall,
  importRulesCall,
  previewHookCall,
  removeRuleCall,
  removeWindowCall,
  rulesCall,
  saveHookCall,
  saveRuleCall,
  saveWindowCall,
  silencesCall,
  windowsCall,
} from '../bridge/policy-calls.ts';
import type { DesktopFacts, DesktopSettings, ExtraWindow, NotificationTrial } from '../bridge/desktop.ts';
import { keysCall, makeKeyCall, makeSlackCall, testChannelCall, testLineCall } from '../bridge/setup-calls.ts';
import { ladderCall, patchTemplateCall, silenceCall, templateCall, templatesCall } from '../bridge/template-calls.ts';
import type { AgentFleet } from './connections/agent-fleet.ts';
import { failed } from './connections/call-failure.ts';
import type { CallHandlers } from './typed-ipc.ts';

/** What the page may ask of the desktop itself. */
interface DesktopDesk {
  readonly facts: () => DesktopFacts;
  readonly set: (settings: DesktopSettings) => DesktopFacts;
  readonly tryNotification: () => Promise<NotificationTrial>;
  /** Why not; null when it is open. */
  readonly openWindow: (wanted: ExtraWindow) => string | null;
}

/**
 * What each call of the page does.
 *
 * @param onListed a page has asked which agents there are: the first thing that it does
 */
export function createCallHandlers(
  fleet: AgentFleet,
  { facts, set, tryNotification, openWindow }: DesktopDesk,
  now: () => number,
  onListed: () => void,
): CallHandlers {
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
    healthMap: ({ agentId }) => fleet.call(agentId, healthMapCall()),
    rules: ({ agentId }) => fleet.call(agentId, rulesCall()),
    saveRule: ({ agentId, existing, rule }) => fleet.call(agentId, saveRuleCall(existing, rule)),
    removeRule: ({ agentId, existing }) => fleet.call(agentId, removeRuleCall(existing)),
    importRules: ({ agentId, document, mode }) => fleet.call(agentId, importRulesCall(document, mode)),
    dryRunRule: ({ agentId, rule }) => fleet.call(agentId, dryRunRuleCall(rule)),
    silences: ({ agentId }) => fleet.call(agentId, silencesCall()),
    endSilence: ({ agentId, silenceId }) => fleet.call(agentId, endSilenceCall(silenceId)),
    windows: ({ agentId }) => fleet.call(agentId, windowsCall()),
    saveWindow: ({ agentId, existing, window }) => fleet.call(agentId, saveWindowCall(existing, window)),
    removeWindow: ({ agentId, existing }) => fleet.call(agentId, removeWindowCall(existing)),
    explainRouting: ({ agentId, question }) => fleet.call(agentId, explainRoutingCall(question)),
    hooks: ({ agentId }) => fleet.call(agentId, hooksCall()),
    saveHook: ({ agentId, existing, hook }) => fleet.call(agentId, saveHookCall(existing, hook)),
    hookRuns: ({ agentId, hookId }) => fleet.call(agentId, hookRunsCall(hookId)),
    previewHook: ({ agentId, ...request }) => fleet.call(agentId, previewHookCall(request)),
    runHook: ({ agentId, ...order }) => fleet.runHook(agentId, order),
    explain: (wanted) => fleet.explain(wanted),
    stopExplaining: async ({ explanationId }) => fleet.stopExplaining(explanationId),
    templates: ({ agentId, query }) => fleet.call(agentId, templatesCall(query)),
    template: ({ agentId, ...range }) => fleet.call(agentId, templateCall(range)),
    patchTemplate: ({ agentId, templateId, patch }) => fleet.call(agentId, patchTemplateCall(templateId, patch)),
    createSilence: ({ agentId, key, silence }) => fleet.call(agentId, silenceCall(silence, key)),
    sensitivityLadder: ({ agentId, sourceId }) => fleet.call(agentId, ladderCall(sourceId)),
    watchLines: async ({ agentIds, wish }) => fleet.watchLines(agentIds, wish),
    watchSignal: async ({ signal }) => fleet.watch(signal),
    signOut: () => fleet.signOut(),
    makeKey: ({ agentId, name }) => fleet.call(agentId, makeKeyCall(name)),
    keys: async ({ agentId }) => {
      const answer = await fleet.call(agentId, keysCall());
      return answer.ok ? { ok: true, value: answer.value.keys } : answer;
    },
    sendTestLine: ({ agentId, key }) => fleet.call(agentId, testLineCall(key, now())),
    makeSlackChannel: ({ agentId, channelId, url }) => fleet.call(agentId, makeSlackCall(channelId, url)),
    testChannel: ({ agentId, channelId }) => fleet.call(agentId, testChannelCall(channelId)),
    desktop: async () => facts(),
    setDesktop: async (settings) => ({ ok: true, value: set(settings) }),
    labelAgent: ({ agentId, code, colour }) => fleet.label(agentId, code, colour),
    tryNotification: async () => ({ ok: true, value: await tryNotification() }),
    openWindow: async (wanted) => {
      const problem = openWindow(wanted);
      return problem === null ? { ok: true, value: null } : failed('too_many_windows', problem);
    },
  } satisfies CallHandlers;
}
