import {
  type Anomaly,
  AnomalyDetailSchema,
  AnomalyListSchema,
  type HeartbeatAnswer,
  HeartbeatAnswerSchema,
  type Me,
  MeSchema,
  type Source,
  SourceSchema,
} from '@sentinellog/shared';
import { AgentConnection, type AgentConnectionOptions, type ConnectionEvent } from '../bridge/agent-connection.ts';
import type {
  AnomalyRange,
  Answer,
  Calls,
  ConsoleBridge,
  HeartbeatRange,
  NewAgent,
  SavedAgent,
} from '../bridge/calls.ts';
import type { BridgeEvent } from '../bridge/events.ts';
import { actCall, batchCall, incidentCall, meCall, summaryCall, timelineCall } from '../bridge/incident-calls.ts';
import { EXPLAIN_PATH, readExplanation } from '../bridge/explanation-stream.ts';
import { keysCall, makeKeyCall, makeSlackCall, testChannelCall, testLineCall } from '../bridge/setup-calls.ts';
import { AgentHttp, type Fetch } from './agent-http.ts';

/** Their schemas come with the first view that needs them: the first chart does not wait for rules or patterns. */
const policyCalls = () => import('../bridge/policy-calls.ts');
const templateCalls = () => import('../bridge/template-calls.ts');

/** A browser knows one agent: the one that served the page. */
const AGENT_ID = 'this-agent';
const MAX_ANOMALIES = 1000;
const NOT_IN_A_BROWSER: Answer<never> = {
  ok: false,
  error: { code: 'desktop_only', detail: 'Only the desktop app can do that.', retryable: false },
};

export interface BrowserBridgeOptions
  extends Pick<AgentConnectionOptions, 'openSocket' | 'now' | 'setTimer' | 'random'> {
  /** `https://host:port` of the page. */
  readonly origin: string;
  readonly fetch: Fetch;
  readonly version: string;
}

/**
 * The bridge without Electron: a session cookie that scripts cannot read instead of a token, one stream instead of
 * many. Signing in is "adding" the only agent there is; signing out removes it.
 */
export class BrowserBridge implements ConsoleBridge {
  readonly platform = 'browser';
  readonly version: string;
  readonly window = 'main';
  readonly #options: BrowserBridgeOptions;
  readonly #http: AgentHttp;
  readonly #listeners = new Set<(event: BridgeEvent) => void>();
  readonly #connection: AgentConnection;
  /** Explanations under way, by the page's own name for them. */
  readonly #explaining = new Map<string, AbortController>();
  #saved: SavedAgent | null = null;

  constructor(options: BrowserBridgeOptions) {
    this.#options = options;
    this.version = options.version;
    this.#http = new AgentHttp(options.fetch);
    this.#connection = new AgentConnection({
      ...options,
      url: `${options.origin.replace(/^http/, 'ws')}/v1/stream`,
      // The cookie of the upgrade request speaks for us.
      token: () => '',
      onEvent: (event) => this.#hear(event),
    });
  }

  onEvent(listener: (event: BridgeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** The first question of a page: is there still a session from before? */
  async listAgents(): Promise<readonly SavedAgent[]> {
    if (this.#saved === null) {
      const session = await this.#session();
      // Anything but "nobody is signed in" may heal: the stream keeps trying and says how it is.
      if (!session.ok || session.value !== undefined) this.#begin();
    }
    return this.#saved === null ? [] : [this.#saved];
  }

  async addAgent({ token }: NewAgent): Promise<Answer<SavedAgent>> {
    const me = await this.#http.send('POST', '/v1/session', { token }, MeSchema);
    if (!me.ok) return me;
    return { ok: true, value: this.#begin() };
  }

  async removeAgent(): Promise<Answer<null>> {
    return this.signOut();
  }

  async retryAgent(): Promise<Answer<null>> {
    this.#connection.retryNow();
    return { ok: true, value: null };
  }

  async heartbeats(range: HeartbeatRange): Promise<Answer<HeartbeatAnswer>> {
    const query = new URLSearchParams({
      signal: range.signal,
      from: String(range.fromMs),
      to: String(range.toMs),
      step: `${range.stepSeconds}s`,
    });
    for (const source of range.sources) query.append('source', source);
    return this.#http.get(`/v1/heartbeats?${query}`, HeartbeatAnswerSchema);
  }

  async anomalies({ fromMs, toMs }: AnomalyRange): Promise<Answer<readonly Anomaly[]>> {
    const query = new URLSearchParams({ from: String(fromMs), to: String(toMs), limit: String(MAX_ANOMALIES) });
    const list = await this.#http.get(`/v1/anomalies?${query}`, AnomalyListSchema);
    return list.ok ? { ok: true, value: list.value.anomalies } : list;
  }

  async anomaly({ eventId }: { eventId: string }): Promise<Answer<Anomaly>> {
    return this.#http.get(`/v1/anomalies/${encodeURIComponent(eventId)}`, AnomalyDetailSchema);
  }

  async patchSource({ sourceId, patch }: Calls['patchSource'][0]): Promise<Answer<Source>> {
    return this.#http.send('PATCH', `/v1/sources/${encodeURIComponent(sourceId)}`, patch, SourceSchema);
  }

  async me(): Promise<Calls['me'][1]> {
    return this.#http.call(meCall());
  }

  async incident({ incidentId }: Calls['incident'][0]): Promise<Calls['incident'][1]> {
    return this.#http.call(incidentCall(incidentId));
  }

  async actOnIncident(action: Calls['actOnIncident'][0]): Promise<Calls['actOnIncident'][1]> {
    return this.#http.call(actCall(action, 'browser'));
  }

  async actOnIncidents(batch: Calls['actOnIncidents'][0]): Promise<Calls['actOnIncidents'][1]> {
    return this.#http.call(batchCall(batch, 'browser'));
  }

  async timeline(range: Calls['timeline'][0]): Promise<Calls['timeline'][1]> {
    return this.#http.call(timelineCall(range));
  }

  async alertSummary(): Promise<Calls['alertSummary'][1]> {
    return this.#http.call(summaryCall());
  }

  async healthMap(): Promise<Calls['healthMap'][1]> {
    return this.#http.call((await policyCalls()).healthMapCall());
  }

  async rules(): Promise<Calls['rules'][1]> {
    return this.#http.call((await policyCalls()).rulesCall());
  }

  async silences(): Promise<Calls['silences'][1]> {
    return this.#http.call((await policyCalls()).silencesCall());
  }

  async windows(): Promise<Calls['windows'][1]> {
    return this.#http.call((await policyCalls()).windowsCall());
  }

  async hooks(): Promise<Calls['hooks'][1]> {
    return this.#http.call((await policyCalls()).hooksCall());
  }

  async saveRule({ existing, rule }: Calls['saveRule'][0]): Promise<Calls['saveRule'][1]> {
    return this.#http.call((await policyCalls()).saveRuleCall(existing, rule));
  }

  async removeRule({ existing }: Calls['removeRule'][0]): Promise<Calls['removeRule'][1]> {
    return this.#http.call((await policyCalls()).removeRuleCall(existing));
  }

  async importRules({ document, mode }: Calls['importRules'][0]): Promise<Calls['importRules'][1]> {
    return this.#http.call((await policyCalls()).importRulesCall(document, mode));
  }

  async dryRunRule({ rule }: Calls['dryRunRule'][0]): Promise<Calls['dryRunRule'][1]> {
    return this.#http.call((await policyCalls()).dryRunRuleCall(rule));
  }

  async endSilence({ silenceId }: Calls['endSilence'][0]): Promise<Calls['endSilence'][1]> {
    return this.#http.call((await policyCalls()).endSilenceCall(silenceId));
  }

  async saveWindow({ existing, window }: Calls['saveWindow'][0]): Promise<Calls['saveWindow'][1]> {
    return this.#http.call((await policyCalls()).saveWindowCall(existing, window));
  }

  async removeWindow({ existing }: Calls['removeWindow'][0]): Promise<Calls['removeWindow'][1]> {
    return this.#http.call((await policyCalls()).removeWindowCall(existing));
  }

  async explainRouting({ question }: Calls['explainRouting'][0]): Promise<Calls['explainRouting'][1]> {
    return this.#http.call((await policyCalls()).explainRoutingCall(question));
  }

  async saveHook({ existing, hook }: Calls['saveHook'][0]): Promise<Calls['saveHook'][1]> {
    return this.#http.call((await policyCalls()).saveHookCall(existing, hook));
  }

  async hookRuns({ hookId }: Calls['hookRuns'][0]): Promise<Calls['hookRuns'][1]> {
    return this.#http.call((await policyCalls()).hookRunsCall(hookId));
  }

  async previewHook(request: Calls['previewHook'][0]): Promise<Calls['previewHook'][1]> {
    return this.#http.call((await policyCalls()).previewHookCall(request));
  }

  async runHook(order: Calls['runHook'][0]): Promise<Calls['runHook'][1]> {
    return this.#http.lines((await policyCalls()).runHookCall(order), (run) =>
      this.#tell({ type: 'hookRun', agentId: AGENT_ID, run }),
    );
  }

  async explain({ explanationId, request }: Calls['explain'][0]): Promise<Answer<null>> {
    const stop = new AbortController();
    this.#explaining.set(explanationId, stop);
    const read = (pieces: AsyncIterable<string>) =>
      readExplanation(pieces, (message) =>
        this.#tell({ type: 'explanation', agentId: AGENT_ID, explanationId, message }),
      );
    const answer = await this.#http.stream(EXPLAIN_PATH, request, read, stop.signal);
    this.#explaining.delete(explanationId);
    return answer;
  }

  async stopExplaining({ explanationId }: Calls['stopExplaining'][0]): Promise<Answer<null>> {
    this.#explaining.get(explanationId)?.abort();
    return { ok: true, value: null };
  }

  async templates({ query }: Calls['templates'][0]): Promise<Calls['templates'][1]> {
    return this.#http.call((await templateCalls()).templatesCall(query));
  }

  async template(range: Calls['template'][0]): Promise<Calls['template'][1]> {
    return this.#http.call((await templateCalls()).templateCall(range));
  }

  async patchTemplate({ templateId, patch }: Calls['patchTemplate'][0]): Promise<Calls['patchTemplate'][1]> {
    return this.#http.call((await templateCalls()).patchTemplateCall(templateId, patch));
  }

  async createSilence({ silence, key }: Calls['createSilence'][0]): Promise<Calls['createSilence'][1]> {
    return this.#http.call((await templateCalls()).silenceCall(silence, key));
  }

  async sensitivityLadder({ sourceId }: Calls['sensitivityLadder'][0]): Promise<Calls['sensitivityLadder'][1]> {
    return this.#http.call((await templateCalls()).ladderCall(sourceId));
  }

  async watchLines({ wish }: Calls['watchLines'][0]): Promise<Answer<null>> {
    this.#connection.watchLines(wish);
    return { ok: true, value: null };
  }

  async watchSignal({ signal }: Calls['watchSignal'][0]): Promise<Answer<null>> {
    this.#connection.watch(signal);
    return { ok: true, value: null };
  }

  async signOut(): Promise<Answer<null>> {
    const answer = await this.#http.delete('/v1/session');
    if (answer.ok) this.#end();
    return answer;
  }

  async makeKey({ name }: Calls['makeKey'][0]): Promise<Calls['makeKey'][1]> {
    return this.#http.call(makeKeyCall(name));
  }

  async keys(): Promise<Calls['keys'][1]> {
    const answer = await this.#http.call(keysCall());
    return answer.ok ? { ok: true, value: answer.value.keys } : answer;
  }

  async sendTestLine({ key }: Calls['sendTestLine'][0]): Promise<Calls['sendTestLine'][1]> {
    return this.#http.call(testLineCall(key, this.#options.now()));
  }

  async makeSlackChannel({ channelId, url }: Calls['makeSlackChannel'][0]): Promise<Calls['makeSlackChannel'][1]> {
    return this.#http.call(makeSlackCall(channelId, url));
  }

  async testChannel({ channelId }: Calls['testChannel'][0]): Promise<Calls['testChannel'][1]> {
    return this.#http.call(testChannelCall(channelId));
  }

  /** A browser has none of it, and the settings say so instead of showing switches that do nothing. */
  async desktop(): Promise<null> {
    return null;
  }

  async setDesktop(): Promise<Calls['setDesktop'][1]> {
    return NOT_IN_A_BROWSER;
  }

  async labelAgent(): Promise<Answer<null>> {
    return NOT_IN_A_BROWSER;
  }

  async tryNotification(): Promise<Calls['tryNotification'][1]> {
    return NOT_IN_A_BROWSER;
  }

  async openWindow(): Promise<Answer<null>> {
    return NOT_IN_A_BROWSER;
  }

  #begin(): SavedAgent {
    this.#connection.stop();
    this.#saved = {
      agentId: AGENT_ID,
      name: new URL(this.#options.origin).host,
      code: '',
      url: this.#options.origin,
      colour: 0,
      connection: { type: 'connecting' },
    };
    this.#connection.start();
    return this.#saved;
  }

  #end(): void {
    this.#connection.stop();
    this.#saved = null;
    this.#tell({ type: 'agents', agents: [] });
  }

  #hear(event: ConnectionEvent): void {
    if (this.#saved === null) return;
    if (event.type === 'connection') this.#saved = { ...this.#saved, connection: event.connection };
    if (event.type === 'hello') this.#saved = { ...this.#saved, name: event.agent.name, code: event.agent.code };
    // A session that has ended leads back to the door, not to a screen that cannot do anything.
    if (event.type === 'connection' && event.connection.type === 'refused') void this.#leaveIfSignedOut();
    this.#tell({ ...event, agentId: AGENT_ID });
  }

  async #leaveIfSignedOut(): Promise<void> {
    const session = await this.#session();
    if (session.ok && session.value === undefined) this.#end();
  }

  /** Nobody's is an answer without a body, and no error in the browser's console. */
  #session(): Promise<Answer<Me | undefined>> {
    return this.#http.get('/v1/session', MeSchema.optional());
  }

  #tell(event: BridgeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
