import type {
  Anomaly,
  HeartbeatAnswer,
  Incident,
  IncidentDetail,
  Me,
  Rejection,
  DrawnSignal,
  Source,
} from '@sentinellog/shared';
import type { Answer, Calls, ConsoleBridge, HeartbeatRange, NewAgent, SavedAgent } from '../../bridge/calls.ts';
import {
  DEFAULT_DESKTOP_SETTINGS,
  type DesktopSettings,
  type ExtraWindow,
  type WindowKind,
} from '../../bridge/desktop.ts';
import type { BridgeEvent, ConnectionState } from '../../bridge/events.ts';
import type { NewIngestKey } from '../../bridge/setup-calls.ts';
import { FakeAgent, type FakeAgentSetting } from './fake-agent.ts';
import type { FakeIncidentServer } from './fake-incident-server.ts';
import { fakeIncident } from './fake-incidents.ts';
import { fakeLadder } from './fake-ladder.ts';
import { fakeTemplateDetail } from './fake-patterns.ts';
import type { FakePolicies } from './fake-policies.ts';
import { fakeStory, type FakeStory } from './fake-traffic.ts';

export interface FakeBridgeOptions {
  readonly now: () => number;
  readonly agents?: readonly FakeAgentSetting[];
  readonly platform?: 'electron' | 'browser';
  readonly window?: WindowKind;
  /** How long an agent takes over each part of an explanation; at once when absent. */
  readonly wait?: (ms: number) => Promise<void>;
}

const PROD_EU: FakeAgentSetting = { agentId: 'agent-eu', name: 'prod-eu', code: 'EU' };
/** What a viewer may do. */
export const VIEWER_SCOPES = ['read', 'alert.read', 'policy.read'] as const;
const OPEN_SCOPES = ['read', 'alert.read', 'alert.write', 'policy.read', 'policy.write', 'admin'] as const;

/** A bridge without processes or sockets: agents that send made-up traffic whenever `tick` is called. */
export class FakeBridge implements ConsoleBridge {
  readonly platform: 'electron' | 'browser';
  readonly version = '0.1.0';
  readonly window: WindowKind;
  /** Of the desktop app; a test changes it like a person does, by `setDesktop`. */
  desktopSettings: DesktopSettings = DEFAULT_DESKTOP_SETTINGS;
  /** What was asked of the bridge and has no visible answer. */
  readonly windowsOpened: ExtraWindow[] = [];
  readonly story: FakeStory;
  readonly #now: () => number;
  readonly #agents = new Map<string, FakeAgent>();
  readonly #listeners = new Set<(event: BridgeEvent) => void>();
  readonly #rejections: Rejection[] = [];
  readonly #keys: NewIngestKey[] = [];
  readonly #wait: (ms: number) => Promise<void>;
  readonly #stopped = new Set<string>();
  #signal: DrawnSignal = 'volume';
  /** Lines a second that match; above the wish's rate they come as a sample. */
  linesPerSecond = 60;
  /** The next explanations fail with this. */
  explainFailure: Answer<never> | null = null;

  constructor({
    now,
    agents = [PROD_EU],
    platform = 'electron',
    window = 'main',
    wait = async () => undefined,
  }: FakeBridgeOptions) {
    this.#now = now;
    this.#wait = wait;
    this.platform = platform;
    this.window = window;
    this.story = fakeStory(Math.floor(now() / 1000));
    for (const setting of agents) this.#add(setting);
  }

  // What a test or the gallery makes happen

  /** Sends what every connected agent would say now: hello and snapshot at first, then beats and health. */
  connect(): void {
    for (const agent of this.#agents.values()) {
      this.#setConnection(agent, { type: 'open', sinceMs: this.#now(), role: 'admin', scopes: OPEN_SCOPES, skewMs: 0 });
      agent.greet();
    }
  }

  tick(): void {
    for (const agent of this.#agents.values()) {
      agent.tick(this.#signal, this.linesPerSecond, this.#rejections.length);
    }
  }

  say(event: BridgeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  reject(rejection: Rejection, agentId = 'agent-eu'): void {
    this.#rejections.push(rejection);
    this.say({ type: 'rejection', agentId, rejection });
  }

  /** The agent stays connected but nothing more is counted. */
  mute(agentId: string): void {
    const agent = this.#agents.get(agentId);
    if (agent !== undefined) agent.silent = true;
  }

  /** The incidents of an agent, to change them as a detector or another person would. */
  desk(agentId = 'agent-eu'): FakeIncidentServer {
    const agent = this.#agents.get(agentId);
    if (agent === undefined) throw new Error(`there is no fake agent ${agentId}`);
    return agent.desk;
  }

  /** The rules, silences and hooks of an agent, and how it answers for them. */
  policies(agentId = 'agent-eu'): FakePolicies {
    const agent = this.#agents.get(agentId);
    if (agent === undefined) throw new Error(`there is no fake agent ${agentId}`);
    return agent.policies;
  }

  /** New incidents, all at once. */
  storm(count: number, agentId = 'agent-eu'): void {
    const desk = this.desk(agentId);
    const known = desk.incidents.size;
    for (let i = known; i < known + count; i++) {
      const incident = fakeIncident(
        { services: ['search-service'], z: 9.1, agoSeconds: i * 100, what: 'error lines' },
        i,
        this.#now(),
        () => undefined,
      );
      desk.put(incident);
      this.say({ type: 'incident', agentId, incident });
    }
  }

  setConnection(agentId: string, connection: ConnectionState): void {
    const agent = this.#agents.get(agentId);
    if (agent !== undefined) this.#setConnection(agent, connection);
  }

  // The contract

  onEvent(listener: (event: BridgeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async listAgents(): Promise<readonly SavedAgent[]> {
    return [...this.#agents.values()].map(({ saved }) => saved);
  }

  async addAgent({ url, token }: NewAgent): Promise<Answer<SavedAgent>> {
    if (token !== 'slt_right') {
      return {
        ok: false,
        error: {
          code: 'unauthenticated',
          detail: 'The agent does not accept this token. Create one with: sentinellog tokens create',
          retryable: false,
        },
      };
    }
    const agent = this.#add({ agentId: `agent-${this.#agents.size + 1}`, name: new URL(url).hostname, code: 'NEW' });
    this.connect();
    return { ok: true, value: agent.saved };
  }

  async removeAgent({ agentId }: { agentId: string }): Promise<Answer<null>> {
    this.#agents.delete(agentId);
    return { ok: true, value: null };
  }

  async retryAgent(): Promise<Answer<null>> {
    this.connect();
    return { ok: true, value: null };
  }

  async heartbeats(range: HeartbeatRange): Promise<Answer<HeartbeatAnswer>> {
    const agent = this.#agents.get(range.agentId);
    if (agent === undefined)
      return { ok: false, error: { code: 'not_found', detail: 'no such agent', retryable: false } };
    return { ok: true, value: agent.heartbeats(range) };
  }

  async anomalies({ agentId }: { agentId: string }): Promise<Answer<readonly Anomaly[]>> {
    const agent = this.#agents.get(agentId);
    return { ok: true, value: agent === undefined ? [] : agent.anomalies() };
  }

  async anomaly({ eventId }: { eventId: string }): Promise<Answer<Anomaly>> {
    const found = [...this.#agents.values()].flatMap((agent) => agent.anomalies());
    const anomaly = found.find(({ event_id }) => event_id === eventId);
    if (anomaly !== undefined) return { ok: true, value: anomaly };
    return { ok: false, error: { code: 'not_found', detail: 'there is no anomaly with this id', retryable: false } };
  }

  async patchSource({ agentId, sourceId, patch }: Calls['patchSource'][0]): Promise<Answer<Source>> {
    const entry = this.#agents.get(agentId)?.sources.get(sourceId);
    if (entry === undefined)
      return { ok: false, error: { code: 'not_found', detail: 'no such source', retryable: false } };
    entry.source = {
      ...entry.source,
      ...(patch.sensitivity === undefined ? {} : { sensitivity: patch.sensitivity }),
      ...(patch.retention_days === undefined ? {} : { retention_days: patch.retention_days }),
      ...(patch.time_zone === undefined ? {} : { time_zone: patch.time_zone }),
      ...(patch.tags === undefined ? {} : { tags: patch.tags }),
    };
    return { ok: true, value: entry.source };
  }

  async me(): Promise<Answer<Me>> {
    return { ok: true, value: { name: 'mia', role: 'admin', scopes: [...OPEN_SCOPES] } };
  }

  async incident({ agentId, incidentId }: Calls['incident'][0]): Promise<Answer<IncidentDetail>> {
    const agent = this.#agents.get(agentId);
    const incident = agent?.desk.incidents.get(incidentId);
    if (agent === undefined || incident === undefined) return NO_INCIDENT;
    const anomalies = agent.anomalies();
    return {
      ok: true,
      value: {
        incident,
        anomalies: anomalies.filter(({ source_id }) => incident.alerts.some((alert) => alert.source_id === source_id)),
        timeline: agent.timeline().filter((entry) => entry.incident_id === incidentId),
        correlated: anomalies
          .flatMap((anomaly) =>
            anomaly.raw_data_sample.map((line) => ({
              ...line,
              source_id: anomaly.source_id,
              service: anomaly.service,
              because: 'time' as const,
            })),
          )
          .slice(0, 20),
        runbooks: [],
        analyses: [],
        similar: [
          {
            incident_id: 'gone',
            key: 'INC-20251218142233',
            title: 'payment-service: connection pool exhausted after deploy 4.18',
            started_at_ms: incident.started_at_ms - 14 * 86_400_000,
            resolution: 'fixed',
            ending: 'Rolled back to 4.17; pool size raised to 80',
          },
        ],
      },
    };
  }

  async actOnIncident({ agentId, ...action }: Calls['actOnIncident'][0]): Promise<Answer<Incident>> {
    return this.#agents.get(agentId)?.desk.act(action) ?? NO_INCIDENT;
  }

  async actOnIncidents({ agentId, ...batch }: Calls['actOnIncidents'][0]): Promise<Calls['actOnIncidents'][1]> {
    const agent = this.#agents.get(agentId);
    return agent === undefined ? NO_INCIDENT : { ok: true, value: agent.desk.batch(batch) };
  }

  async timeline({ agentId, incidentId }: Calls['timeline'][0]): Promise<Calls['timeline'][1]> {
    const agent = this.#agents.get(agentId);
    if (agent === undefined) return NO_INCIDENT;
    const entries = agent
      .timeline()
      .filter((entry) => incidentId === null || entry.incident_id === incidentId)
      .toSorted((a, b) => b.at_ms - a.at_ms);
    return { ok: true, value: { entries, next_cursor: null } };
  }

  async alertSummary(): Promise<Calls['alertSummary'][1]> {
    return {
      ok: true,
      value: {
        by_severity: { P1: 1, P2: 2, P3: 2, P4: 1 },
        by_service: [],
        oldest_unacked_ms: this.#now() - 640_000,
        mtta_ms: 92_000,
      },
    };
  }

  async healthMap({ agentId }: Calls['healthMap'][0]): Promise<Calls['healthMap'][1]> {
    return this.policies(agentId).map();
  }

  async rules({ agentId }: Calls['rules'][0]): Promise<Calls['rules'][1]> {
    return this.policies(agentId).rules();
  }

  async silences({ agentId }: Calls['silences'][0]): Promise<Calls['silences'][1]> {
    return this.policies(agentId).silences();
  }

  async windows({ agentId }: Calls['windows'][0]): Promise<Calls['windows'][1]> {
    return this.policies(agentId).windows();
  }

  async hooks({ agentId }: Calls['hooks'][0]): Promise<Calls['hooks'][1]> {
    return this.policies(agentId).hooks();
  }

  async saveRule({ agentId, ...request }: Calls['saveRule'][0]): Promise<Calls['saveRule'][1]> {
    return this.policies(agentId).saveRule(request);
  }

  async removeRule({ agentId, ...request }: Calls['removeRule'][0]): Promise<Calls['removeRule'][1]> {
    return this.policies(agentId).removeRule(request);
  }

  async importRules({ agentId, ...request }: Calls['importRules'][0]): Promise<Calls['importRules'][1]> {
    return this.policies(agentId).importRules(request);
  }

  async saveWindow({ agentId, ...request }: Calls['saveWindow'][0]): Promise<Calls['saveWindow'][1]> {
    return this.policies(agentId).saveWindow(request);
  }

  async removeWindow({ agentId, ...request }: Calls['removeWindow'][0]): Promise<Calls['removeWindow'][1]> {
    return this.policies(agentId).removeWindow(request);
  }

  async explainRouting({ agentId, ...request }: Calls['explainRouting'][0]): Promise<Calls['explainRouting'][1]> {
    return this.policies(agentId).explainRouting(request);
  }

  async saveHook({ agentId, ...request }: Calls['saveHook'][0]): Promise<Calls['saveHook'][1]> {
    return this.policies(agentId).saveHook(request);
  }

  async previewHook({ agentId, ...request }: Calls['previewHook'][0]): Promise<Calls['previewHook'][1]> {
    return this.policies(agentId).previewHook(request);
  }

  async runHook({ agentId, ...request }: Calls['runHook'][0]): Promise<Calls['runHook'][1]> {
    return this.policies(agentId).runHook(request);
  }

  async dryRunRule({ agentId, rule }: Calls['dryRunRule'][0]): Promise<Calls['dryRunRule'][1]> {
    return this.policies(agentId).dryRunRule(rule);
  }

  async endSilence({ agentId, silenceId }: Calls['endSilence'][0]): Promise<Calls['endSilence'][1]> {
    return this.policies(agentId).endSilence(silenceId);
  }

  async hookRuns({ agentId, hookId }: Calls['hookRuns'][0]): Promise<Calls['hookRuns'][1]> {
    return this.policies(agentId).hookRuns(hookId);
  }

  async explain({ agentId, explanationId, request }: Calls['explain'][0]): Promise<Answer<null>> {
    const agent = this.#agents.get(agentId);
    if (agent === undefined) return NO_INCIDENT;
    if (this.explainFailure !== null) return this.explainFailure;
    await this.#wait(60);
    for (const message of agent.explanation(request)) {
      if (message.type === 'progress') await this.#wait(350);
      if (this.#stopped.has(explanationId)) return STOPPED;
      this.say({ type: 'explanation', agentId, explanationId, message });
    }
    return { ok: true, value: null };
  }

  async stopExplaining({ explanationId }: Calls['stopExplaining'][0]): Promise<Answer<null>> {
    this.#stopped.add(explanationId);
    return { ok: true, value: null };
  }

  async templates({ agentId, query }: Calls['templates'][0]): Promise<Calls['templates'][1]> {
    const words = query.text?.toLowerCase().split(/\s+/) ?? [];
    const found = [...(this.#agents.get(agentId)?.templates.values() ?? [])]
      .filter(({ text, name }) => words.every((word) => `${text} ${name ?? ''}`.toLowerCase().includes(word)))
      .toSorted((a, b) => {
        if (query.order === 'newest') return b.first_seen_ms - a.first_seen_ms;
        return query.order === 'rarest' ? a.count - b.count : b.count - a.count;
      });
    return { ok: true, value: { templates: found.slice(0, query.limit), total: found.length } };
  }

  async template({ agentId, templateId, ...range }: Calls['template'][0]): Promise<Calls['template'][1]> {
    const template = this.#agents.get(agentId)?.templates.get(templateId);
    return template === undefined ? NO_TEMPLATE : { ok: true, value: fakeTemplateDetail(template, range) };
  }

  async patchTemplate({ agentId, templateId, patch }: Calls['patchTemplate'][0]): Promise<Calls['patchTemplate'][1]> {
    const templates = this.#agents.get(agentId)?.templates;
    const template = templates?.get(templateId);
    if (templates === undefined || template === undefined) return NO_TEMPLATE;
    const changed = {
      ...template,
      name: patch.name === undefined ? template.name : patch.name,
      pinned: patch.pinned ?? template.pinned,
    };
    templates.set(templateId, changed);
    return { ok: true, value: changed };
  }

  async createSilence({ agentId, silence }: Calls['createSilence'][0]): Promise<Calls['createSilence'][1]> {
    return this.policies(agentId).createSilence(silence);
  }

  async sensitivityLadder({ sourceId }: Calls['sensitivityLadder'][0]): Promise<Calls['sensitivityLadder'][1]> {
    await this.#wait(700);
    return { ok: true, value: fakeLadder(sourceId, this.#now()) };
  }

  async watchLines({ agentIds, wish }: Calls['watchLines'][0]): Promise<Answer<null>> {
    for (const agent of this.#agents.values()) {
      agent.watchLines(agentIds.includes(agent.setting.agentId) ? wish : null);
    }
    return { ok: true, value: null };
  }

  async watchSignal({ signal }: { signal: DrawnSignal }): Promise<Answer<null>> {
    this.#signal = signal;
    return { ok: true, value: null };
  }

  async signOut(): Promise<Answer<null>> {
    this.#agents.clear();
    return { ok: true, value: null };
  }

  async makeKey({ name }: Calls['makeKey'][0]): Promise<Calls['makeKey'][1]> {
    const key: NewIngestKey = {
      key_id: '01996f2a-77aa-7000-8000-000000000001',
      name,
      tenant: 'default',
      service: null,
      created_at_ms: this.#now(),
      last_used_ms: null,
      revoked_at_ms: null,
      events_per_second: null,
      bytes_per_day: null,
      key: 'slk_7QpJ3m1vX9cT5bW2rN8dKfHs4LyZ6gAe',
    };
    this.#keys.push(key);
    return { ok: true, value: key };
  }

  async keys(): Promise<Calls['keys'][1]> {
    return { ok: true, value: this.#keys.map(({ key: _secret, ...known }) => known) };
  }

  async sendTestLine(): Promise<Calls['sendTestLine'][1]> {
    this.#keys.splice(0, this.#keys.length, ...this.#keys.map((key) => ({ ...key, last_used_ms: this.#now() })));
    return { ok: true, value: { accepted: 1, rejected: 0, batch_id: 'b1' } };
  }

  async makeSlackChannel({ channelId }: Calls['makeSlackChannel'][0]): Promise<Calls['makeSlackChannel'][1]> {
    return {
      ok: true,
      value: {
        channel_id: channelId,
        name: 'Slack',
        enabled: true,
        failover: null,
        settings: { kind: 'slack_webhook' },
        secrets: ['url'],
        origin: 'api',
        version: 1,
        status: { state: 'ok', detail: '', pending: 0, oldest_pending_seconds: 0, last_sent_ms: null },
      },
    };
  }

  async testChannel(): Promise<Calls['testChannel'][1]> {
    return { ok: true, value: { ok: true, detail: 'Slack answered 200', message_id: 'test' } };
  }

  async desktop(): Promise<Calls['desktop'][1]> {
    if (this.platform === 'browser') return null;
    return {
      settings: this.desktopSettings,
      notificationsSupported: true,
      loginItemSupported: true,
      keyStoreProblem: null,
      update: { type: 'current', detail: 'This is the newest version.' },
    };
  }

  async setDesktop(settings: DesktopSettings): Promise<Calls['setDesktop'][1]> {
    this.desktopSettings = settings;
    const facts = await this.desktop();
    if (facts === null) throw new Error('a browser has no desktop settings');
    return { ok: true, value: facts };
  }

  async labelAgent({ agentId, code, colour }: Calls['labelAgent'][0]): Promise<Answer<null>> {
    const agent = this.#agents.get(agentId);
    if (agent !== undefined) agent.saved = { ...agent.saved, code: code ?? agent.setting.code, colour };
    this.say({ type: 'agents', agents: [...this.#agents.keys()] });
    return { ok: true, value: null };
  }

  async tryNotification(): Promise<Calls['tryNotification'][1]> {
    return { ok: true, value: { shown: true, detail: 'The system has shown it.' } };
  }

  async openWindow(wanted: ExtraWindow): Promise<Answer<null>> {
    this.windowsOpened.push(wanted);
    return { ok: true, value: null };
  }

  #add(setting: FakeAgentSetting): FakeAgent {
    const agent = new FakeAgent(setting, this.#agents.size, {
      now: this.#now,
      story: this.story,
      say: (event) => this.say(event),
    });
    this.#agents.set(setting.agentId, agent);
    return agent;
  }

  #setConnection(agent: FakeAgent, connection: ConnectionState): void {
    agent.saved = { ...agent.saved, connection };
    this.say({ type: 'connection', agentId: agent.setting.agentId, connection });
  }
}

const NO_INCIDENT: Answer<never> = {
  ok: false,
  error: { code: 'not_found', detail: 'there is no incident with this id', retryable: false },
};

const NO_TEMPLATE: Answer<never> = {
  ok: false,
  error: { code: 'not_found', detail: 'there is no template with this id', retryable: false },
};
const STOPPED: Answer<never> = {
  ok: false,
  error: { code: 'stopped', detail: 'The question was taken back', retryable: false },
};
