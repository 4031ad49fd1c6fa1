import {
  type AgentHealth,
  type Anomaly,
  type Beat,
  type HeartbeatAnswer,
  type Incident,
  type IncidentDetail,
  type Me,
  type Rejection,
  SENSITIVITY_SIGMA,
  severityOf,
  type DrawnSignal,
  type Source,
  type SourcePatch,
  type Template,
  type TimelineEntry,
} from '@sentinellog/shared';
import { anAnomaly, aSource } from '@sentinellog/shared/testing';
import type {
  Answer,
  Calls,
  ConsoleBridge,
  HeartbeatRange,
  LineWish,
  NewAgent,
  SavedAgent,
} from '../../bridge/calls.ts';
import { DEFAULT_DESKTOP_SETTINGS, type DesktopSettings, type ExtraWindow } from '../../bridge/desktop.ts';
import type { BridgeEvent, ConnectionState } from '../../bridge/events.ts';
import type { NewIngestKey } from '../../bridge/setup-calls.ts';
import {
  FAKE_PATTERNS,
  fakeExplanation,
  fakeLine,
  type FakePattern,
  fakeTemplate,
  fakeTemplateDetail,
} from './fake-patterns.ts';
import { FakeIncidentServer } from './fake-incident-server.ts';
import { FakePolicies } from './fake-policies.ts';
import { fakeIncident, fakeIncidents, fakeTimeline } from './fake-incidents.ts';
import {
  FAKE_SERVICES,
  fakeReading,
  type FakeReading,
  type FakeService,
  fakeStory,
  type FakeStory,
} from './fake-traffic.ts';

export interface FakeAgentSetting {
  readonly agentId: string;
  readonly name: string;
  readonly code: string;
  readonly services?: readonly FakeService[];
  /** How many incidents it starts with; 7 when absent. */
  readonly incidents?: number;
}

export interface FakeBridgeOptions {
  readonly now: () => number;
  readonly agents?: readonly FakeAgentSetting[];
  readonly platform?: 'electron' | 'browser';
  /** How long an agent takes over each part of an explanation; at once when absent. */
  readonly wait?: (ms: number) => Promise<void>;
}

const PROD_EU: FakeAgentSetting = { agentId: 'agent-eu', name: 'prod-eu', code: 'EU' };
/** What a viewer may do. */
export const VIEWER_SCOPES = ['read', 'alert.read', 'policy.read'] as const;
const OPEN_SCOPES = ['read', 'alert.read', 'alert.write', 'policy.read', 'policy.write', 'admin'] as const;

interface FakeAgent {
  readonly setting: FakeAgentSetting;
  readonly seed: number;
  saved: SavedAgent;
  sources: Map<string, { readonly service: FakeService; source: Source }>;
  readonly desk: FakeIncidentServer;
  readonly policies: FakePolicies;
  silent: boolean;
  lines: LineWish | null;
  linesUntilMs: number;
  readonly templates: Map<string, Template>;
  nextSecond: number;
}

/** A bridge without processes or sockets: agents that send made-up traffic whenever `tick` is called. */
export class FakeBridge implements ConsoleBridge {
  readonly platform: 'electron' | 'browser';
  readonly version = '0.1.0';
  readonly window = 'main';
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
  #lineNumber = 0;
  /** Lines a second that match; above the wish's rate they come as a sample. */
  linesPerSecond = 60;
  /** The next explanations fail with this. */
  explainFailure: Answer<never> | null = null;

  constructor({ now, agents = [PROD_EU], platform = 'electron', wait = async () => undefined }: FakeBridgeOptions) {
    this.#now = now;
    this.#wait = wait;
    this.platform = platform;
    this.story = fakeStory(Math.floor(now() / 1000));
    for (const setting of agents) this.#add(setting);
  }

  // What a test or the gallery makes happen

  /** Sends what every connected agent would say now: hello and snapshot at first, then beats and health. */
  connect(): void {
    for (const agent of this.#agents.values()) {
      this.#setConnection(agent, { type: 'open', sinceMs: this.#now(), role: 'admin', scopes: OPEN_SCOPES, skewMs: 0 });
      const { agentId, name, code } = agent.setting;
      this.say({
        type: 'hello',
        agentId,
        agent: {
          agent_id: agentId,
          name,
          code,
          version: '0.1.0',
          started_at_ms: this.#now() - 7_200_000,
        },
      });
      this.say({
        type: 'snapshot',
        agentId,
        sources: [...agent.sources.values()].map(({ source }) => source),
        anomalies: this.#anomaliesOf(agent),
        incidents: [...agent.desk.incidents.values()],
      });
    }
  }

  tick(): void {
    const nowMs = this.#now();
    const lastClosed = Math.floor(nowMs / 1000) - 1;
    for (const agent of this.#agents.values()) {
      if (agent.saved.connection.type !== 'open' || agent.silent) continue;
      const beats: Beat[] = [];
      for (; agent.nextSecond <= lastClosed; agent.nextSecond++) beats.push(...this.#beatsOf(agent, agent.nextSecond));
      const { agentId } = agent.setting;
      if (beats.length > 0) this.say({ type: 'heartbeat', agentId, signal: this.#signal, nowMs, beats });
      this.#sayLines(agent, nowMs);
      agent.desk.relay();
      this.say({ type: 'health', agentId, health: this.#healthOf(agent) });
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
    const sources = [...agent.sources.values()].map(({ source, service }) => ({
      source_id: source.source_id,
      service: source.service,
      columns: this.#columns(agent, service, source, range),
    }));
    return {
      ok: true,
      value: {
        signal: range.signal,
        step_seconds: range.stepSeconds,
        from_ms: range.fromMs,
        to_ms: range.toMs,
        columns: [[], [], [], [], []],
        total_events: 0,
        sources,
      },
    };
  }

  async anomalies({ agentId }: { agentId: string }): Promise<Answer<readonly Anomaly[]>> {
    const agent = this.#agents.get(agentId);
    return { ok: true, value: agent === undefined ? [] : this.#anomaliesOf(agent) };
  }

  async anomaly({ eventId }: { eventId: string }): Promise<Answer<Anomaly>> {
    const found = [...this.#agents.values()].flatMap((agent) => this.#anomaliesOf(agent));
    const anomaly = found.find(({ event_id }) => event_id === eventId);
    if (anomaly !== undefined) return { ok: true, value: anomaly };
    return { ok: false, error: { code: 'not_found', detail: 'there is no anomaly with this id', retryable: false } };
  }

  async patchSource({
    agentId,
    sourceId,
    patch,
  }: {
    agentId: string;
    sourceId: string;
    patch: SourcePatch;
  }): Promise<Answer<Source>> {
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
    const anomalies = this.#anomaliesOf(agent);
    return {
      ok: true,
      value: {
        incident,
        anomalies: anomalies.filter(({ source_id }) => incident.alerts.some((alert) => alert.source_id === source_id)),
        timeline: this.#timelineOf(agent).filter((entry) => entry.incident_id === incidentId),
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
    const entries = this.#timelineOf(agent)
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
    const fromMs = Number(request.from);
    const toMs = Number(request.to);
    const services = [...agent.sources.values()].filter(
      ({ source }) => request.sources === undefined || request.sources.includes(source.source_id),
    );
    let total = 0;
    let expected = 0;
    for (const { service } of services) {
      for (let second = fromMs / 1000; second < toMs / 1000; second++) {
        const made = fakeReading(this.story, service, second, agent.seed);
        total += made?.events ?? 0;
        expected += made?.mean ?? 0;
      }
    }
    const { spike } = this.story;
    const overlapMs = Math.min(toMs, (spike.from + spike.seconds) * 1000) - Math.max(fromMs, spike.from * 1000);
    const spikeShare = Math.max(0, overlapMs) / Math.max(1000, toMs - fromMs);
    const patterns = patternsOf(services.map(({ service }) => service.service));
    const range = { fromMs, toMs, total, expected: Math.round(expected), spikeShare };
    for (const message of fakeExplanation(patterns, range, request)) {
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
    const steps = [2, 2.5, 3, 3.5, 4, 5].map((sigma) => {
      const total = Math.round(40 / sigma ** 2);
      return {
        sigma,
        is_current: sigma === 3,
        anomalies: { P1: 1, P2: sigma > 3.5 ? 0 : 2, P3: sigma > 2.5 ? 0 : 4, P4: 0 },
        anomalies_total: total,
        incidents: total,
        pages: Math.round(total / 3),
        posts: total,
        mails: 0,
        alerts_a_week: total * 7,
        real_found: 1,
        minutes_to_detect: { median: 1, worst: 2 },
        noise: sigma < 3 ? 2 : 0,
      };
    });
    return {
      ok: true,
      value: {
        source_id: sourceId,
        from_ms: this.#now() - 86_400_000,
        to_ms: this.#now(),
        seconds: 86_400,
        warm_up: { from_ms: this.#now() - 2 * 86_400_000, saved_state: null },
        marked: { real: 1, noise: 2, unjudged: 0 },
        steps,
        fidelity: { fired: 4, replayed: 4, fired_reproduced: 1, replayed_fired: 1 },
        took_ms: 640,
      },
    };
  }

  async watchLines({ agentIds, wish }: Calls['watchLines'][0]): Promise<Answer<null>> {
    for (const agent of this.#agents.values()) {
      agent.lines = agentIds.includes(agent.setting.agentId) ? wish : null;
      agent.linesUntilMs = this.#now();
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

  // The made-up world

  #add(setting: FakeAgentSetting): FakeAgent {
    const number = this.#agents.size;
    const nowMs = this.#now();
    const sources = new Map(
      (setting.services ?? FAKE_SERVICES).map((service, i) => {
        const source = aSource({
          source_id: `01996f00-000${number}-7000-8000-00000000000${i}`,
          service: service.service,
          first_seen_ms: nowMs - service.learntHours * 3_600_000,
          last_seen_ms: nowMs,
          learning: service.learntHours < 24 ? 'learning' : 'ready',
          learnt_hours: service.learntHours,
        });
        return [source.source_id, { service, source }] as const;
      }),
    );
    const agent: FakeAgent = {
      setting,
      seed: number + 1,
      saved: {
        agentId: setting.agentId,
        name: setting.name,
        code: setting.code,
        url: `https://${setting.name}.example:8400`,
        colour: number % 6,
        connection: { type: 'connecting' },
      },
      sources,
      desk: new FakeIncidentServer(this.#now),
      policies: new FakePolicies({
        now: this.#now,
        code: setting.code,
        incidents: () => [...agent.desk.incidents.values()],
        services: () => [...sources].map(([sourceId, { service }]) => ({ sourceId, service })),
        say: (run) => this.say({ type: 'hookRun', agentId: setting.agentId, run }),
      }),
      silent: false,
      lines: null,
      linesUntilMs: nowMs,
      templates: new Map(),
      nextSecond: Math.floor(nowMs / 1000) - 1,
    };
    const sourceOf = (name: string) =>
      [...sources.values()].find(({ service }) => service.service === name)?.source.source_id;
    for (const pattern of patternsOf([...sources.values()].map(({ service }) => service.service))) {
      agent.templates.set(pattern.id, fakeTemplate(pattern, sourceOf(pattern.service) ?? '', nowMs));
    }
    agent.desk.put(...fakeIncidents(sources.size === 0 ? 0 : (setting.incidents ?? 7), nowMs, sourceOf));
    agent.desk.onChange = (incident) => this.say({ type: 'incident', agentId: setting.agentId, incident });
    this.#agents.set(setting.agentId, agent);
    return agent;
  }

  #sayLines(agent: FakeAgent, nowMs: number): void {
    const { lines: wish, sources } = agent;
    if (wish === null) return;
    const { filter, rate } = wish;
    const elapsedMs = nowMs - agent.linesUntilMs;
    agent.linesUntilMs = nowMs;
    const came = Math.round((this.linesPerSecond * elapsedMs) / 1000);
    const shown = Math.min(came, Math.ceil((rate * elapsedMs) / 1000));
    const sourceOf = (name: string) =>
      [...sources.values()].find(({ service }) => service.service === name)?.source.source_id;
    const lines = Array.from({ length: shown }, () => {
      const number = this.#lineNumber++;
      const pattern = FAKE_PATTERNS[(number * 7 + (number % 5)) % FAKE_PATTERNS.length]!;
      const sourceId = sourceOf(pattern.service);
      return sourceId === undefined ? [] : [fakeLine(pattern, sourceId, nowMs - (number % 200), number)];
    })
      .flat()
      .filter(
        (line) =>
          (filter.levels?.includes(line.level) ?? true) &&
          (filter.templates?.includes(line.template_id ?? '') ?? true) &&
          (filter.sources?.includes(line.source_id) ?? true) &&
          line.message.toLowerCase().includes((filter.text ?? '').toLowerCase()),
      );
    if (lines.length === 0) return;
    const sampled = Math.max(1, came / Math.max(1, shown));
    const matched = Math.round(lines.length * sampled);
    this.say({ type: 'lines', agentId: agent.setting.agentId, lines, matched, sampled });
  }

  #timelineOf(agent: FakeAgent): readonly TimelineEntry[] {
    return [...fakeTimeline([...agent.desk.incidents.values()]), ...agent.desk.timeline];
  }

  #setConnection(agent: FakeAgent, connection: ConnectionState): void {
    agent.saved = { ...agent.saved, connection };
    this.say({ type: 'connection', agentId: agent.setting.agentId, connection });
  }

  #beatsOf(agent: FakeAgent, second: number): Beat[] {
    return [...agent.sources.values()].map(({ service, source }) => ({
      source_id: source.source_id,
      t: second,
      ...this.#row(agent, service, source, second, this.#signal),
    }));
  }

  #row(agent: FakeAgent, service: FakeService, source: Source, second: number, signal: DrawnSignal) {
    const made = fakeReading(this.story, service, second, agent.seed);
    if (made === null) return { value: null, mean: null, lower: null, upper: null };
    const sigma = SENSITIVITY_SIGMA[source.sensitivity];
    const { value, mean, stddev } = inSignal(made, service, signal);
    return { value, mean, lower: Math.max(0, mean - sigma * stddev), upper: mean + sigma * stddev };
  }

  #columns(
    agent: FakeAgent,
    service: FakeService,
    source: Source,
    { fromMs, toMs, stepSeconds, signal }: HeartbeatRange,
  ) {
    const columns: HeartbeatAnswer['columns'] = [[], [], [], [], []];
    const scale = signal === 'volume' ? stepSeconds : 1;
    for (let second = fromMs / 1000; second < toMs / 1000; second += stepSeconds) {
      const row = this.#row(agent, service, source, second, signal);
      columns[0].push(second);
      columns[1].push(row.value === null ? null : row.value * scale);
      columns[2].push(row.mean === null ? null : row.mean * scale);
      columns[3].push(row.lower === null ? null : row.lower * scale);
      columns[4].push(row.upper === null ? null : row.upper * scale);
    }
    return columns;
  }

  #healthOf(agent: FakeAgent): AgentHealth {
    const perSecond = [...agent.sources.values()].reduce((sum, { service }) => sum + service.rate, 0);
    return {
      now_ms: this.#now(),
      state: 'ready',
      degraded: [],
      accepted_per_second: perSecond,
      rejected_per_second: this.#rejections.length > 0 ? 3 : 0,
      accepted_total: 8_421_993,
      rejected_total: this.#rejections.length,
      late_total: 12,
      clamped_total: 0,
      duplicate_batches_total: 1,
      sources: agent.sources.size,
      replay_pending_bytes: 0,
      journal_bytes: 812_000_000,
      checkpoint_age_seconds: 2,
      event_loop_lag_ms: 3,
      rss_bytes: 182_000_000,
    };
  }

  #anomaliesOf(agent: FakeAgent): readonly Anomaly[] {
    const { spike, drop } = this.story;
    const of = (name: string) => [...agent.sources.values()].find(({ service }) => service.service === name)?.source;
    const make = (name: string, second: number, z: number, overrides: Partial<Anomaly>): Anomaly[] => {
      const source = of(name);
      if (source === undefined) return [];
      const anomaly = anAnomaly({
        event_id: `01996f00-0000-7000-8000-${agent.setting.code}-${name}-${second}`,
        source_id: source.source_id,
        service: name,
        deviation_score: z,
        severity: severityOf(z),
        direction: z > 0 ? 'high' : 'low',
        started_at_ms: second * 1000,
        last_outside_ms: (second + 40) * 1000,
        detected_at_ms: second * 1000 + 1040,
        ...overrides,
      });
      return [{ ...anomaly, receipt: { ...anomaly.receipt, service: name, window_start: second, z } }];
    };
    return [
      ...make(spike.service, spike.from + 4, 14.2, {
        raw_data_sample: HOSTILE_SAMPLE.map((message, i) => ({
          at_ms: (spike.from + 4) * 1000 + i * 137,
          level: i === 2 ? 'warn' : 'error',
          message,
          trace_id: `4bf92f3577b34da6a3ce929d0e0e473${i}`,
        })),
      }),
      ...make('order-service', spike.from + 19, 4.1, {
        observed: 402,
        expected: 181,
        reason: '402 lines in 1 s where 181 are normal (4.1σ above)',
      }),
      ...make('api-gateway', spike.from + 31, 2.7, {
        state: 'recovered',
        ended_at_ms: (spike.from + 60) * 1000,
        observed: 790,
        expected: 624,
        reason: '790 lines in 1 s where 624 are normal (2.7σ above)',
      }),
      ...make(drop.service, drop.from + 2, -3.1, {
        state: 'recovered',
        ended_at_ms: (drop.from + 47) * 1000,
        observed: 76,
        expected: 312,
        reason: '76 lines in 1 s where 312 are normal (3.1σ below)',
        raw_data_sample: [],
      }),
    ];
  }
}

/** Real-looking lines, two of which try something. */
const HOSTILE_SAMPLE = [
  'connection pool exhausted: 50/50 in use, waited 30000 ms for a free one (jdbc:postgresql://db-eu-3/payments)',
  'charge failed for order 7c1f user=\u202Enimda\u202C card=**** 4242: PSQLException: timeout\r\n\u0007fake line',
  'retrying <img src=x onerror="alert(1)"> attempt=3 backoff=2s',
] as const;

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

function patternsOf(services: readonly string[]): readonly FakePattern[] {
  return FAKE_PATTERNS.filter(({ service }) => services.includes(service));
}

function inSignal(made: FakeReading, service: FakeService, signal: DrawnSignal) {
  if (signal === 'volume') return { value: made.events, mean: made.mean, stddev: made.stddev };
  const stddev = Math.sqrt((service.errorShare * (1 - service.errorShare)) / Math.max(1, made.events)) * 1.2;
  return { value: made.events === 0 ? 0 : made.errors / made.events, mean: service.errorShare, stddev };
}
