import {
  AnomalyDetailSchema,
  AnomalyListSchema,
  HeartbeatAnswerSchema,
  MeSchema,
  SourceSchema,
  type Anomaly,
  type HeartbeatAnswer,
  type Source,
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
import {
  endSilenceCall,
  ladderCall,
  patchTemplateCall,
  silenceCall,
  templateCall,
  templatesCall,
} from '../bridge/template-calls.ts';
import { AgentHttp, type Fetch } from './agent-http.ts';

/** A browser knows one agent: the one that served the page. */
const AGENT_ID = 'this-agent';
const MAX_ANOMALIES = 1000;

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
      const me = await this.#http.get('/v1/me', MeSchema);
      // Anything but "sign in first" may heal: the stream keeps trying and says how it is.
      if (me.ok || me.error.code !== 'unauthenticated') this.#begin();
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
    return this.#http.call(templatesCall(query));
  }

  async template(range: Calls['template'][0]): Promise<Calls['template'][1]> {
    return this.#http.call(templateCall(range));
  }

  async patchTemplate({ templateId, patch }: Calls['patchTemplate'][0]): Promise<Calls['patchTemplate'][1]> {
    return this.#http.call(patchTemplateCall(templateId, patch));
  }

  async createSilence({ silence, key }: Calls['createSilence'][0]): Promise<Calls['createSilence'][1]> {
    return this.#http.call(silenceCall(silence, key));
  }

  async endSilence({ silenceId }: Calls['endSilence'][0]): Promise<Calls['endSilence'][1]> {
    return this.#http.call(endSilenceCall(silenceId));
  }

  async sensitivityLadder({ sourceId }: Calls['sensitivityLadder'][0]): Promise<Calls['sensitivityLadder'][1]> {
    return this.#http.call(ladderCall(sourceId));
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
    const me = await this.#http.get('/v1/me', MeSchema);
    if (!me.ok && me.error.code === 'unauthenticated') this.#end();
  }

  #tell(event: BridgeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
