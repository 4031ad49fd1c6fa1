import type { Incident, DrawnSignal } from '@sentinellog/shared';
import { createStore } from 'zustand/vanilla';
import type { ConsoleBridge } from '../../bridge/calls.ts';
import type { BridgeEvent } from '../../bridge/events.ts';
import { applied, listed, recalled, type Agents, type AgentView } from './agents-state.ts';
import { AnomalyCrier } from './anomaly-crier.ts';
import { EventBatch, type SetTimer } from './event-batch.ts';
import { HeartbeatFeed } from './heartbeat-feed.ts';
import { HistoryLoader, type HistoryRequest } from './history-loader.ts';
import type { IncidentDesk } from './incident-desk.ts';
import type { LastKnown } from '../../bridge/last-known.ts';
import { LiveEdge } from './live-edge.ts';
import { timeRange, type TimeRangeId } from './time-range.ts';

/** State that people read changes at most four times a second (ux §3.1). */
const COMMIT_INTERVAL_MS = 250;
/** An anomaly noticed longer ago is not said aloud any more. */
const NEWS_MS = 60_000;
/** Between two reports of a source its latest line moves on by as much only while history is loaded, or once an hour. */
const LEAP_MS = 30 * 60_000;
/** While history is being loaded the sources report every few seconds. */
const PAST_DELAY_MS = 2000;
/** A way that loses beats is not to be asked for all of them again at once: it would lose more. */
const GAP_DELAY_MS = 10_000;
/** How often estimated steps are asked for again. */
const TAIL_INTERVAL_MS = 30_000;

export interface AgentsState {
  /** False until the bridge has said for the first time which agents there are. */
  readonly listed: boolean;
  readonly agents: Agents;
}

/** What of the past is on the screen. */
export interface ShownPast {
  readonly signal: DrawnSignal;
  readonly rangeId: TimeRangeId;
}

export interface AgentStreamOptions {
  readonly bridge: ConsoleBridge;
  readonly now: () => number;
  readonly setTimer: SetTimer;
  readonly shown: () => ShownPast;
  readonly desk: Pick<IncidentDesk, 'take' | 'takeSnapshot' | 'forget'>;
  /** A connection has come up. */
  readonly onOpen: (agentId: string) => void;
  readonly onLink: (link: BridgeEvent & { type: 'link' }) => void;
  /** For screen readers. */
  readonly announce: (text: string) => void;
  /** For the status bar as well. */
  readonly say: (text: string) => void;
}

/**
 * What the agents say: by the stream, and of the past as answers to questions that the stream gives rise to. People
 * read it in `agents`, charts in `feed`.
 */
export class AgentStream {
  readonly agents = createStore<AgentsState>(() => ({ listed: false, agents: new Map() }));
  /** Agents whose older anomalies could not be had, with the reason: their list is not complete. */
  readonly missingAnomalies = createStore<ReadonlyMap<string, string>>(() => new Map());
  readonly feed: HeartbeatFeed;
  readonly history: HistoryLoader;
  readonly #options: AgentStreamOptions;
  readonly #batch: EventBatch<BridgeEvent>;
  readonly #crier: AnomalyCrier;
  readonly #edges = new Map<string, LiveEdge>();
  /** Agents whose past is about to be asked for again; the value cancels it. */
  readonly #pastDue = new Map<string, () => void>();
  #stopListening: (() => void) | null = null;
  #cancelTail: (() => void) | null = null;

  constructor(options: AgentStreamOptions) {
    this.#options = options;
    const { bridge, now, setTimer, shown, announce } = options;
    this.feed = new HeartbeatFeed(shapeOf(shown()));
    this.history = new HistoryLoader(bridge, this.feed, now);
    this.#crier = new AnomalyCrier(now, setTimer, announce);
    this.#batch = new EventBatch(COMMIT_INTERVAL_MS, setTimer, (events) => this.commit(events));
  }

  /** Listens first and asks then, so that nothing said in between is missed. */
  async start(): Promise<void> {
    this.#stopListening = this.#options.bridge.onEvent((event) => this.#take(event));
    this.#scheduleTail();
    await this.list();
  }

  stop(): void {
    this.#stopListening?.();
    this.#stopListening = null;
    this.#cancelTail?.();
    for (const cancel of this.#pastDue.values()) cancel();
    this.#pastDue.clear();
    this.#batch.stop();
    this.#crier.stop();
  }

  agent(agentId: string): AgentView | undefined {
    return this.agents.getState().agents.get(agentId);
  }

  /** The agent's clock, as far as its offset is known. */
  agentNowMs(agentId: string): number {
    return this.#options.now() + this.#skewMs(agentId);
  }

  /** Where "now" is drawn for these agents: the furthest of their edges. */
  edgeMs(agentIds: readonly string[]): number {
    const edges = agentIds.map((agentId) => this.#edge(agentId).at(this.agentNowMs(agentId)));
    return edges.length === 0 ? this.#options.now() : Math.max(...edges);
  }

  /** Age of the newest event second of an agent at `nowMs` (the console's clock); null while none is known. */
  dataAgeMs(agentId: string, nowMs: number): number | null {
    const newest = this.feed.newestSecond(agentId);
    return newest < 0 ? null : Math.max(0, nowMs + this.#skewMs(agentId) - (newest + 1) * 1000);
  }

  /** Asks which agents there are. */
  async list(): Promise<void> {
    const list = await this.#options.bridge.listAgents();
    const before = this.agents.getState().agents;
    for (const agentId of before.keys()) {
      if (list.some((saved) => saved.agentId === agentId)) continue;
      this.feed.forget(agentId);
      this.history.forget(agentId);
      this.#edges.delete(agentId);
      this.#options.desk.forget(agentId);
    }
    this.agents.setState({ listed: true, agents: listed(before, list) });
  }

  /** Another signal or range is shown: charts begin anew with its past. */
  reshape(): void {
    this.feed.reshape(shapeOf(this.#options.shown()));
    this.#edges.clear();
    void this.loadAll();
  }

  async loadAll(): Promise<void> {
    await Promise.all(this.#openAgents().map((agent) => this.#loadAgent(agent.saved.agentId)));
  }

  /** Shows what an agent had said before this console started, unless it has spoken by now. */
  recall(known: LastKnown): void {
    const before = this.agents.getState().agents;
    const agents = recalled(before, known);
    if (agents === before) return;
    this.agents.setState({ agents });
    this.#options.desk.takeSnapshot(known.agentId, known.incidents);
    if (known.heartbeat !== null) this.feed.takeHistory(known.agentId, known.heartbeat);
  }

  /** Shows what was said at once, as a batch of the stream is shown. */
  commit(events: readonly BridgeEvent[]): void {
    const { agents } = this.agents.getState();
    this.agents.setState({ agents: applied(agents, events) });
    this.#takeIncidents(events);
    for (const event of events) {
      if (event.type === 'connection' && event.connection.type === 'open') this.#options.onOpen(event.agentId);
      if (event.type === 'anomaly') this.#cryIfNew(agents, event);
      if (event.type === 'source') this.#notePast(agents, event);
      if (event.type === 'gap' && event.topic !== 'lines') this.#refreshLater(event.agentId, GAP_DELAY_MS);
      // After a break the journal knows what the stream could not bring; one that is resumed sends no snapshot.
      const isBack = event.type === 'hello' && hasSpoken(agents.get(event.agentId));
      if (isBack || event.type === 'snapshot') void this.#loadAgent(event.agentId);
    }
  }

  #take(event: BridgeEvent): void {
    if (event.type === 'heartbeat') this.#takeBeats(event);
    else if (event.type === 'link') this.#options.onLink(event);
    else if (event.type === 'agents') {
      this.list().catch((error: unknown) => this.#options.say(`Could not list the agents: ${String(error)}`));
    } else if (event.type !== 'explanation' && event.type !== 'lines') this.#batch.add(event);
  }

  #takeBeats({ agentId, signal, nowMs, beats }: BridgeEvent & { type: 'heartbeat' }): void {
    if (signal !== this.feed.shape.signal) return;
    const before = this.feed.newestSecond(agentId);
    this.feed.takeBeats(agentId, beats);
    const newest = this.feed.newestSecond(agentId);
    if (newest > before) this.#edge(agentId).note(nowMs - (newest + 1) * 1000);
  }

  /** In one go an agent: a storm of incidents is one change of the desk. */
  #takeIncidents(events: readonly BridgeEvent[]): void {
    const { desk } = this.#options;
    const changed = new Map<string, Incident[]>();
    for (const event of events) {
      if (event.type === 'snapshot' && event.incidents !== undefined) {
        changed.delete(event.agentId);
        desk.takeSnapshot(event.agentId, event.incidents);
      }
      if (event.type === 'incident') {
        const ofAgent = changed.get(event.agentId) ?? [];
        ofAgent.push(event.incident);
        changed.set(event.agentId, ofAgent);
      }
    }
    for (const [agentId, incidents] of changed) desk.take(agentId, incidents);
  }

  #cryIfNew(before: Agents, { agentId, anomaly }: BridgeEvent & { type: 'anomaly' }): void {
    const agent = before.get(agentId);
    // Old ones come by the hundred when a range is loaded; only what has just been noticed is news.
    const isNews = this.agentNowMs(agentId) - anomaly.detected_at_ms < NEWS_MS;
    if (agent !== undefined && isNews && !agent.anomalies.has(anomaly.event_id)) {
      this.#crier.cry(anomaly, agent.saved.code);
    }
  }

  // The past

  /** A backfill or a shipper that caught up has brought more of the past than is on the screen: asks for it again. */
  #notePast(before: Agents, { agentId, source }: BridgeEvent & { type: 'source' }): void {
    const known = before.get(agentId)?.sources.get(source.source_id);
    const earlier = known
      ? source.first_seen_ms < known.first_seen_ms
      : source.first_seen_ms < this.agentNowMs(agentId) - NEWS_MS;
    const leapt = known !== undefined && source.last_seen_ms >= known.last_seen_ms + LEAP_MS;
    if (earlier || leapt) this.#refreshLater(agentId, PAST_DELAY_MS);
  }

  #refreshLater(agentId: string, delayMs: number): void {
    if (this.#pastDue.has(agentId)) return;
    const cancel = this.#options.setTimer(() => {
      this.#pastDue.delete(agentId);
      if (this.agent(agentId)?.saved.connection.type === 'open')
        void this.history.refresh(this.#historyRequest(agentId));
    }, delayMs);
    this.#pastDue.set(agentId, cancel);
  }

  async #loadAgent(agentId: string): Promise<void> {
    const request = this.#historyRequest(agentId);
    const { rangeSeconds, nowMs } = request;
    await Promise.all([this.history.load(request), this.#loadAnomalies(agentId, nowMs - rangeSeconds * 1000, nowMs)]);
    const past = this.history.states.getState().get(agentId);
    if (past?.type === 'failed' && past.retryable) this.#refreshLater(agentId, GAP_DELAY_MS);
  }

  #historyRequest(agentId: string): HistoryRequest {
    const sources = [...(this.agent(agentId)?.sources.keys() ?? [])];
    return { agentId, sources, ...shapeOf(this.#options.shown()), nowMs: this.agentNowMs(agentId) };
  }

  /** On coarse steps the newest ones are estimates from live seconds, until the agent has said its own. */
  #scheduleTail(): void {
    this.#cancelTail = this.#options.setTimer(() => {
      this.#scheduleTail();
      if (this.feed.shape.stepSeconds === 1) return;
      for (const agent of this.#openAgents()) void this.history.refreshTail(this.#historyRequest(agent.saved.agentId));
    }, TAIL_INTERVAL_MS);
  }

  async #loadAnomalies(agentId: string, fromMs: number, toMs: number): Promise<void> {
    const answer = await this.#options.bridge.anomalies({ agentId, fromMs, toMs });
    const missing = new Map(this.missingAnomalies.getState());
    if (answer.ok) missing.delete(agentId);
    else missing.set(agentId, answer.error.detail);
    this.missingAnomalies.setState(missing, true);
    if (!answer.ok) return;
    const known = this.agent(agentId)?.anomalies;
    const older = answer.value.filter((anomaly) => known?.has(anomaly.event_id) !== true);
    if (older.length > 0) this.commit(older.map((anomaly) => ({ type: 'anomaly', agentId, anomaly })));
  }

  #openAgents(): readonly AgentView[] {
    return [...this.agents.getState().agents.values()].filter((agent) => agent.saved.connection.type === 'open');
  }

  #skewMs(agentId: string): number {
    const connection = this.agent(agentId)?.saved.connection;
    return connection?.type === 'open' ? connection.skewMs : 0;
  }

  #edge(agentId: string): LiveEdge {
    const edge = this.#edges.get(agentId) ?? new LiveEdge();
    this.#edges.set(agentId, edge);
    return edge;
  }
}

function hasSpoken(agent: AgentView | undefined): boolean {
  return agent?.asOfMs === null && agent.sources.size > 0;
}

function shapeOf({ signal, rangeId }: ShownPast) {
  const { seconds: rangeSeconds, stepSeconds } = timeRange(rangeId);
  return { signal, rangeSeconds, stepSeconds };
}
