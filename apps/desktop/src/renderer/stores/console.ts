import type { DrawnSignal, SourcePatch } from '@sentinellog/shared';
import type { Answer, Calls, ConsoleBridge, NewAgent, SavedAgent } from '../../bridge/calls.ts';
import type { ExtraWindow } from '../../bridge/desktop.ts';
import type { AgentPulse } from '../../bridge/freshness.ts';
import type { Reading } from './beat-grid.ts';
import { AgentStream } from './agent-stream.ts';
import type { AgentView } from './agents-state.ts';
import { Brush } from './brush.ts';
import type { SetTimer } from './event-batch.ts';
import type { SeriesRef } from './heartbeat-feed.ts';
import { IncidentConsole } from './incident-console.ts';
import type { LastKnown } from '../../bridge/last-known.ts';
import type { LastKnownKeeper, LastKnownShelf } from './last-known-keeper.ts';
import { PlotSources } from './plot-sources.ts';
import { readPreferences, writePreferences, type Preferences, type PreferenceShelf } from './preferences.ts';
import { timeRange, type TimeRangeId } from './time-range.ts';
import { UndoOffers } from './undo-offers.ts';
import { ViewTrail } from './view-trail.ts';
import type { PanelControls } from './panel-controls.ts';
import { agentsInScope } from './scope.ts';
import { createViewStore, type AnomalyRef, type ViewName, type ViewState } from './view-store.ts';
import { held, resumed, spanOf, zoomedIn, type Span } from './view-window.ts';

export interface ConsoleOptions {
  readonly bridge: ConsoleBridge;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly setTimer: SetTimer;
  readonly shelf: PreferenceShelf;
  /** A fresh key that makes a change which is sent twice count once. */
  readonly newKey: () => string;
  /** Absent: nothing is kept for a start without network. */
  readonly lastKnown?: LastKnownShelf;
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
  readonly agents: AgentStream['agents'];
  readonly missingAnomalies: AgentStream['missingAnomalies'];
  readonly feed: AgentStream['feed'];
  readonly history: AgentStream['history'];
  readonly plotSources: PlotSources;
  readonly incidents: IncidentConsole;
  readonly brush: Brush;
  readonly undoOffers: UndoOffers;
  #panels: PanelControls = { explain: null, feed: null };
  readonly #shelf: PreferenceShelf;
  readonly #setTimer: SetTimer;
  readonly #stream: AgentStream;
  readonly #shelfOfLast: LastKnownShelf | undefined;
  #keeper: LastKnownKeeper | null = null;
  readonly #trail = new ViewTrail();
  #chart: ChartControls | null = null;

  constructor({ bridge, now, setTimer, shelf, newKey, lastKnown }: ConsoleOptions) {
    this.#shelfOfLast = lastKnown;
    this.bridge = bridge;
    this.now = now;
    this.newKey = newKey;
    this.#shelf = shelf;
    this.#setTimer = setTimer;
    const preferences = readPreferences(shelf);
    this.view = createViewStore(preferences);
    if (bridge.window === 'wallboard') this.view.setState({ view: 'batcave', wallboard: true });
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
    this.undoOffers = new UndoOffers(now);
    this.#stream = new AgentStream({
      bridge,
      now,
      setTimer,
      shown: () => this.view.getState(),
      desk: this.incidents.desk,
      onOpen: (agentId) => void this.incidents.greet(agentId),
      onLink: ({ target }) => void import('./follow-link.ts').then(({ followLink }) => followLink(this, target)),
      announce: (text) => this.announce(text),
      say: (text) => this.#say(text),
    });
    this.agents = this.#stream.agents;
    this.missingAnomalies = this.#stream.missingAnomalies;
    this.feed = this.#stream.feed;
    this.history = this.#stream.history;
    this.plotSources = new PlotSources(this);
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
  }

  async start(): Promise<void> {
    await this.#stream.start();
    if (this.#shelfOfLast === undefined) return;
    const { LastKnownKeeper } = await import('./last-known-keeper.ts');
    this.#keeper = new LastKnownKeeper(this, this.#shelfOfLast);
    await this.#keeper.start();
  }

  /** Shows what an agent had said before this console started, unless it has spoken by now. */
  recall(known: LastKnown): void {
    this.#stream.recall(known);
  }

  /** What is kept on this computer of what agents said: gone, until it is kept anew. */
  async forgetLastKnown(): Promise<void> {
    await this.#keeper?.clear();
    this.#say('What was kept of the clusters on this computer is gone');
  }

  stop(): void {
    this.#keeper?.stop();
    this.#stream.stop();
    this.incidents.stop();
  }

  // What is known

  agent(agentId: string): AgentView | undefined {
    return this.#stream.agent(agentId);
  }

  /** The agent's clock, as far as its offset is known. */
  agentNowMs(agentId: string): number {
    return this.#stream.agentNowMs(agentId);
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
    return this.#stream.edgeMs(agentIds);
  }

  /** Age of the newest event second of an agent at `nowMs` (the console's clock); null while none is known. */
  dataAgeMs(agentId: string, nowMs: number): number | null {
    return this.#stream.dataAgeMs(agentId, nowMs);
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
      await this.#stream.list();
      this.#say(this.bridge.platform === 'browser' ? 'Signed in' : `Added ${answer.value.name}`);
      this.patchView({ addingAgent: false, view: 'heartbeat' });
    }
    return answer;
  }

  async removeAgent(agentId: string): Promise<Answer<null>> {
    const name = this.agent(agentId)?.saved.name ?? agentId;
    const answer = await this.bridge.removeAgent({ agentId });
    if (answer.ok) {
      await this.#stream.list();
      this.#say(`Removed ${name}`);
    }
    return answer;
  }

  async labelAgent(label: Calls['labelAgent'][0]): Promise<Answer<null>> {
    const answer = await this.bridge.labelAgent(label);
    if (answer.ok) await this.#stream.list();
    return answer;
  }

  async retryAgent(agentId: string): Promise<Answer<null>> {
    return this.bridge.retryAgent({ agentId });
  }

  /** Shift+R: dials what is down, and asks again for the past of what is up. */
  async refresh(): Promise<void> {
    const agents = [...this.agents.getState().agents.values()];
    const down = agents.filter((agent) => agent.saved.connection.type !== 'open');
    await Promise.all([...down.map((agent) => this.retryAgent(agent.saved.agentId)), this.#stream.loadAll()]);
    this.#say('Refreshed');
  }

  /** Once, later; returns what cancels it. */
  after(ms: number, run: () => void): () => void {
    return this.#setTimer(run, ms);
  }

  async signOut(): Promise<void> {
    await this.bridge.signOut();
    await this.#keeper?.clear();
    await this.#stream.list();
  }

  /** Changes a source and shows the agent's answer at once, without waiting for the stream to say it. */
  async patchSource({ agentId, sourceId }: SeriesRef, patch: SourcePatch): Promise<Answer<null>> {
    const answer = await this.bridge.patchSource({ agentId, sourceId, patch });
    if (!answer.ok) return answer;
    this.#stream.commit([{ type: 'source', agentId, source: answer.value }]);
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

  /** `z`: takes back whatever was done last, an action on incidents or another change. */
  undo(): void {
    const other = this.undoOffers.newestAtMs();
    if (other !== null && other > (this.incidents.desk.undoableAtMs() ?? 0)) this.undoOffers.undo();
    else this.incidents.undo();
  }

  canUndo(): boolean {
    return this.undoOffers.newestAtMs() !== null || this.incidents.desk.undoableAtMs() !== null;
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
    this.#stream.reshape();
  }

  setSignal(signal: DrawnSignal): void {
    if (signal === this.view.getState().signal) return;
    this.patchView({ signal });
    this.#stream.reshape();
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

  #say(lastAction: string): void {
    this.patchView({ lastAction });
    this.announce(lastAction);
  }
}
