import type { Anomaly, Incident, DrawnSignal, SourcePatch } from '@sentinellog/shared';
import { createStore } from 'zustand/vanilla';
import type { Answer, Calls, ConsoleBridge, NewAgent, SavedAgent } from '../../bridge/calls.ts';
import type { ExtraWindow } from '../../bridge/desktop.ts';
import type { BridgeEvent } from '../../bridge/events.ts';
import type { AgentPulse } from '../../bridge/freshness.ts';
import type { Reading } from './beat-grid.ts';
import { applied, listed, type Agents, type AgentView } from './agents-state.ts';
import { Brush } from './brush.ts';
import { AnomalyCrier } from './anomaly-crier.ts';
import { EventBatch, type SetTimer } from './event-batch.ts';
import { HeartbeatFeed, type SeriesRef } from './heartbeat-feed.ts';
import { IncidentConsole } from './incident-console.ts';
import { HistoryLoader, type HistoryRequest } from './history-loader.ts';
import { LiveEdge } from './live-edge.ts';
import { PlotSources } from './plot-sources.ts';
import { readPreferences, writePreferences, type Preferences, type PreferenceShelf } from './preferences.ts';
import { timeRange, type TimeRangeId } from './time-range.ts';
import { ViewTrail } from './view-trail.ts';
import type { PanelControls } from './panel-controls.ts';
import { agentsInScope } from './scope.ts';
import { createViewStore, type AnomalyRef, type ViewName, type ViewState } from './view-store.ts';
import { held, resumed, spanOf, zoomedIn, type Span } from './view-window.ts';

/** State that people read changes at most four times a second (ux §3.1). */
const COMMIT_INTERVAL_MS = 250;
/** An anomaly noticed longer ago is not said aloud any more. */
const NEWS_MS = 60_000;
/** Between two reports of a source its latest line moves on by as much only while history is loaded, or once an hour. */
const LEAP_MS = 30 * 60_000;
/** While history is being loaded the sources report every few seconds. */
const PAST_DELAY_MS = 2000;
/** How often estimated steps are asked for again. */
const TAIL_INTERVAL_MS = 30_000;

export interface ConsoleOptions {
  readonly bridge: ConsoleBridge;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly setTimer: SetTimer;
  readonly shelf: PreferenceShelf;
  /** A fresh key that makes a change which is sent twice count once. */
  readonly newKey: () => string;
}

export interface AgentsState {
  /** False until the bridge has said for the first time which agents there are. */
  readonly listed: boolean;
  readonly agents: Agents;
}

/** One line and its band, a number a bucket; null where nothing is known. */
export interface ChartValues {
  readonly value: readonly (number | null)[];
  readonly lower: readonly (number | null)[];
  readonly upper: readonly (number | null)[];
}

/** What commands can do to the chart; the chart itself is the view's. */
export interface ChartControls {
  moveCursor(buckets: number): void;
  putCursor(atMs: number): void;
  clearCursor(): void;
  cursorMs(): number | null;
  focus(): void;
  /** The lines as they are drawn now, for the ear. */
  values(): ChartValues;
  /** The chart as it is now, in a sentence or two. */
  describe(): string;
}

/**
 * Everything behind the screen: which agents there are and what they said (`agents`), what a person looks at (`view`),
 * the streaming numbers (`feed`), and what can be done about them. Views read it; nothing here knows a view.
 */
export class Console {
  readonly bridge: ConsoleBridge;
  readonly now: () => number;
  /** A fresh key that makes a change which is sent twice count once. */
  readonly newKey: () => string;
  readonly view;
  readonly agents = createStore<AgentsState>(() => ({ listed: false, agents: new Map() }));
  /** Agents whose older anomalies could not be had, with the reason: their list is not complete. */
  readonly missingAnomalies = createStore<ReadonlyMap<string, string>>(() => new Map());
  readonly feed: HeartbeatFeed;
  readonly history: HistoryLoader;
  readonly plotSources: PlotSources;
  readonly incidents: IncidentConsole;
  readonly brush: Brush;
  #panels: PanelControls = { explain: null, feed: null };
  readonly #shelf: PreferenceShelf;
  readonly #setTimer: SetTimer;
  readonly #batch: EventBatch<BridgeEvent>;
  readonly #crier: AnomalyCrier;
  readonly #trail = new ViewTrail();
  readonly #edges = new Map<string, LiveEdge>();
  /** Agents whose past is about to be asked for again; the value cancels it. */
  readonly #pastDue = new Map<string, () => void>();
  #stopListening: (() => void) | null = null;
  #cancelTail: (() => void) | null = null;
  #chart: ChartControls | null = null;

  constructor({ bridge, now, setTimer, shelf, newKey }: ConsoleOptions) {
    this.bridge = bridge;
    this.now = now;
    this.newKey = newKey;
    this.#shelf = shelf;
    this.#setTimer = setTimer;
    const preferences = readPreferences(shelf);
    this.view = createViewStore(preferences);
    const range = timeRange(preferences.rangeId);
    this.feed = new HeartbeatFeed({ signal: 'volume', rangeSeconds: range.seconds, stepSeconds: range.stepSeconds });
    this.history = new HistoryLoader(bridge, this.feed, now);
    this.plotSources = new PlotSources(this);
    this.incidents = new IncidentConsole({
      bridge,
      now,
      setTimer,
      newKey,
      agent: (agentId) => this.agent(agentId),
      scope: () => this.view.getState(),
      say: (text) => this.announce(text),
      record: (text) => this.#say(text),
      show: () => {
        if (this.view.getState().view !== 'incidents') this.go('incidents');
      },
    });
    this.brush = new Brush({
      view: this.view,
      now,
      edgeMs: () => this.edgeMs(this.agentIdsInScope()),
      cursorMs: () => this.#chart?.cursorMs() ?? null,
      setRange: (rangeId) => this.setRange(rangeId),
      announce: (text) => this.announce(text),
    });
    this.view.subscribe((view, before) => {
      if (view.agentIds !== before.agentIds || view.services !== before.services) this.incidents.inbox.settle();
    });
    this.#crier = new AnomalyCrier(now, setTimer, (text) => this.announce(text));
    this.#batch = new EventBatch(COMMIT_INTERVAL_MS, setTimer, (events) => this.#commit(events));
  }

  /** Listens first and asks then, so that nothing said in between is missed. */
  async start(): Promise<void> {
    this.#stopListening = this.bridge.onEvent((event) => this.#take(event));
    this.#scheduleTail();
    await this.#list();
  }

  stop(): void {
    this.#stopListening?.();
    this.#stopListening = null;
    this.#cancelTail?.();
    for (const cancel of this.#pastDue.values()) cancel();
    this.#pastDue.clear();
    this.#batch.stop();
    this.#crier.stop();
    this.incidents.stop();
  }

  // What is known

  agent(agentId: string): AgentView | undefined {
    return this.agents.getState().agents.get(agentId);
  }

  /** The agent's clock, as far as its offset is known. */
  agentNowMs(agentId: string): number {
    return this.now() + this.#skewMs(agentId);
  }

  /** Start of the range that is chosen, whatever is zoomed. */
  rangeStartMs(nowMs: number): number {
    return nowMs - timeRange(this.view.getState().rangeId).seconds * 1000;
  }

  /** The newest second of a series. `_nowMs` is the tick that asks: the answer is another one at another time. */
  latestReading(ref: SeriesRef, _nowMs: number): Reading {
    return this.feed.latest(ref);
  }

  /** What the keys of the view on the screen do, by command; empty where it has none of its own. */
  viewKeys: Readonly<Record<string, () => void>> = {};

  /** Returns what takes them away again. */
  attachKeys(keys: Readonly<Record<string, () => void>>): () => void {
    this.viewKeys = keys;
    return () => {
      if (this.viewKeys === keys) this.viewKeys = {};
    };
  }

  /** The chart on the screen, for commands that move its cursor; null while there is none. */
  get chart(): ChartControls | null {
    return this.#chart;
  }

  attachChart(chart: ChartControls | null): void {
    this.#chart = chart;
  }

  /** What commands can do to panels that are not always there. */
  get panels(): PanelControls {
    return this.#panels;
  }

  attachPanel(panel: Partial<PanelControls>): void {
    this.#panels = { ...this.#panels, ...panel };
  }

  describeChart(): string {
    return this.#chart?.describe() ?? 'There is no chart on this screen';
  }

  agentIdsInScope(): readonly string[] {
    return agentsInScope(this.agents.getState().agents, this.view.getState()).map(({ saved }) => saved.agentId);
  }

  /** Where "now" is drawn for these agents: the furthest of their edges. */
  edgeMs(agentIds: readonly string[]): number {
    const edges = agentIds.map((agentId) => this.#edge(agentId).at(this.agentNowMs(agentId)));
    return edges.length === 0 ? this.now() : Math.max(...edges);
  }

  /** Age of the newest event second of an agent at `nowMs` (the console's clock); null while none is known. */
  dataAgeMs(agentId: string, nowMs: number): number | null {
    const newest = this.feed.newestSecond(agentId);
    return newest < 0 ? null : Math.max(0, nowMs + this.#skewMs(agentId) - (newest + 1) * 1000);
  }

  pulse({ saved, health }: AgentView, nowMs: number): AgentPulse {
    return {
      name: saved.name,
      connection: saved.connection,
      dataAgeMs: this.dataAgeMs(saved.agentId, nowMs),
      degraded: health?.degraded ?? [],
    };
  }

  // Agents and sources

  async addAgent(agent: NewAgent): Promise<Answer<SavedAgent>> {
    const answer = await this.bridge.addAgent(agent);
    if (answer.ok) {
      await this.#list();
      this.#say(this.bridge.platform === 'browser' ? 'Signed in' : `Added ${answer.value.name}`);
      this.patchView({ addingAgent: false, view: 'heartbeat' });
    }
    return answer;
  }

  async removeAgent(agentId: string): Promise<Answer<null>> {
    const name = this.agent(agentId)?.saved.name ?? agentId;
    const answer = await this.bridge.removeAgent({ agentId });
    if (answer.ok) {
      await this.#list();
      this.#say(`Removed ${name}`);
    }
    return answer;
  }

  async labelAgent(label: Calls['labelAgent'][0]): Promise<Answer<null>> {
    const answer = await this.bridge.labelAgent(label);
    if (answer.ok) await this.#list();
    return answer;
  }

  async retryAgent(agentId: string): Promise<Answer<null>> {
    return this.bridge.retryAgent({ agentId });
  }

  /** Shift+R: dials what is down, and asks again for the past of what is up. */
  async refresh(): Promise<void> {
    const agents = [...this.agents.getState().agents.values()];
    const down = agents.filter((agent) => agent.saved.connection.type !== 'open');
    await Promise.all([...down.map((agent) => this.retryAgent(agent.saved.agentId)), this.#loadAll()]);
    this.#say('Refreshed');
  }

  /** Once, later; returns what cancels it. */
  after(ms: number, run: () => void): () => void {
    return this.#setTimer(run, ms);
  }

  async signOut(): Promise<void> {
    await this.bridge.signOut();
    await this.#list();
  }

  /** Changes a source and shows the agent's answer at once, without waiting for the stream to say it. */
  async patchSource({ agentId, sourceId }: SeriesRef, patch: SourcePatch): Promise<Answer<null>> {
    const answer = await this.bridge.patchSource({ agentId, sourceId, patch });
    if (!answer.ok) return answer;
    this.#commit([{ type: 'source', agentId, source: answer.value }]);
    const what = patch.sensitivity === undefined ? 'Changed' : `Set sensitivity ${patch.sensitivity} on`;
    this.#say(`${what} ${answer.value.service}@${this.agent(agentId)?.saved.code ?? agentId}`);
    return { ok: true, value: null };
  }

  // Windows of the desktop app

  async openWindow(wanted: ExtraWindow): Promise<void> {
    const answer = await this.bridge.openWindow(wanted);
    if (!answer.ok) this.#say(answer.error.detail);
  }

  /** What is on the screen, once more in a window that stays with it. */
  async popOut(): Promise<void> {
    const { placeShown } = await import('./follow-link.ts');
    await this.openWindow({ kind: 'pop-out', link: placeShown(this) });
  }

  // What is looked at

  patchView(patch: Partial<ViewState>): void {
    this.view.setState(patch);
  }

  go(view: ViewName): void {
    const { navigations, view: from, addingAgent } = this.view.getState();
    if (view !== from && !addingAgent) this.#trail.leave(from, view);
    this.patchView({ view, addingAgent: false, scopeOpen: false, navigations: navigations + 1 });
  }

  /** Along the views that were looked at; each keeps its own filter, selection and zoom. */
  goAlong(step: 'back' | 'forward' | 'last'): void {
    const view = this.#trail.follow(step, this.view.getState().view);
    if (view === null) {
      this.announce(step === 'forward' ? 'Nothing further on' : 'Nothing further back');
      return;
    }
    const { navigations } = this.view.getState();
    this.patchView({ view, addingAgent: false, scopeOpen: false, navigations: navigations + 1 });
  }

  setRange(rangeId: TimeRangeId): void {
    const range = timeRange(rangeId);
    this.patchView({ rangeId, window: { type: 'live', seconds: range.seconds }, zoomStack: [] });
    this.brush.select(null);
    this.setPreference({ rangeId });
    this.#reshape();
  }

  setSignal(signal: DrawnSignal): void {
    if (signal === this.view.getState().signal) return;
    this.patchView({ signal });
    this.#reshape();
    this.bridge
      .watchSignal({ signal })
      .catch((error: unknown) => this.#say(`Could not change the signal: ${String(error)}`));
  }

  setPreference(change: Partial<Preferences>): void {
    const preferences = { ...this.view.getState().preferences, ...change };
    this.patchView({ preferences });
    writePreferences(this.#shelf, preferences);
  }

  /** One source alone on the chart, or all of them again with null. */
  isolate(ref: SeriesRef | null): void {
    this.patchView({ isolated: ref, whatIf: null, ...(ref === null ? {} : { anomaly: null, inspectorOpen: true }) });
  }

  select(anomaly: AnomalyRef | null): void {
    this.patchView({ anomaly, ...(anomaly === null ? {} : { inspectorOpen: true, view: 'heartbeat' }) });
  }

  announce(text: string): void {
    const { number } = this.view.getState().announcement;
    this.patchView({ announcement: { text, number: number + 1 } });
  }

  // The chart's window

  span(agentIds: readonly string[]): Span {
    return spanOf(this.view.getState().window, this.edgeMs(agentIds));
  }

  hold(agentIds: readonly string[], by: 'key' | 'hover'): void {
    const { window } = this.view.getState();
    this.patchView({ window: held(window, this.edgeMs(agentIds), this.now(), by) });
  }

  /** Ends a hold; `by: 'hover'` leaves alone what a key or a zoom holds. */
  resume(by: 'key' | 'hover'): void {
    const { window } = this.view.getState();
    if (window.type === 'fixed' && by === 'hover' && window.by !== 'hover') return;
    this.patchView({ window: resumed(window) });
  }

  /** Back to the whole range, sliding. */
  goLive(): void {
    const { rangeId } = this.view.getState();
    this.patchView({ window: { type: 'live', seconds: timeRange(rangeId).seconds }, zoomStack: [] });
    this.brush.select(null);
  }

  zoomIn(agentIds: readonly string[], cursorMs: number | null): void {
    this.brush.zoom(zoomedIn(this.view.getState().window, this.edgeMs(agentIds), this.now(), cursorMs));
  }

  /** The exact window before the last zoom. */
  zoomBack(): void {
    this.brush.zoomBackTo(this.view.getState().zoomStack.length - 1);
  }

  #skewMs(agentId: string): number {
    const connection = this.agent(agentId)?.saved.connection;
    return connection?.type === 'open' ? connection.skewMs : 0;
  }

  // What comes in

  #take(event: BridgeEvent): void {
    if (event.type === 'heartbeat') this.#takeBeats(event);
    else if (event.type === 'link')
      void import('./follow-link.ts').then(({ followLink }) => followLink(this, event.target));
    else if (event.type === 'agents') {
      this.#list().catch((error: unknown) => this.#say(`Could not list the agents: ${String(error)}`));
    } else if (event.type !== 'explanation' && event.type !== 'lines') this.#batch.add(event);
  }

  #takeBeats({ agentId, signal, nowMs, beats }: BridgeEvent & { type: 'heartbeat' }): void {
    if (signal !== this.feed.shape.signal) return;
    const before = this.feed.newestSecond(agentId);
    this.feed.takeBeats(agentId, beats);
    const newest = this.feed.newestSecond(agentId);
    if (newest > before) this.#edge(agentId).note(nowMs - (newest + 1) * 1000);
  }

  #commit(events: readonly BridgeEvent[]): void {
    const { agents } = this.agents.getState();
    this.agents.setState({ agents: applied(agents, events) });
    this.#takeIncidents(events);
    for (const event of events) {
      if (event.type === 'connection' && event.connection.type === 'open') void this.incidents.greet(event.agentId);
      if (event.type === 'anomaly') this.#cryIfNew(agents, event);
      if (event.type === 'source') this.#notePast(agents, event);
      // After a break the journal knows what the stream could not bring; one that is resumed sends no snapshot.
      const isBack = event.type === 'hello' && (agents.get(event.agentId)?.sources.size ?? 0) > 0;
      if (isBack || event.type === 'snapshot') void this.#loadAgent(event.agentId);
    }
  }

  /** In one go an agent: a storm of incidents is one change of the desk. */
  #takeIncidents(events: readonly BridgeEvent[]): void {
    const changed = new Map<string, Incident[]>();
    for (const event of events) {
      if (event.type === 'snapshot' && event.incidents !== undefined) {
        changed.delete(event.agentId);
        this.incidents.desk.takeSnapshot(event.agentId, event.incidents);
      }
      if (event.type === 'incident') {
        const ofAgent = changed.get(event.agentId) ?? [];
        ofAgent.push(event.incident);
        changed.set(event.agentId, ofAgent);
      }
    }
    for (const [agentId, incidents] of changed) this.incidents.desk.take(agentId, incidents);
  }

  /** A backfill or a shipper that caught up has brought more of the past than is on the screen: asks for it again. */
  #notePast(before: Agents, { agentId, source }: BridgeEvent & { type: 'source' }): void {
    const known = before.get(agentId)?.sources.get(source.source_id);
    const earlier = known
      ? source.first_seen_ms < known.first_seen_ms
      : source.first_seen_ms < this.agentNowMs(agentId) - NEWS_MS;
    const leapt = known !== undefined && source.last_seen_ms >= known.last_seen_ms + LEAP_MS;
    if (!(earlier || leapt) || this.#pastDue.has(agentId)) return;
    const cancel = this.#setTimer(() => {
      this.#pastDue.delete(agentId);
      if (this.agent(agentId)?.saved.connection.type === 'open')
        void this.history.refresh(this.#historyRequest(agentId));
    }, PAST_DELAY_MS);
    this.#pastDue.set(agentId, cancel);
  }

  #cryIfNew(before: Agents, { agentId, anomaly }: BridgeEvent & { type: 'anomaly' }): void {
    const agent = before.get(agentId);
    // Old ones come by the hundred when a range is loaded; only what has just been noticed is news.
    const isNews = this.agentNowMs(agentId) - anomaly.detected_at_ms < NEWS_MS;
    if (agent !== undefined && isNews && !agent.anomalies.has(anomaly.event_id)) {
      this.#crier.cry(anomaly, agent.saved.code);
    }
  }

  async #list(): Promise<void> {
    const list = await this.bridge.listAgents();
    const before = this.agents.getState().agents;
    for (const agentId of before.keys()) {
      if (list.some((saved) => saved.agentId === agentId)) continue;
      this.feed.forget(agentId);
      this.history.forget(agentId);
      this.#edges.delete(agentId);
      this.incidents.desk.forget(agentId);
    }
    this.agents.setState({ listed: true, agents: listed(before, list) });
  }

  #reshape(): void {
    const { signal, rangeId } = this.view.getState();
    const { seconds, stepSeconds } = timeRange(rangeId);
    this.feed.reshape({ signal, rangeSeconds: seconds, stepSeconds });
    this.#edges.clear();
    void this.#loadAll();
  }

  async #loadAll(): Promise<void> {
    await Promise.all(this.#openAgents().map((agent) => this.#loadAgent(agent.saved.agentId)));
  }

  async #loadAgent(agentId: string): Promise<void> {
    const request = this.#historyRequest(agentId);
    const { rangeSeconds, nowMs } = request;
    await Promise.all([this.history.load(request), this.#loadAnomalies(agentId, nowMs - rangeSeconds * 1000, nowMs)]);
  }

  #historyRequest(agentId: string): HistoryRequest {
    const { signal, rangeId } = this.view.getState();
    const { seconds: rangeSeconds, stepSeconds } = timeRange(rangeId);
    const sources = [...(this.agent(agentId)?.sources.keys() ?? [])];
    return { agentId, sources, signal, rangeSeconds, stepSeconds, nowMs: this.agentNowMs(agentId) };
  }

  /** On coarse steps the newest ones are estimates from live seconds, until the agent has said its own. */
  #scheduleTail(): void {
    this.#cancelTail = this.#setTimer(() => {
      this.#scheduleTail();
      if (this.feed.shape.stepSeconds === 1) return;
      for (const agent of this.#openAgents()) void this.history.refreshTail(this.#historyRequest(agent.saved.agentId));
    }, TAIL_INTERVAL_MS);
  }

  #openAgents(): readonly AgentView[] {
    return [...this.agents.getState().agents.values()].filter((agent) => agent.saved.connection.type === 'open');
  }

  async #loadAnomalies(agentId: string, fromMs: number, toMs: number): Promise<void> {
    const answer = await this.bridge.anomalies({ agentId, fromMs, toMs });
    const missing = new Map(this.missingAnomalies.getState());
    if (answer.ok) missing.delete(agentId);
    else missing.set(agentId, answer.error.detail);
    this.missingAnomalies.setState(missing, true);
    if (!answer.ok) return;
    const known = this.agent(agentId)?.anomalies;
    const older = answer.value.filter((anomaly: Anomaly) => known?.has(anomaly.event_id) !== true);
    if (older.length > 0) this.#commit(older.map((anomaly) => ({ type: 'anomaly', agentId, anomaly })));
  }

  #edge(agentId: string): LiveEdge {
    const edge = this.#edges.get(agentId) ?? new LiveEdge();
    this.#edges.set(agentId, edge);
    return edge;
  }

  #say(lastAction: string): void {
    this.patchView({ lastAction });
    this.announce(lastAction);
  }
}
