import type { Incident, IncidentAction } from '@sentinellog/shared';
import { createStore } from 'zustand/vanilla';
import { actionAsked, actionDone, incidentName } from '../words/incident-words.ts';
import { plural } from '../words/quantity.ts';
import { ActionJournal } from './action-journal.ts';
import { FailureReport, undoneWords, UndoReport, whyFailed, type Failure, type UndoCounts } from './action-report.ts';
import { batchesOf, sendAlone, sendTogether, type ActionServer, type Sender } from './action-sender.ts';
import type { DeskRow, DeskState } from './desk-state.ts';
import type { SetTimer } from './event-batch.ts';
import {
  canBeTakenBack,
  differs,
  isDone,
  isOvertaken,
  stepBack,
  type Facet,
  wayBack,
  withAction,
  withFacets,
} from './incident-effect.ts';
import { refKey, type IncidentRef } from './incident-ref.ts';
import { KnownIncidents } from './known-incidents.ts';
import { OperationQueues, type Operation, type Outcome } from './operation-queues.ts';
import { TOAST_MS, type ToastAction, type Toasts } from './toasts.ts';

/** How often an action follows an incident that changed in what the action is not about. */
const MAX_VERSIONS_FOLLOWED = 3;
/** Two foreign changes between the steps of one undo are a race that a person should see. */
const MAX_STEPS_BACK = 8;
/** As long as the agent holds back what it would tell others of it (`DEFAULT_HOLD_MS.resolved`). */
const RESOLVE_TOAST_MS = 8000;

export interface DeskOptions {
  readonly server: ActionServer;
  readonly now: () => number;
  readonly setTimer: SetTimer;
  /** A fresh idempotency key. */
  readonly newKey: () => string;
  readonly isOpen: (agentId: string) => boolean;
  readonly codeOf: (agentId: string) => string;
  /** The name under which the agent knows this person. */
  readonly me: (agentId: string) => string;
  readonly toasts: Toasts;
  /** For the status bar and for screen readers. */
  readonly say: (text: string) => void;
  /** Asked when an incident still fires that was to be resolved. */
  readonly onStillFiring: (ref: IncidentRef) => void;
}

/** One incident's part in an entry of the journal. */
interface Item {
  readonly ref: IncidentRef;
  /** As it was shown when the action was asked for, and from its turn on as it truly was just before. */
  before: Incident;
  /** As the agent answered; null until then. */
  after: Incident | null;
  /** While it can still be dropped. */
  operation: Operation | null;
}

interface Entry {
  readonly action: IncidentAction;
  readonly words: string;
  readonly atMs: number;
  readonly items: Map<string, Item>;
}

/**
 * The incidents of all agents and what a person does to them. What is shown is always the agent's newest word plus
 * what is pending, so a failure needs no roll-back of its own: the pending part goes, and the truth is left.
 * Operations on one incident wait for each other; undo is a compensating action in the same queue.
 */
export class IncidentDesk {
  readonly state = createStore<DeskState>(() => ({
    agents: new Map(),
    pending: 0,
    undoable: null,
    redoable: false,
    drafts: new Map(),
  }));
  readonly #options: DeskOptions;
  readonly #known = new KnownIncidents();
  readonly #queues: OperationQueues;
  readonly #journal = new ActionJournal<Entry>();

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#queues = new OperationQueues({ ...options, changed: (agentId) => this.#publish(agentId) });
  }

  // What the agents say

  /** All incidents that an agent has; those it no longer names are gone. */
  takeSnapshot(agentId: string, incidents: readonly Incident[]): void {
    this.#known.replace(agentId, incidents);
    this.#publish(agentId);
  }

  /** Incidents that changed, in the order in which they did. */
  take(agentId: string, incidents: readonly Incident[]): void {
    if (incidents.length === 0) return;
    this.#known.add(agentId, incidents);
    this.#publish(agentId);
  }

  forget(agentId: string): void {
    this.#known.forget(agentId);
    this.#queues.forget(agentId);
    this.#publish(agentId);
  }

  /** The connection is back: what waited for it goes out now. */
  wake(agentId: string): void {
    this.#queues.wake(agentId);
  }

  /** What this agent has said of its incidents, without what is pending here. */
  known(agentId: string): readonly Incident[] {
    return [...(this.#known.ofAgent(agentId)?.values() ?? [])];
  }

  row({ agentId, incidentId }: IncidentRef): DeskRow | undefined {
    return this.state.getState().agents.get(agentId)?.get(incidentId);
  }

  // What a person does

  /**
   * Does it at once on the screen and then at the agents; several become one batch an agent, one toast, one undo.
   * Those that it would not change are left out. Returns how many it is done to.
   */
  act(refs: readonly IncidentRef[], action: IncidentAction): number {
    return this.#do(refs, action, true);
  }

  /** Takes back the newest action, item by item, as far as nobody else has changed it since. */
  undo(): void {
    this.#undo(undefined);
  }

  /** When the newest action that can be taken back was done; null when there is none. */
  undoableAtMs(): number | null {
    return this.#journal.newest(this.#options.now())?.atMs ?? null;
  }

  redo(): void {
    const entry = this.#journal.takeRedo();
    if (entry === undefined) this.#options.say('Nothing to redo');
    else
      this.#do(
        [...entry.items.values()].map(({ ref }) => ref),
        entry.action,
        false,
      );
    this.#publishJournal();
  }

  setDraft(ref: IncidentRef, text: string): void {
    const drafts = new Map(this.state.getState().drafts);
    if (text === '') drafts.delete(refKey(ref));
    else drafts.set(refKey(ref), text);
    this.state.setState({ drafts });
  }

  #do(refs: readonly IncidentRef[], action: IncidentAction, isNew: boolean): number {
    const { now, me } = this.#options;
    const atMs = now();
    const touched = refs.flatMap((ref) => {
      const before = this.row(ref)?.incident;
      if (before === undefined) return [];
      const changes = action.action === 'notes' || differs(before, withAction(before, action, me(ref.agentId), atMs));
      return changes ? [{ ref, before }] : [];
    });
    if (touched.length === 0) return 0;
    const what = this.#names(touched.map(({ ref }) => ref));
    const entry: Entry = {
      action,
      words: `${actionDone(action)} ${what}`,
      atMs,
      items: new Map(touched.map(({ ref, before }) => [refKey(ref), { ref, before, after: null, operation: null }])),
    };
    if (canBeTakenBack(action)) this.#journal.push(entry, isNew);
    this.#toastDone(entry);
    const failures = new FailureReport(touched.length, (failed) => this.#toastFailed(entry, failed));
    for (const ofAgent of batchesOf(touched)) {
      const { agentId } = ofAgent[0]!.ref;
      const senderOf = this.#senders(
        agentId,
        action,
        ofAgent.map(({ ref }) => ref),
      );
      for (const { ref, before } of ofAgent) {
        const isBehind = this.#queues.of(ref).length > 0;
        const waiting = this.#queues.add({
          ref,
          words: actionAsked(action),
          effect: (incident) => withAction(incident, action, me(agentId), atMs),
          work: (operation) => {
            // What was shown may have rested on an action before this one that has failed since.
            const item = entry.items.get(refKey(ref));
            if (item !== undefined && isBehind) item.before = this.#known.get(ref) ?? before;
            return this.#carryOut(operation, before, action, senderOf(ref));
          },
          settle: (outcome) => {
            this.#settled(entry, ref, outcome);
            failures.add(ref, outcome);
          },
        });
        const item = entry.items.get(refKey(ref));
        if (item !== undefined) item.operation = waiting;
      }
    }
    this.#publishJournal();
    return touched.length;
  }

  #undo(wanted: Entry | undefined): void {
    const entry = this.#journal.takeUndo(this.#options.now(), wanted);
    if (entry === undefined) {
      this.#options.say('Nothing to undo');
      return;
    }
    const back = new UndoReport(entry.items.size, (counts) => this.#toastUndone(entry, counts));
    for (const item of entry.items.values()) {
      if (item.operation?.started === false) {
        // Nobody has heard of it yet: it is simply not done.
        this.#queues.drop(item.operation);
        back.add('unsent');
        continue;
      }
      this.#queues.add({
        ref: item.ref,
        words: 'undo',
        effect: (incident) => {
          const after = item.after ?? withAction(item.before, entry.action, this.#options.me(item.ref.agentId), 0);
          return withFacets(incident, item.before, wayBack(item.before, after, incident).facets);
        },
        work: (operation) => this.#bringBack(operation, item, back),
        settle: (outcome) => {
          if (outcome.type === 'failed') back.add('failed', outcome.error.detail);
          else if (outcome.type === 'cancelled') back.add('unsent');
        },
      });
    }
    this.#publishJournal();
  }

  // How it is carried out

  /** Several of one agent go together, unless one of them has to wait for its turn or for the connection. */
  #senders(agentId: string, action: IncidentAction, refs: readonly IncidentRef[]): (ref: IncidentRef) => Sender {
    const { server, newKey, isOpen } = this.#options;
    const together = refs.length > 1 && refs.every((ref) => this.#queues.of(ref).length === 0) && isOpen(agentId);
    if (!together) {
      return (ref) => {
        const alone = sendAlone(server, ref, action);
        return { first: alone, alone };
      };
    }
    const items = refs.map((ref) => ({ id: ref.incidentId, version: this.#known.version(ref) }));
    const shared = sendTogether(server, action, { agentId, key: newKey(), items });
    return (ref) => ({ first: shared(ref.incidentId), alone: sendAlone(server, ref, action) });
  }

  async #carryOut(operation: Operation, seen: Incident, action: IncidentAction, sender: Sender): Promise<Outcome> {
    const { ref } = operation;
    for (let followed = 0; ; followed++) {
      const send = followed === 0 ? sender.first : sender.alone;
      const answer = await this.#queues.deliver(operation, this.#known.version(ref), send);
      if (answer.ok) return { type: 'done', incident: this.#learn(ref, answer.value) };
      const current = answer.error.conflict?.current;
      if (current === undefined) {
        // The answers were lost, but the stream may have told that it was done.
        const known = this.#known.get(ref);
        const told = answer.error.retryable && known !== undefined && isDone(operation.effect(seen), known, action);
        return told ? { type: 'done', incident: known } : { type: 'failed', error: answer.error };
      }
      this.#learn(ref, current);
      // Only what the action is not about has changed, a new alert say: the decision still stands.
      const follow = answer.error.code !== 'still_firing' && !isOvertaken(seen, current, action);
      if (!follow || followed === MAX_VERSIONS_FOLLOWED) return { type: 'failed', error: answer.error };
    }
  }

  async #bringBack(operation: Operation, item: Item, report: UndoReport): Promise<Outcome> {
    const { server } = this.#options;
    const { ref, before, after } = item;
    const start = this.#known.get(ref);
    if (after === null || start === undefined) {
      report.add('nothing');
      return { type: 'cancelled' };
    }
    const { facets, overtaken } = wayBack(before, after, start);
    const goal = withFacets(start, before, facets);
    const touched = new Set<Facet>(facets);
    const inHold = start.held !== null && start.held.until_ms > this.#options.now();
    for (let step = 0; step < MAX_STEPS_BACK; step++) {
      const current = this.#known.get(ref) ?? start;
      const action = stepBack(current, goal, touched);
      if (action === null) {
        if (overtaken.length > 0) report.add('overtaken');
        else report.add(inHold ? 'in hold' : 'done');
        return { type: 'done', incident: current };
      }
      const send = sendAlone(server, ref, action);
      const answer = await this.#queues.deliver(operation, this.#known.version(ref), send);
      // Acknowledging also takes the ownership of what has no owner.
      if (action.action === 'ack') touched.add('owner');
      if (answer.ok) this.#learn(ref, answer.value);
      else if (answer.error.conflict === undefined) return { type: 'failed', error: answer.error };
      else {
        const now = this.#learn(ref, answer.error.conflict.current);
        if (isOvertaken(current, now, action)) {
          report.add('overtaken');
          return { type: 'done', incident: now };
        }
      }
    }
    return { type: 'failed', error: { code: 'conflict', detail: 'it keeps changing', retryable: false } };
  }

  #learn(ref: IncidentRef, incident: Incident): Incident {
    const holds = this.#known.learn(ref, incident);
    this.#publish(ref.agentId);
    return holds;
  }

  // What comes of it

  #settled(entry: Entry, ref: IncidentRef, outcome: Outcome): void {
    const item = entry.items.get(refKey(ref));
    if (item === undefined) return;
    item.operation = null;
    if (outcome.type === 'cancelled') return;
    if (outcome.type === 'done') {
      item.after = outcome.incident;
      return;
    }
    entry.items.delete(refKey(ref));
    if (entry.items.size === 0) this.#journal.remove(entry);
    if (entry.action.action === 'notes') this.setDraft(ref, entry.action.text);
    this.#publishJournal();
  }

  #toastDone(entry: Entry): void {
    this.#options.say(canBeTakenBack(entry.action) ? `${entry.words}, undo with z` : entry.words);
    const actions: readonly ToastAction[] = canBeTakenBack(entry.action)
      ? [{ label: entry.items.size > 1 ? 'Undo all' : 'Undo', keys: 'z', run: () => this.#undo(entry) }]
      : [];
    this.#options.toasts.show({
      text: entry.words,
      tone: 'good',
      forMs: entry.action.action === 'resolve' ? RESOLVE_TOAST_MS : TOAST_MS,
      actions,
    });
  }

  #toastFailed(entry: Entry, failed: readonly Failure[]): void {
    const [first] = failed;
    if (first === undefined) return;
    const { toasts, say } = this.#options;
    if (failed.length === 1 && first.error.code === 'still_firing' && entry.action.action === 'resolve') {
      this.#options.onStillFiring(first.ref);
      return;
    }
    const refs = failed.map(({ ref }) => ref);
    const done = failed.length > 1 && entry.items.size > 0 ? ` (${entry.items.size} done)` : '';
    const text = `Could not ${actionAsked(entry.action)} ${this.#names(refs)}${done}: ${whyFailed(first.error)}`;
    say(text);
    const retry = () => {
      toasts.dismiss(id);
      this.act(refs, entry.action);
    };
    const id = toasts.show({ text, tone: 'bad', forMs: null, actions: [{ label: 'Retry', run: retry }] });
  }

  #toastUndone(entry: Entry, counts: UndoCounts): void {
    const text = undoneWords(entry.words, counts);
    const bad = counts.failed > 0;
    this.#options.say(text);
    this.#options.toasts.show({ text, tone: bad ? 'bad' : 'good', forMs: bad ? null : TOAST_MS, actions: [] });
  }

  #names(refs: readonly IncidentRef[]): string {
    const [first] = refs;
    const row = first === undefined ? undefined : this.row(first);
    if (row === undefined || refs.length !== 1) {
      const codes = [...new Set(refs.map(({ agentId }) => this.#options.codeOf(agentId)))];
      return `${plural(refs.length, 'incident')} in ${codes.join(', ')}`;
    }
    return incidentName(row.incident, this.#options.codeOf(row.agentId));
  }

  // What is shown

  #publish(agentId: string): void {
    const agents = new Map(this.state.getState().agents);
    const known = this.#known.ofAgent(agentId);
    if (known === undefined) agents.delete(agentId);
    else {
      const shown = agents.get(agentId);
      agents.set(
        agentId,
        new Map([...known].map(([id, incident]) => [id, this.#rowOf(agentId, incident, shown?.get(id))])),
      );
    }
    this.state.setState({ agents, pending: this.#queues.pending });
  }

  /** The row before, where nothing has changed: a list of thousands re-renders what is new only. */
  #rowOf(agentId: string, known: Incident, before: DeskRow | undefined): DeskRow {
    const queue = this.#queues.of({ agentId, incidentId: known.incident_id });
    const last = queue.at(-1);
    if (last === undefined) {
      return before?.incident === known && before.pending === null
        ? before
        : { agentId, incident: known, pending: null };
    }
    const incident = queue.reduce((shown, { effect }) => effect(shown), known);
    const waiting = !this.#options.isOpen(agentId);
    return { agentId, incident, pending: { words: last.words, sinceMs: last.sinceMs, waiting } };
  }

  #publishJournal(): void {
    this.state.setState({
      undoable: this.#journal.newest(this.#options.now())?.words ?? null,
      redoable: this.#journal.canRedo,
    });
  }
}
