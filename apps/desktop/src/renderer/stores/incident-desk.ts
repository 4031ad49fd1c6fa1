import type { BatchAnswer, Incident, IncidentAction } from '@sentinellog/shared';
import { createStore } from 'zustand/vanilla';
import type { Answer, CallError, ConsoleBridge } from '../../bridge/calls.ts';
import { actionAsked, actionDone, incidentName } from '../words/incident-words.ts';
import { plural } from '../words/quantity.ts';
import { ActionJournal } from './action-journal.ts';
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
import { TOAST_MS, type ToastAction, type Toasts } from './toasts.ts';

/** What one agent may fill the desk with; the oldest that are resolved make room first. */
const MAX_INCIDENTS = 5000;
/** After a timeout or a fault of the agent (ux §2.6). */
const RETRY_DELAYS_MS = [500, 2000, 8000] as const;
/** An action that could not be sent within this time is given back as failed, never sent late. */
const SEND_WITHIN_MS = 60_000;
/** The agent takes 1,000, one after the other; a fifth of that is answered well before a request times out. */
const MAX_BATCH = 200;
/** How often an action follows an incident that changed in what the action is not about. */
const MAX_VERSIONS_FOLLOWED = 3;
/** Two foreign changes between the steps of one undo are a race that a person should see. */
const MAX_STEPS_BACK = 8;
/** As long as the agent holds back what it would tell others of it (`DEFAULT_HOLD_MS.resolved`). */
const RESOLVE_TOAST_MS = 8000;

export interface IncidentRef {
  readonly agentId: string;
  readonly incidentId: string;
}

export interface Pending {
  /** `acknowledge`, `undo` … */
  readonly words: string;
  readonly sinceMs: number;
  /** True while there is no connection to send it by. */
  readonly waiting: boolean;
}

export interface DeskRow {
  readonly agentId: string;
  /** What is shown: the agent's word with everything pending on top of it. */
  readonly incident: Incident;
  readonly pending: Pending | null;
}

export interface DeskState {
  /** By agent, then by incident; an agent that has not said what incidents it has is missing. */
  readonly agents: ReadonlyMap<string, ReadonlyMap<string, DeskRow>>;
  readonly pending: number;
  /** What `z` would take back, in words. */
  readonly undoable: string | null;
  readonly redoable: boolean;
  /** Notes that could not be sent, or are not finished, by `refKey`. */
  readonly drafts: ReadonlyMap<string, string>;
}

export interface DeskOptions {
  readonly server: Pick<ConsoleBridge, 'actOnIncident' | 'actOnIncidents'>;
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

type Outcome =
  | { readonly type: 'done'; readonly incident: Incident }
  | { readonly type: 'cancelled' }
  | { readonly type: 'failed'; readonly error: CallError };

/** Something that happens to one incident, in its turn. */
interface Operation {
  readonly ref: IncidentRef;
  readonly words: string;
  readonly sinceMs: number;
  readonly effect: (incident: Incident) => Incident;
  readonly work: (operation: Operation) => Promise<Outcome>;
  readonly settle: (outcome: Outcome) => void;
  started: boolean;
  /** Ends a wait for the connection or for the next attempt. */
  wake: (() => void) | null;
}

type Send = (attempt: number, version: number, key: string) => Promise<Answer<Incident>>;
/** How an action is first sent, perhaps together with others, and how when its incident has changed meanwhile. */
interface Sender {
  readonly first: Send;
  readonly alone: Send;
}

export function refKey({ agentId, incidentId }: IncidentRef): string {
  return `${agentId}/${incidentId}`;
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
  readonly #truth = new Map<string, Map<string, Incident>>();
  readonly #queues = new Map<string, Operation[]>();
  readonly #journal = new ActionJournal<Entry>();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  // What the agents say

  /** All incidents that an agent has; those it no longer names are gone. */
  takeSnapshot(agentId: string, incidents: readonly Incident[]): void {
    const known = this.#truth.get(agentId);
    const next = new Map(incidents.map((incident) => [incident.incident_id, newest(known, incident)]));
    this.#truth.set(agentId, bounded(next));
    this.#publish(agentId);
  }

  /** Incidents that changed, in the order in which they did. */
  take(agentId: string, incidents: readonly Incident[]): void {
    if (incidents.length === 0) return;
    const truth = this.#truth.get(agentId) ?? new Map<string, Incident>();
    for (const incident of incidents) truth.set(incident.incident_id, newest(truth, incident));
    this.#truth.set(agentId, bounded(truth));
    this.#publish(agentId);
  }

  forget(agentId: string): void {
    this.#truth.delete(agentId);
    for (const [key, queue] of this.#queues) {
      if (queue[0]?.ref.agentId !== agentId) continue;
      for (const operation of queue.slice(1)) operation.settle({ type: 'cancelled' });
      queue.splice(1);
      queue[0].wake?.();
      if (!queue[0].started) this.#queues.delete(key);
    }
    this.#publish(agentId);
  }

  /** The connection is back: what waited for it goes out now. */
  wake(agentId: string): void {
    for (const queue of this.#queues.values()) if (queue[0]?.ref.agentId === agentId) queue[0].wake?.();
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
      const send = this.#sender(
        agentId,
        action,
        ofAgent.map(({ ref }) => ref),
      );
      for (const { ref, before } of ofAgent) {
        const isBehind = this.#queues.has(refKey(ref));
        const waiting = this.#enqueue({
          ref,
          words: actionAsked(action),
          effect: (incident) => withAction(incident, action, me(agentId), atMs),
          work: (operation) => {
            // What was shown may have rested on an action before this one that has failed since.
            const item = entry.items.get(refKey(ref));
            if (item !== undefined && isBehind) item.before = this.#known(ref) ?? before;
            return this.#carryOut(operation, before, action, send(ref));
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
    const back = new UndoReport(entry.items.size, (report) => this.#sayUndone(entry, report));
    for (const item of entry.items.values()) {
      if (item.operation?.started === false) {
        // Nobody has heard of it yet: it is simply not done.
        this.#drop(item.operation);
        back.add('unsent');
        continue;
      }
      this.#enqueue({
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

  /** One answer for each item; those of a batch share its request, attempt by attempt. */
  #sender(agentId: string, action: IncidentAction, refs: readonly IncidentRef[]): (ref: IncidentRef) => Sender {
    const { server, newKey, isOpen } = this.#options;
    const single =
      ({ incidentId }: IncidentRef): Send =>
      (_attempt, version, key) =>
        server.actOnIncident({ agentId, incidentId, version, key, action });
    const together =
      refs.length > 1 && refs.every((ref) => (this.#queues.get(refKey(ref)) ?? []).length === 0) && isOpen(agentId);
    if (!together) return (ref) => ({ first: single(ref), alone: single(ref) });
    const key = newKey();
    const items = refs.map((ref) => ({ id: ref.incidentId, version: this.#version(ref) }));
    const requests = new Map<number, Promise<Answer<BatchAnswer>>>();
    const shared = async (attempt: number, incidentId: string): Promise<Answer<Incident>> => {
      const request = requests.get(attempt) ?? server.actOnIncidents({ agentId, key, action, items });
      requests.set(attempt, request);
      const answer = await request;
      return answer.ok ? resultOf(answer.value, incidentId) : answer;
    };
    return (ref) => ({ first: (attempt) => shared(attempt, ref.incidentId), alone: single(ref) });
  }

  async #carryOut(operation: Operation, seen: Incident, action: IncidentAction, sender: Sender): Promise<Outcome> {
    for (let followed = 0; ; followed++) {
      const answer = await this.#persist(operation, followed === 0 ? sender.first : sender.alone);
      if (answer.ok) return { type: 'done', incident: this.#learn(operation.ref, answer.value) };
      const current = answer.error.conflict?.current;
      if (current === undefined) {
        // The answers were lost, but the stream may have told that it was done.
        const known = this.#known(operation.ref);
        const told = answer.error.retryable && known !== undefined && isDone(operation.effect(seen), known, action);
        return told ? { type: 'done', incident: known } : { type: 'failed', error: answer.error };
      }
      this.#learn(operation.ref, current);
      // Only what the action is not about has changed, a new alert say: the decision still stands.
      const follow = answer.error.code !== 'still_firing' && !isOvertaken(seen, current, action);
      if (!follow || followed === MAX_VERSIONS_FOLLOWED) return { type: 'failed', error: answer.error };
    }
  }

  async #bringBack(operation: Operation, item: Item, report: UndoReport): Promise<Outcome> {
    const { server } = this.#options;
    const { ref, before, after } = item;
    const start = this.#known(ref);
    if (after === null || start === undefined) {
      report.add('nothing');
      return { type: 'cancelled' };
    }
    const { facets, overtaken } = wayBack(before, after, start);
    const goal = withFacets(start, before, facets);
    const touched = new Set<Facet>(facets);
    const inHold = start.held !== null && start.held.until_ms > this.#options.now();
    for (let step = 0; step < MAX_STEPS_BACK; step++) {
      const current = this.#known(ref) ?? start;
      const action = stepBack(current, goal, touched);
      if (action === null) {
        if (overtaken.length > 0) report.add('overtaken');
        else report.add(inHold ? 'in hold' : 'done');
        return { type: 'done', incident: current };
      }
      const answer = await this.#persist(operation, (_attempt, version, key) =>
        server.actOnIncident({ agentId: ref.agentId, incidentId: ref.incidentId, version, key, action }),
      );
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

  /** Sends until there is an answer: waits for the connection, tries again after faults, gives up at the deadline. */
  async #persist(operation: Operation, send: Send): Promise<Answer<Incident>> {
    const { now, newKey, isOpen } = this.#options;
    const key = newKey();
    const version = this.#version(operation.ref);
    const deadlineMs = operation.sinceMs + SEND_WITHIN_MS;
    for (let attempt = 0; ; attempt++) {
      while (!isOpen(operation.ref.agentId) && now() < deadlineMs) await this.#pause(operation, deadlineMs - now());
      if (now() >= deadlineMs) return tooLate(this.#options.codeOf(operation.ref.agentId));
      const answer = await send(attempt, version, key);
      const delayMs = RETRY_DELAYS_MS[attempt];
      if (answer.ok || !answer.error.retryable || delayMs === undefined) return answer;
      await this.#pause(operation, delayMs);
    }
  }

  #pause(operation: Operation, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        operation.wake = null;
        cancel();
        resolve();
      };
      const cancel = this.#options.setTimer(end, ms);
      operation.wake = end;
    });
  }

  #enqueue(wanted: Omit<Operation, 'sinceMs' | 'started' | 'wake'>): Operation {
    const key = refKey(wanted.ref);
    const queue = this.#queues.get(key) ?? [];
    const operation: Operation = { ...wanted, sinceMs: this.#options.now(), started: false, wake: null };
    queue.push(operation);
    this.#queues.set(key, queue);
    this.#publish(operation.ref.agentId);
    if (queue.length === 1) this.#startNext(key);
    return operation;
  }

  #startNext(key: string): void {
    const operation = this.#queues.get(key)?.[0];
    if (operation === undefined) {
      this.#queues.delete(key);
      return;
    }
    operation.started = this.#options.isOpen(operation.ref.agentId);
    void this.#run(operation);
  }

  async #run(operation: Operation): Promise<void> {
    // Until the connection is there it is not started, and can be taken back without a trace.
    const deadlineMs = operation.sinceMs + SEND_WITHIN_MS;
    while (!operation.started && this.#options.now() < deadlineMs) {
      await this.#pause(operation, deadlineMs - this.#options.now());
      if (this.#queues.get(refKey(operation.ref))?.[0] !== operation) return;
      operation.started = this.#options.isOpen(operation.ref.agentId);
    }
    let outcome: Outcome;
    try {
      outcome = await operation.work(operation);
    } catch (error) {
      outcome = { type: 'failed', error: { code: 'internal', detail: String(error), retryable: false } };
    }
    operation.settle(outcome);
    this.#drop(operation);
  }

  /** Takes an operation out of its queue; the next one's turn has come when it was the first. */
  #drop(operation: Operation): void {
    const key = refKey(operation.ref);
    const queue = this.#queues.get(key) ?? [];
    const at = queue.indexOf(operation);
    if (at >= 0) queue.splice(at, 1);
    operation.wake?.();
    if (at === 0) this.#startNext(key);
    this.#publish(operation.ref.agentId);
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
    const what = this.#names(failed.map(({ ref }) => ref));
    const done = entry.items.size;
    const text =
      failed.length === 1
        ? `Could not ${actionAsked(entry.action)} ${what}: ${this.#why(first)}`
        : `Could not ${actionAsked(entry.action)} ${what}${done > 0 ? ` (${done} done)` : ''}: ${this.#why(first)}`;
    say(text);
    const id = toasts.show({
      text,
      tone: 'bad',
      forMs: null,
      actions: [
        {
          label: 'Retry',
          run: () => {
            toasts.dismiss(id);
            this.act(
              failed.map(({ ref }) => ref),
              entry.action,
            );
          },
        },
      ],
    });
  }

  #why({ error }: Failure): string {
    const { conflict } = error;
    if (conflict === undefined) return error.detail;
    const { state, resolution } = conflict.current;
    const who = conflict.changedBy ?? conflict.current.resolved_by ?? conflict.current.acked_by ?? 'somebody';
    if (state === 'RESOLVED' && resolution === 'recovered') return 'it has recovered and is resolved; left as it is';
    if (state === 'RESOLVED') return `${who} has resolved it; left as it is`;
    return state === 'ACK' ? `${who} has it` : `${who} has changed it; this is how it is now`;
  }

  #sayUndone(entry: Entry, report: UndoCounts): void {
    const { say, toasts } = this.#options;
    const { failed, overtaken, done, firstFailure } = report;
    const outside =
      done === 0 ? '' : ': the change stays in the timeline, and whoever was told hears of the correction';
    const text =
      failed > 0
        ? `Could not undo ${plural(failed, 'change')} of “${entry.words}”: ${firstFailure}`
        : overtaken > 0
          ? `Undone as far as nobody had changed it since: ${entry.words}`
          : `Undone: ${entry.words}${report.inHold > 0 && done === 0 ? '; nothing had gone out' : outside}`;
    say(text);
    toasts.show({ text, tone: failed > 0 ? 'bad' : 'good', forMs: failed > 0 ? null : TOAST_MS, actions: [] });
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

  // The books

  #known({ agentId, incidentId }: IncidentRef): Incident | undefined {
    return this.#truth.get(agentId)?.get(incidentId);
  }

  #version(ref: IncidentRef): number {
    return this.#known(ref)?.version ?? 0;
  }

  #learn({ agentId, incidentId }: IncidentRef, incident: Incident): Incident {
    const truth = this.#truth.get(agentId);
    if (truth === undefined) return incident;
    const known = newest(truth, incident);
    truth.set(incidentId, known);
    this.#publish(agentId);
    return known;
  }

  #publish(agentId: string): void {
    const agents = new Map(this.state.getState().agents);
    const truth = this.#truth.get(agentId);
    if (truth === undefined) agents.delete(agentId);
    else {
      const shown = agents.get(agentId);
      agents.set(
        agentId,
        new Map([...truth].map(([id, incident]) => [id, this.#rowOf(agentId, incident, shown?.get(id))])),
      );
    }
    let pending = 0;
    for (const queue of this.#queues.values()) pending += queue.length;
    this.state.setState({ agents, pending });
  }

  /** The row before, where nothing has changed: a list of thousands re-renders what is new only. */
  #rowOf(agentId: string, truth: Incident, before: DeskRow | undefined): DeskRow {
    const queue = this.#queues.get(refKey({ agentId, incidentId: truth.incident_id })) ?? [];
    const last = queue.at(-1);
    if (last === undefined) {
      return before?.incident === truth && before.pending === null
        ? before
        : { agentId, incident: truth, pending: null };
    }
    const incident = queue.reduce((shown, { effect }) => effect(shown), truth);
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

interface Failure {
  readonly ref: IncidentRef;
  readonly error: CallError;
}

/** Of one agent each, and none longer than a batch may be. */
function batchesOf<One extends { readonly ref: IncidentRef }>(touched: readonly One[]): readonly (readonly One[])[] {
  return [...Map.groupBy(touched, ({ ref }) => ref.agentId).values()].flatMap((ofAgent) =>
    Array.from({ length: Math.ceil(ofAgent.length / MAX_BATCH) }, (_, i) =>
      ofAgent.slice(i * MAX_BATCH, (i + 1) * MAX_BATCH),
    ),
  );
}

/** Gathers what failed of one action, and says it once when all of it has ended. */
class FailureReport {
  readonly #failed: Failure[] = [];
  readonly #report: (failed: readonly Failure[]) => void;
  #open: number;

  constructor(count: number, report: (failed: readonly Failure[]) => void) {
    this.#open = count;
    this.#report = report;
  }

  add(ref: IncidentRef, outcome: Outcome): void {
    if (outcome.type === 'failed') this.#failed.push({ ref, error: outcome.error });
    this.#open--;
    if (this.#open === 0 && this.#failed.length > 0) this.#report(this.#failed);
  }
}

interface UndoCounts {
  readonly done: number;
  readonly inHold: number;
  readonly overtaken: number;
  readonly failed: number;
  readonly firstFailure: string;
}

/** The same for an undo. */
class UndoReport {
  readonly #report: (counts: UndoCounts) => void;
  #open: number;
  #counts = { done: 0, inHold: 0, overtaken: 0, failed: 0, firstFailure: '' };

  constructor(count: number, report: (counts: UndoCounts) => void) {
    this.#open = count;
    this.#report = report;
  }

  add(how: 'done' | 'in hold' | 'unsent' | 'nothing' | 'overtaken' | 'failed', detail = ''): void {
    switch (how) {
      case 'done':
        this.#counts.done++;
        break;
      // What was never sent has not gone out either.
      case 'in hold':
      case 'unsent':
        this.#counts.inHold++;
        break;
      case 'overtaken':
        this.#counts.overtaken++;
        break;
      case 'failed':
        this.#counts.failed++;
        this.#counts.firstFailure ||= detail;
        break;
      case 'nothing':
        break;
    }
    this.#open--;
    if (this.#open === 0) this.#report(this.#counts);
  }
}

/** Words may arrive twice and out of order, by the stream and as an answer: the higher version is the later one. */
function newest(known: ReadonlyMap<string, Incident> | undefined, incident: Incident): Incident {
  const before = known?.get(incident.incident_id);
  return before !== undefined && before.version > incident.version ? before : incident;
}

function bounded(incidents: Map<string, Incident>): Map<string, Incident> {
  const excess = incidents.size - MAX_INCIDENTS;
  if (excess <= 0) return incidents;
  const dispensable = [...incidents.values()].toSorted(
    (a, b) => Number(b.state === 'RESOLVED') - Number(a.state === 'RESOLVED') || a.started_at_ms - b.started_at_ms,
  );
  for (const { incident_id } of dispensable.slice(0, excess)) incidents.delete(incident_id);
  return incidents;
}

function resultOf(batch: BatchAnswer, incidentId: string): Answer<Incident> {
  const result = batch.results.find(({ id }) => id === incidentId);
  if (result?.ok === true && result.incident !== null) return { ok: true, value: result.incident };
  return {
    ok: false,
    error: {
      code: result?.code ?? 'invalid_answer',
      detail: result?.detail ?? 'the agent did not say what became of it',
      retryable: false,
      ...(result?.incident ? { conflict: { current: result.incident, changedBy: null } } : {}),
    },
  };
}

function tooLate(code: string): Answer<never> {
  return {
    ok: false,
    error: {
      code: 'expired',
      detail: `${code} was not reachable for ${SEND_WITHIN_MS / 1000} s, so it was not sent: what holds now may be different`,
      retryable: false,
    },
  };
}
