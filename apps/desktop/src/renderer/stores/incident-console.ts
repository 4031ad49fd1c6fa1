import {
  SEVERITIES,
  type AlertSummary,
  type Incident,
  type IncidentAction,
  type IncidentVerb,
} from '@sentinellog/shared';
import { createStore } from 'zustand/vanilla';
import type { ConsoleBridge } from '../../bridge/calls.ts';
import { INCIDENT_TABS } from '../../bridge/link-target.ts';
import { incidentName } from '../words/incident-words.ts';
import { visibleText } from '../words/visible-text.ts';
import type { AgentView } from './agents-state.ts';
import { awayReport, type AwayReport } from './away-report.ts';
import type { SetTimer } from './event-batch.ts';
import { Inbox } from './inbox.ts';
import { allRows, fits, inScope, rowRef, type InboxScope } from './inbox-filter.ts';
import type { DeskRow } from './desk-state.ts';
import { IncidentDesk } from './incident-desk.ts';
import { refKey, type IncidentRef } from './incident-ref.ts';
import { IncidentDetails } from './incident-details.ts';
import { Toasts } from './toasts.ts';

/** What may wait for a connection; everything else depends on data that is old by then (ux §2.6). */
const MAY_WAIT: ReadonlySet<IncidentVerb> = new Set(['ack', 'assign', 'notes']);
const SUMMARY_EVERY_MS = 60_000;

export const DETAIL_TABS = INCIDENT_TABS;
export type DetailTab = (typeof DETAIL_TABS)[number];

/** A question that stands between a key and its effect. */
export type IncidentQuestion =
  | {
      readonly type: 'silence' | 'severity' | 'assign' | 'note' | 'ackAll' | 'merge';
      readonly refs: readonly IncidentRef[];
    }
  | { readonly type: 'stillFiring'; readonly refs: readonly IncidentRef[] };

export interface IncidentViewState {
  readonly question: IncidentQuestion | null;
  /** Keys that came between the one that asked and the question's first frame. */
  readonly typedAhead: readonly string[];
  readonly tab: DetailTab;
  /** Whether the detail stands beside the list, or on it where there is room for one only. */
  readonly detailShown: boolean;
  readonly away: AwayReport | null;
  readonly summaries: ReadonlyMap<string, AlertSummary>;
}

export interface IncidentConsoleOptions {
  readonly bridge: ConsoleBridge;
  readonly now: () => number;
  readonly setTimer: SetTimer;
  readonly newKey: () => string;
  readonly agent: (agentId: string) => AgentView | undefined;
  readonly scope: () => Omit<InboxScope, 'me'>;
  readonly say: (text: string) => void;
  /** Says what was done, and keeps it on the status bar. */
  readonly record: (text: string) => void;
  /** Shows the incidents view. */
  readonly show: () => void;
}

/** Everything behind the incident screens: the desk, the list, what is open, what is asked, who one is. */
export class IncidentConsole {
  readonly toasts: Toasts;
  readonly desk: IncidentDesk;
  readonly inbox: Inbox;
  readonly details: IncidentDetails;
  readonly view = createStore<IncidentViewState>(() => ({
    question: null,
    typedAhead: [],
    tab: 'overview',
    detailShown: true,
    away: null,
    summaries: new Map(),
  }));
  readonly #options: IncidentConsoleOptions;
  readonly #names = new Map<string, string>();
  #cancelSummary: (() => void) | null = null;

  constructor(options: IncidentConsoleOptions) {
    this.#options = options;
    const { bridge, now, setTimer, newKey, agent, record } = options;
    this.toasts = new Toasts(now, setTimer);
    this.desk = new IncidentDesk({
      server: bridge,
      now,
      setTimer,
      newKey,
      isOpen: (agentId) => agent(agentId)?.saved.connection.type === 'open',
      codeOf: (agentId) => agent(agentId)?.saved.code ?? agentId,
      me: (agentId) => this.me(agentId),
      toasts: this.toasts,
      say: record,
      onStillFiring: (ref) => this.ask({ type: 'stillFiring', refs: [ref] }),
    });
    this.inbox = new Inbox({
      desk: () => this.desk.state.getState(),
      scope: () => ({ ...options.scope(), me: (agentId) => this.me(agentId) }),
      now,
    });
    this.desk.state.subscribe((state, before) => {
      if (state.agents !== before.agents) this.inbox.sync();
    });
    this.details = new IncidentDetails(bridge, now);
  }

  stop(): void {
    this.toasts.stop();
    this.#cancelSummary?.();
  }

  /** The name under which an agent knows this person; until it has said it, a word that is nobody's name. */
  me(agentId: string): string {
    return this.#names.get(agentId) ?? 'you';
  }

  /** A connection has come up: what waited goes out, and the agent says who one is. */
  async greet(agentId: string): Promise<void> {
    this.desk.wake(agentId);
    const me = await this.#options.bridge.me({ agentId });
    if (me.ok) this.#names.set(agentId, me.value.name);
    await this.#summarise(agentId);
    this.#scheduleSummaries();
  }

  /** What the agents say of their desks: oldest un-acknowledged and mean time to acknowledge. */
  async #summarise(agentId: string): Promise<void> {
    const answer = await this.#options.bridge.alertSummary({ agentId });
    if (!answer.ok) return;
    const { summaries } = this.view.getState();
    this.view.setState({ summaries: new Map([...summaries, [agentId, answer.value]]) });
  }

  #scheduleSummaries(): void {
    this.#cancelSummary?.();
    this.#cancelSummary = this.#options.setTimer(() => {
      for (const agentId of this.#names.keys()) void this.#summarise(agentId);
      this.#scheduleSummaries();
    }, SUMMARY_EVERY_MS);
  }

  // Where one stands

  /** `n`: the next un-acknowledged incident, worst first, from anywhere. */
  openNext(step: 1 | -1): void {
    const next = this.inbox.nextOpen(step);
    if (next === undefined) this.#options.say('No un-acknowledged incident');
    else this.open(rowRef(next));
  }

  open(ref: IncidentRef): void {
    const key = refKey(ref);
    this.#options.show();
    const row = this.desk.row(ref);
    const { filter } = this.inbox.state.getState();
    if (row !== undefined && !fits(row, filter, this.#scope())) {
      const tab = fits(row, { tab: 'review', severity: null, text: '' }, this.#scope()) ? 'review' : 'all';
      this.inbox.setFilter({ tab, severity: null, text: '' });
    }
    if (!this.inbox.state.getState().order.includes(key)) this.inbox.settle();
    this.inbox.focus(key);
    this.view.setState({ detailShown: true });
    if (row !== undefined) this.#options.say(this.#sentence(row));
  }

  #sentence({ agentId, incident }: DeskRow): string {
    const code = this.#options.agent(agentId)?.saved.code ?? '';
    return `${incident.severity} ${incidentName(incident, code)}: ${visibleText(incident.title)}`;
  }

  ask(question: IncidentQuestion | null): void {
    this.view.setState({ question, typedAhead: [] });
  }

  // What is done

  /** Why a verb cannot be used on these now, in words; null when it can. */
  whyNot(verb: IncidentVerb, refs: readonly IncidentRef[] = this.inbox.targets()): string | null {
    if (refs.length === 0) return 'no incident is chosen';
    for (const agentId of new Set(refs.map((ref) => ref.agentId))) {
      const saved = this.#options.agent(agentId)?.saved;
      if (saved === undefined) return 'its cluster is gone';
      const { connection, code } = saved;
      if (connection.type === 'open') {
        if (!connection.scopes.includes('alert.write')) return `needs alert.write on ${code}`;
      } else if (!MAY_WAIT.has(verb)) return `${code} is not connected; acknowledge, assign and note can wait for it`;
    }
    const rows = refs.flatMap((ref) => this.desk.row(ref) ?? []);
    return rows.some(({ incident }) => applies(verb, incident)) ? null : NOT_APPLICABLE[verb];
  }

  /** Does it to the selection, or else to the row in focus. */
  act(action: IncidentAction, refs: readonly IncidentRef[] = this.inbox.targets()): void {
    const reason = this.whyNot(action.action, refs);
    if (reason !== null) {
      this.#options.say(reason);
      return;
    }
    const fitting = refs.filter((ref) => {
      const row = this.desk.row(ref);
      return row !== undefined && applies(action.action, row.incident);
    });
    this.desk.act(fitting, action);
    this.inbox.acted(fitting.map(refKey));
  }

  /** Every other one goes into the worst, which is the one that stays. */
  merge(refs: readonly IncidentRef[]): void {
    const [worst, ...others] = this.mergeOrder(refs);
    if (worst === undefined || others.length === 0) return;
    this.act({ action: 'merge', into: worst.incident.incident_id }, others.map(rowRef));
  }

  /** Worst first. Only incidents of one agent can become one. */
  mergeOrder(refs: readonly IncidentRef[]): readonly DeskRow[] {
    return refs
      .flatMap((ref) => this.desk.row(ref) ?? [])
      .toSorted(
        (a, b) =>
          SEVERITIES.indexOf(a.incident.severity) - SEVERITIES.indexOf(b.incident.severity) ||
          a.incident.started_at_ms - b.incident.started_at_ms,
      );
  }

  undo(): void {
    this.desk.undo();
    this.inbox.sync();
    // What an undo brings back to an empty list is what the next key is about.
    if (this.inbox.state.getState().focused === null) this.inbox.move(1);
  }

  redo(): void {
    this.desk.redo();
    this.inbox.sync();
  }

  // Coming back

  /** After an absence: what opened, what recovered, what is still open, and who took what. */
  cameBack(fromMs: number): void {
    const rows = allRows(this.desk.state.getState()).filter((row) => inScope(row, this.#scope()));
    const away = awayReport(rows, fromMs, this.#options.now());
    if (away.opened.length + away.recovered.length + away.taken.length > 0) this.view.setState({ away });
  }

  /** Names that somebody could mean by "assign to". */
  people(agentId: string): readonly string[] {
    const names = new Set([this.me(agentId)]);
    for (const { incident } of this.desk.state.getState().agents.get(agentId)?.values() ?? []) {
      for (const name of [incident.assigned_to, incident.acked_by, incident.resolved_by]) if (name) names.add(name);
    }
    return [...names];
  }

  /** How many open incidents a silence of this scope would cover. */
  covered({ agentId, incidentId }: IncidentRef, kind: 'incident' | 'source' | 'service'): number {
    const first = this.desk.row({ agentId, incidentId })?.incident.first_mover;
    if (kind === 'incident' || first === undefined) return 1;
    return allRows(this.desk.state.getState()).filter(
      (row) =>
        row.agentId === agentId &&
        row.incident.state !== 'RESOLVED' &&
        (kind === 'source'
          ? row.incident.first_mover.source_id === first.source_id
          : row.incident.services.includes(first.service)),
    ).length;
  }

  #scope(): InboxScope {
    return { ...this.#options.scope(), me: (agentId) => this.me(agentId) };
  }
}

function applies(verb: IncidentVerb, { state, silence_id }: Incident): boolean {
  switch (verb) {
    case 'ack':
      return state === 'OPEN';
    case 'unack':
      return state === 'ACK';
    case 'resolve':
    case 'silence':
    case 'merge':
      return state !== 'RESOLVED';
    case 'reopen':
      return state === 'RESOLVED';
    case 'unsilence':
      return silence_id !== null;
    case 'assign':
    case 'notes':
    case 'severity':
      return true;
    default:
      return verb satisfies never;
  }
}

const NOT_APPLICABLE: Readonly<Record<IncidentVerb, string>> = {
  ack: 'it is acknowledged or resolved already',
  unack: 'it is not acknowledged',
  resolve: 'it is resolved already',
  reopen: 'it is not resolved',
  assign: 'no incident is chosen',
  notes: 'no incident is chosen',
  severity: 'no incident is chosen',
  silence: 'it is resolved',
  unsilence: 'it is not silenced',
  merge: 'it is resolved',
};
