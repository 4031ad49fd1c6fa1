/**
 * What the renderer may ask for: the whole contract between the console's screen and whatever holds the connections.
 * Two implementations: Electron (preload → main) and the browser (web/). The renderer never sees a socket or a token.
 */
import type {
  AlertSummary,
  Anomaly,
  BatchAnswer,
  ChannelTest,
  ChannelView,
  ExplainRequest,
  HealthMap,
  HeartbeatAnswer,
  Hook,
  HookBody,
  HookPreview,
  HookRun,
  Incident,
  IncidentAction,
  IncidentDetail,
  IngestAnswer,
  IngestKey,
  LadderAnswer,
  LineFilter,
  MaintenanceWindow,
  Me,
  RoutingExplanation,
  Rule,
  RuleBody,
  RuleDryRun,
  RuleImportAnswer,
  DrawnSignal,
  Silence,
  SilenceCreate,
  Source,
  SourcePatch,
  Template,
  TemplateDetail,
  TemplateList,
  TemplatePatch,
  TemplateQuery,
  TimelineList,
} from '@sentinellog/shared';
import type { DesktopFacts, DesktopSettings, ExtraWindow, NotificationTrial, WindowKind } from './desktop.ts';
import type { BridgeEvent, ConnectionState } from './events.ts';
import type { Existing, HookOrder, HookRequest, RoutingQuestion, ShownWindow } from './policy-calls.ts';
import type { NewIngestKey } from './setup-calls.ts';

export interface SavedAgent {
  readonly agentId: string;
  readonly name: string;
  /** Short cluster code, 1-6 characters, shown on every row. */
  readonly code: string;
  readonly url: string;
  /** Index into the six cluster line colours. */
  readonly colour: number;
  readonly connection: ConnectionState;
  /** False when the access token is forgotten as soon as the console closes, for want of a key store. Absent: kept. */
  readonly tokenKept?: boolean;
}

export interface NewAgent {
  readonly url: string;
  readonly token: string;
}

/** A call never throws across the bridge: it says what failed and what to do. */
export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: CallError };
export interface CallError {
  readonly code: string;
  readonly detail: string;
  readonly retryable: boolean;
  /** Of a 409 about an incident: its true state, which the page shows instead of what it had hoped for. */
  readonly conflict?: CallConflict;
}

export interface CallConflict {
  readonly current: Incident;
  readonly changedBy: string | null;
}

export interface HeartbeatRange {
  readonly agentId: string;
  /** Ids; empty stands for every source of the agent. */
  readonly sources: readonly string[];
  readonly signal: DrawnSignal;
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepSeconds: number;
}

export interface AnomalyRange {
  readonly agentId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface OneIncidentAction {
  readonly agentId: string;
  readonly incidentId: string;
  /** The version that the person saw. */
  readonly version: number;
  /** Idempotency key: a retry carries the same one and counts once. */
  readonly key: string;
  readonly action: IncidentAction;
}

export interface BatchOfIncidents {
  readonly agentId: string;
  readonly key: string;
  readonly action: IncidentAction;
  readonly items: readonly { readonly id: string; readonly version: number }[];
}

export interface TimelineRange {
  readonly agentId: string;
  /** null stands for every incident. */
  readonly incidentId: string | null;
  readonly cursor: string | null;
  readonly limit: number;
}

export interface OneExplanation {
  readonly agentId: string;
  /** Names it in the events and when it is stopped. */
  readonly explanationId: string;
  readonly request: ExplainRequest;
}

export interface TemplateHistoryRange {
  readonly agentId: string;
  readonly templateId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepSeconds: number;
}

/** Which live lines the page wants from an agent. */
export interface LineWish {
  readonly filter: LineFilter;
  /** Lines a second at most; the agent sends a sample where more match. */
  readonly rate: number;
}

/** One entry a call: name → [argument, result]. Adding one here makes the compiler ask for it in every process. */
export interface Calls {
  listAgents: [void, readonly SavedAgent[]];
  addAgent: [NewAgent, Answer<SavedAgent>];
  removeAgent: [{ agentId: string }, Answer<null>];
  retryAgent: [{ agentId: string }, Answer<null>];
  heartbeats: [HeartbeatRange, Answer<HeartbeatAnswer>];
  /** The newest 1,000 anomalies of a range; the stream itself only brings those of the last hour and open ones. */
  anomalies: [AnomalyRange, Answer<readonly Anomaly[]>];
  anomaly: [{ agentId: string; eventId: string }, Answer<Anomaly>];
  patchSource: [{ agentId: string; sourceId: string; patch: SourcePatch }, Answer<Source>];
  me: [{ agentId: string }, Answer<Me>];
  incident: [{ agentId: string; incidentId: string }, Answer<IncidentDetail>];
  actOnIncident: [OneIncidentAction, Answer<Incident>];
  /** The same action on many, each with the version seen and a result of its own. */
  actOnIncidents: [BatchOfIncidents, Answer<BatchAnswer>];
  timeline: [TimelineRange, Answer<TimelineList>];
  alertSummary: [{ agentId: string }, Answer<AlertSummary>];
  healthMap: [{ agentId: string }, Answer<HealthMap>];
  rules: [{ agentId: string }, Answer<readonly Rule[]>];
  saveRule: [{ agentId: string; existing: Existing | null; rule: RuleBody }, Answer<Rule>];
  removeRule: [{ agentId: string; existing: Existing }, Answer<null>];
  importRules: [{ agentId: string; document: string; mode: 'preview' | 'apply' }, Answer<RuleImportAnswer>];
  dryRunRule: [{ agentId: string; rule: RuleBody }, Answer<RuleDryRun>];
  silences: [{ agentId: string }, Answer<readonly Silence[]>];
  endSilence: [{ agentId: string; silenceId: string }, Answer<Silence>];
  windows: [{ agentId: string }, Answer<readonly ShownWindow[]>];
  saveWindow: [{ agentId: string; existing: Existing | null; window: MaintenanceWindow }, Answer<ShownWindow>];
  removeWindow: [{ agentId: string; existing: Existing }, Answer<null>];
  explainRouting: [{ agentId: string; question: RoutingQuestion }, Answer<RoutingExplanation>];
  hooks: [{ agentId: string }, Answer<readonly Hook[]>];
  saveHook: [{ agentId: string; existing: Existing | null; hook: HookBody }, Answer<Hook>];
  hookRuns: [{ agentId: string; hookId: string }, Answer<readonly HookRun[]>];
  previewHook: [{ agentId: string } & HookRequest, Answer<HookPreview>];
  /** The answer is the run's last state; those before come as `hookRun` events. */
  runHook: [{ agentId: string } & HookOrder, Answer<HookRun>];
  /** What a stretch of time is made of: `explanation` events while it runs, then this answer. */
  explain: [OneExplanation, Answer<null>];
  stopExplaining: [{ explanationId: string }, Answer<null>];
  templates: [{ agentId: string; query: TemplateQuery }, Answer<TemplateList>];
  template: [TemplateHistoryRange, Answer<TemplateDetail>];
  patchTemplate: [{ agentId: string; templateId: string; patch: TemplatePatch }, Answer<Template>];
  createSilence: [{ agentId: string; key: string; silence: SilenceCreate }, Answer<Silence>];
  /** What the source would have told at each σ over the last day, by the detector itself. */
  sensitivityLadder: [{ agentId: string; sourceId: string }, Answer<LadderAnswer>];
  /** The live lines of every agent in `agentIds`, as `lines` events; null ends them. */
  watchLines: [{ agentIds: readonly string[]; wish: LineWish | null }, Answer<null>];
  /** Which signal the live heartbeats carry; one subscription an agent. */
  watchSignal: [{ signal: DrawnSignal }, Answer<null>];
  signOut: [void, Answer<null>];
  makeKey: [{ agentId: string; name: string }, Answer<NewIngestKey>];
  keys: [{ agentId: string }, Answer<readonly IngestKey[]>];
  /** A line of the console's own, under an ingest key. */
  sendTestLine: [{ agentId: string; key: string }, Answer<IngestAnswer>];
  makeSlackChannel: [{ agentId: string; channelId: string; url: string }, Answer<ChannelView>];
  testChannel: [{ agentId: string; channelId: string }, Answer<ChannelTest>];
  /** null in a browser, which has none of it. */
  desktop: [void, DesktopFacts | null];
  setDesktop: [DesktopSettings, Answer<DesktopFacts>];
  /** A person's own code and line colour for a cluster; null code: what the agent calls itself. */
  labelAgent: [{ agentId: string; code: string | null; colour: number }, Answer<null>];
  tryNotification: [void, Answer<NotificationTrial>];
  openWindow: [ExtraWindow, Answer<null>];
}
export type CallName = keyof Calls;

export const CALL_NAMES = [
  'listAgents',
  'addAgent',
  'removeAgent',
  'retryAgent',
  'heartbeats',
  'anomalies',
  'anomaly',
  'patchSource',
  'me',
  'incident',
  'actOnIncident',
  'actOnIncidents',
  'timeline',
  'alertSummary',
  'healthMap',
  'rules',
  'saveRule',
  'removeRule',
  'importRules',
  'dryRunRule',
  'silences',
  'endSilence',
  'windows',
  'saveWindow',
  'removeWindow',
  'explainRouting',
  'hooks',
  'saveHook',
  'hookRuns',
  'previewHook',
  'runHook',
  'explain',
  'stopExplaining',
  'templates',
  'template',
  'patchTemplate',
  'createSilence',
  'sensitivityLadder',
  'watchLines',
  'watchSignal',
  'signOut',
  'makeKey',
  'keys',
  'sendTestLine',
  'makeSlackChannel',
  'testChannel',
  'desktop',
  'setDesktop',
  'labelAgent',
  'tryNotification',
  'openWindow',
] as const satisfies readonly CallName[];

export type ConsoleBridge = {
  readonly [Name in CallName]: (argument: Calls[Name][0]) => Promise<Calls[Name][1]>;
} & {
  /** `browser` cannot hold several agents or keep a token beyond its session; screens say so plainly. */
  readonly platform: 'electron' | 'browser';
  readonly version: string;
  /** What this page is shown in: a wallboard takes no actions, a pop-out shows one thing. */
  readonly window: WindowKind;
  /** Returns what stops the listening. */
  onEvent(listener: (event: BridgeEvent) => void): () => void;
};
