/**
 * The desk of incidents: takes anomalies in, lets people act, lets time pass. Its memory is the truth of everything that
 * is not long over; PostgreSQL follows. What a person does is written before it is answered; what the detectors say is
 * shown at once and written with the next save, so that incidents are made while the database is away and nothing is lost.
 * One thing happens at a time, in the order in which it was asked for.
 */
import { type Actor, type Anomaly, type Incident, type IncidentAction, RequestError } from '@sentinellog/shared';
import type { Delivery, Transition } from '../pipeline/delivery.ts';
import {
  type AppliedAnomaly,
  type DeskChange,
  type DueSteps,
  type OutboxStep,
  type RestoredDesk,
  type StoredIncident,
} from '../pipeline/desk-change.ts';
import { actionStep, conflict } from './actions.ts';
import {
  type AnomalyNews,
  dedupKeyOf,
  hasRoom,
  joinIncident,
  onsetOf,
  openIncident,
  recoverAlert,
  reopenByAnomaly,
  type StepContext,
  traceIdsOf,
  updateAlert,
} from './anomaly-steps.ts';
import { clockStep } from './clock-steps.ts';
import type { Correlation, Suspect } from './correlation.ts';
import { type DeskSettings, KEEP_RESOLVED_MS, MAX_RESOLVED, MAX_UNRESOLVED } from './desk-settings.ts';
import { type DeskStep, deskStep, type EntryText, type Relay } from './desk-step.ts';
import { type IncidentRecord, recordOf } from './incident-record.ts';
import { spanOf } from './incident-words.ts';
import { mergeSteps } from './merge-steps.ts';
import type { SilenceDesk } from './silence-desk.ts';
import { isUnavailable, UnsavedChanges } from './unsaved-changes.ts';
import { visible } from './visible.ts';

/** Who is to hear of it, when and why; empty: nobody. */
export interface Notifications {
  plan(incident: Incident, transition: Transition, nowMs: number): readonly Delivery[];
}

export interface DeskStore {
  /** All of it or nothing. RequestError('storage_unavailable') when it may succeed later. */
  save(change: DeskChange): Promise<void>;
  /** The same, together with the mark that these steps are done; `repeated`: they were, and nothing was written. */
  saveOnce(change: DeskChange, steps: DueSteps): Promise<'done' | 'repeated'>;
  /** For incidents that have left the desk's memory. */
  incident(incidentId: string): Promise<StoredIncident | null>;
  incidentOfAlert(alertId: string): Promise<StoredIncident | null>;
}

export interface DeskParts {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly settings: DeskSettings;
  /** Whose source it is; null: not known (any more). */
  readonly tenantOf: (sourceId: string) => string | null;
  readonly correlation: Correlation;
  readonly notifications: Notifications;
  readonly silences: SilenceDesk;
  readonly store: DeskStore;
  /** For consoles: with every change; what the detectors refine is told at most once a second. */
  readonly onChanged: (incident: Incident) => void;
  /** A new incident, or one that more series have joined. */
  readonly onGrown: (incident: Incident, isNew: boolean) => void;
  readonly onSaveFailed: (error: unknown) => void;
}

/** What a person wants done, and what they have seen of it. */
export interface Deed {
  readonly action: IncidentAction;
  readonly actor: Actor;
  /** `If-Match`: the version of the target (alert or incident) that the person has seen; absent: whatever it is now. */
  readonly seenVersion?: number | undefined;
}

/** What routing finds due by the clock: somebody else is told, or what was hidden is told after all. */
export interface DueOrder {
  readonly type: 'escalated' | 'released';
  readonly waitingSinceMs: number;
  readonly steps: readonly string[];
  /** Their turn is set here, to the version that the order makes. */
  readonly deliveries: readonly Delivery[];
  /** For the timeline. */
  readonly text: string;
}

export type Target = { readonly incidentId: string } | { readonly alertId: string };

/** What an anomaly of the past says about the present: beyond this it makes no incident, only an anomaly in the list. */
const STALE_MS = 3_600_000;
/** Anomalies whose state is remembered as taken in. */
const MAX_APPLIED = 50_000;

export type DeskLoss = 'stale_anomaly' | 'unknown_source' | 'timeline_entry' | 'unsavable';

export class IncidentDesk {
  readonly #parts: DeskParts;
  readonly #records = new Map<string, IncidentRecord>();
  readonly #keys = new Set<string>();
  /** Dedup key → the newest alert of it. */
  readonly #byKey = new Map<string, { readonly incidentId: string; readonly alertId: string }>();
  readonly #applied = new Map<string, AppliedAnomaly>();
  readonly #unpublished = new Set<string>();
  readonly #unsaved: UnsavedChanges;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #lost: Record<Exclude<DeskLoss, 'timeline_entry'>, number> = {
    stale_anomaly: 0,
    unknown_source: 0,
    unsavable: 0,
  };

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.#unsaved = new UnsavedChanges(
      (change) => parts.store.save(change),
      (incidentId, cause) => {
        this.#lost.unsavable++;
        parts.onSaveFailed(new Error(`incident ${incidentId} cannot be stored`, { cause }));
      },
    );
  }

  /** What was not taken in or given up, by reason. */
  get lost(): Readonly<Record<DeskLoss, number>> {
    return { ...this.#lost, timeline_entry: this.#unsaved.droppedEntries };
  }

  /** Before the first anomaly. */
  restore({ incidents, applied }: RestoredDesk): void {
    for (const stored of incidents) this.#keep(recordOf(stored));
    for (const one of applied) this.#applied.set(one.eventId, one);
  }

  /** Unresolved ones, and those that were resolved within a day; newest first. */
  list(): readonly Incident[] {
    const nowMs = this.#parts.now();
    return [...this.#records.values()]
      .map(({ incident }) => visible(incident, nowMs))
      .toSorted((a, b) => b.opened_at_ms - a.opened_at_ms);
  }

  get openCount(): number {
    let count = 0;
    for (const { incident } of this.#records.values()) if (incident.state !== 'RESOLVED') count++;
    return count;
  }

  /** Incidents whose newest state the database does not have yet. */
  get unsaved(): number {
    return this.#unsaved.size;
  }

  /** As it is in memory; null: not there (any more). */
  inMemory(incidentId: string): Incident | null {
    return this.#records.get(incidentId)?.incident ?? null;
  }

  /** Traces that its sample lines name. */
  traceIdsOf(incidentId: string): readonly string[] {
    return this.#records.get(incidentId)?.memory.trace_ids ?? [];
  }

  /** An anomaly is new or has changed. The promise is for tests: nothing waits for it. */
  anomaly(anomaly: Anomaly): Promise<void> {
    // An early one may be withdrawn within three seconds: it is drawn at once, and people are called when its second closes.
    if (anomaly.state === 'early' || anomaly.state === 'withdrawn') return Promise.resolve();
    return this.#inTurn(() => this.#take(anomaly));
  }

  /**
   * After a start, when the journal has been read back: series that fire on the desk although no anomaly of theirs is open
   * any more (their watch was lost) recover.
   */
  settle(openEventIds: ReadonlySet<string>): Promise<void> {
    return this.#inTurn(() => {
      for (const { incident, memory } of this.#records.values()) {
        for (const alert of incident.alerts) {
          const eventId = alert.event_ids.at(-1);
          if (!alert.firing || eventId === undefined || openEventIds.has(eventId)) continue;
          this.#recover(alert.incident_id, alert.alert_id, {
            event_id: eventId,
            service: alert.service,
            detector: 'agent',
            reason: alert.reason,
            started_at_ms: incident.started_at_ms,
            last_outside_ms: memory.last_active_ms,
            raw_data_sample: [],
          });
        }
      }
    });
  }

  /** Call it every second: what is due happens, and what changed is shown and saved. */
  async tick(): Promise<void> {
    await this.#inTurn(() => {
      const nowMs = this.#parts.now();
      for (const id of this.#records.keys()) {
        for (;;) {
          const step = clockStep(this.#record(id), this.#parts.settings, nowMs, (ending, incident) =>
            this.#withBill(ending, incident),
          );
          if (step === null) break;
          this.#make(step, nowMs);
        }
      }
      this.#forget(nowMs);
      this.#publishRest();
    });
    // Outside the turn: a database that takes ten seconds to fail must not keep anomalies waiting.
    await this.#unsaved.flush().catch(this.#parts.onSaveFailed);
  }

  /** Everything that has happened is in the database. Rejects with storage_unavailable. */
  async saved(): Promise<void> {
    await this.#inTurn(() => undefined);
    await this.#unsaved.flush();
  }

  /**
   * Does what a person asks for, writes it together with its timeline entry, its audit entry and its deliveries, and
   * resolves with the incident as it is then. Rejects with RequestError `not_found` or `storage_unavailable`, and with
   * VersionConflict where somebody was faster.
   */
  act(target: Target, deed: Deed): Promise<Incident> {
    return this.#inTurn(async () => {
      const { record, alertId } = await this.#find(target);
      await this.#unsaved.flush();
      this.#requireSeen(record, alertId, deed.seenVersion);
      const steps = await this.#stepsOf(record, alertId, deed);
      if (steps.length === 0) return record.incident;
      const nowMs = this.#parts.now();
      const change = together(steps.map((step) => this.#changeOf(step, nowMs, alertId)));
      await this.#saveDeed(change, steps);
      for (const step of steps) this.#install(step);
      return steps[0]?.record.incident ?? record.incident;
    });
  }

  /** Something was done about it that decides nothing: a message was told, a hook has run. Of what is long over nothing is kept. */
  remark(incidentId: string, actor: Actor, entries: readonly EntryText[]): Promise<void> {
    return this.#inTurn(() => {
      const before = this.#records.get(incidentId);
      if (before === undefined) return;
      const nowMs = this.#parts.now();
      this.#make(deskStep({ before, incident: before.incident, actor, nowMs, entries, decides: false }), nowMs);
    });
  }

  /**
   * Carries out what is due, once: its timeline entry, the incident's next version and the deliveries of that turn are one
   * transaction with the mark that it is done. Nothing is due any more once somebody has taken the incident. Rejects with
   * storage_unavailable; then it is done in a later round.
   */
  carryOut(incidentId: string, { type, text, deliveries, ...due }: DueOrder): Promise<'done' | 'repeated'> {
    return this.#inTurn(async () => {
      const before = this.#records.get(incidentId);
      if (before?.incident.state !== 'OPEN') return 'repeated';
      await this.#unsaved.flush();
      const nowMs = this.#parts.now();
      const kind = type === 'escalated' ? 'escalated' : 'unsilenced';
      const step = deskStep({
        before,
        incident: before.incident,
        actor: ROUTING,
        nowMs,
        entries: [{ kind, text }],
        audit: `incident.${type}`,
        decides: false,
      });
      const turn = step.record.incident.version;
      const outbox: OutboxStep[] = [{ type: 'insert', deliveries: deliveries.map((one) => ({ ...one, turn })) }];
      const change = { ...this.#changeOf(step, nowMs, null), outbox };
      const outcome = await this.#orOverwrite([step], () =>
        this.#parts.store.saveOnce(change, { ...due, incidentId, atMs: nowMs }),
      );
      if (outcome === 'done') this.#install(step);
      return outcome;
    });
  }

  // Anomalies.

  #take(anomaly: Anomaly): void {
    const applied = this.#applied.get(anomaly.event_id);
    if (anomaly.state === 'recovered') {
      if (applied?.state === 'open') this.#recover(applied.incidentId, applied.alertId, anomaly);
      return;
    }
    if (applied?.state === 'recovered') return;
    if (applied !== undefined) this.#update(applied, anomaly);
    else this.#takeNew(anomaly);
  }

  #takeNew(anomaly: Anomaly): void {
    const context = this.#context();
    const { nowMs } = context;
    const tenant = this.#parts.tenantOf(anomaly.source_id);
    if (tenant === null) {
      this.#lost.unknown_source++;
      return;
    }
    if (anomaly.last_outside_ms < nowMs - STALE_MS) {
      this.#lost.stale_anomaly++;
      return;
    }
    const known = this.#byKey.get(dedupKeyOf(tenant, anomaly));
    const record = known === undefined ? undefined : this.#records.get(known.incidentId);
    if (known !== undefined && record !== undefined) {
      const { state, resolved_at_ms, merged_into } = record.incident;
      if (state !== 'RESOLVED') {
        this.#make(updateAlert(record, known.alertId, anomaly, context), nowMs);
        this.#mark(anomaly, record.incident.incident_id, known.alertId, 'open');
        return;
      }
      if (merged_into === null && nowMs - (resolved_at_ms ?? 0) < this.#parts.settings.cooldownMs) {
        this.#make(reopenByAnomaly(record, known.alertId, anomaly, context), nowMs);
        this.#mark(anomaly, record.incident.incident_id, known.alertId, 'open');
        return;
      }
    }
    this.#placeNew(tenant, anomaly, context);
  }

  #placeNew(tenant: string, anomaly: Anomaly, context: StepContext): void {
    const { nowMs } = context;
    const unresolved = [...this.#records.values()].filter(({ incident }) => incident.state !== 'RESOLVED');
    const newcomer = { tenant, onset: onsetOf(anomaly), traceIds: traceIdsOf(anomaly) };
    const related = this.#parts.correlation.related(newcomer, unresolved.filter(hasRoom).map(suspectOf));
    const storm = unresolved.length >= MAX_UNRESOLVED ? unresolved.filter(hasRoom).at(-1) : undefined;
    const [best] = related;
    const host = best === undefined ? storm : this.#record(best.incidentId);
    if (host === undefined) {
      const step = openIncident(tenant, anomaly, (key) => this.#keys.has(key), context);
      this.#make(step, nowMs);
      this.#markNewest(anomaly, step);
      this.#parts.onGrown(step.record.incident, true);
      return;
    }
    const step = joinIncident(host, anomaly, best?.because ?? 'more fires at once than can be told apart', context);
    this.#make(step, nowMs);
    this.#markNewest(anomaly, step);
    // The newcomer is what two incidents have in common.
    for (const other of related.slice(1)) this.#mergeThem(other.incidentId, host.incident.incident_id, other.because);
    this.#parts.onGrown(step.record.incident, false);
  }

  #update(applied: AppliedAnomaly, anomaly: Anomaly): void {
    const record = this.#records.get(applied.incidentId);
    if (record === undefined) return;
    const context = this.#context();
    const before = new Set(record.memory.trace_ids);
    this.#make(updateAlert(record, applied.alertId, anomaly, context), context.nowMs);
    // Sample lines come a little later; a trace in them may tie two incidents together.
    if (record.incident.state === 'RESOLVED' || traceIdsOf(anomaly).every((id) => before.has(id))) return;
    const others = [...this.#records.values()].filter(
      ({ incident }) => incident.state !== 'RESOLVED' && incident.incident_id !== applied.incidentId,
    );
    const newcomer = { tenant: record.incident.tenant, onset: onsetOf(anomaly), traceIds: traceIdsOf(anomaly) };
    for (const { incidentId, bond, because } of this.#parts.correlation.related(newcomer, others.map(suspectOf)))
      if (bond === 'trace') this.#mergeThem(applied.incidentId, incidentId, because);
  }

  #recover(incidentId: string, alertId: string, anomaly: AnomalyNews): void {
    const record = this.#records.get(incidentId);
    const applied = this.#applied.get(anomaly.event_id);
    if (record === undefined || applied === undefined) return;
    const nowMs = this.#parts.now();
    const alert = record.incident.alerts.find(({ alert_id }) => alert_id === alertId);
    // Another anomaly of the same series may be open by now.
    if (alert?.firing === true && alert.event_ids.at(-1) === anomaly.event_id)
      this.#make(recoverAlert(record, alertId, anomaly, this.#context()), nowMs);
    this.#mark(anomaly, incidentId, alertId, 'recovered');
  }

  /** The younger joins the elder, unless both have become somebody's: then only a person may say so. */
  #mergeThem(oneId: string, otherId: string, because: string): void {
    const one = this.#records.get(oneId);
    const other = this.#records.get(otherId);
    if (one === undefined || other === undefined || one === other) return;
    const [elder, younger] = one.incident.started_at_ms <= other.incident.started_at_ms ? [one, other] : [other, one];
    if (elder.incident.state === 'RESOLVED' || younger.incident.state !== 'OPEN') return;
    if (elder.incident.alerts.length + younger.incident.alerts.length > MAX_MERGED) return;
    const nowMs = this.#parts.now();
    const actor: Actor = { kind: 'detector', name: 'correlation', via: null };
    const steps = mergeSteps(younger, elder, because, actor, nowMs, this.#context().firstMover);
    for (const step of steps) this.#make(step, nowMs);
    this.#moveMarks(younger.incident.incident_id, elder.incident.incident_id);
  }

  #moveMarks(fromId: string, toId: string): void {
    for (const [eventId, mark] of this.#applied) {
      if (mark.incidentId !== fromId) continue;
      const moved = { ...mark, incidentId: toId };
      this.#applied.set(eventId, moved);
      this.#unsaved.add({ applied: [moved] });
    }
  }

  #markNewest(anomaly: Anomaly, { record }: DeskStep): void {
    const alert = record.incident.alerts.at(-1);
    if (alert !== undefined) this.#mark(anomaly, record.incident.incident_id, alert.alert_id, 'open');
  }

  #mark({ event_id }: AnomalyNews, incidentId: string, alertId: string, state: AppliedAnomaly['state']): void {
    const mark: AppliedAnomaly = { eventId: event_id, incidentId, alertId, state, atMs: this.#parts.now() };
    this.#applied.delete(event_id);
    this.#applied.set(event_id, mark);
    for (const oldest of this.#applied.keys()) {
      if (this.#applied.size <= MAX_APPLIED) break;
      this.#applied.delete(oldest);
    }
    this.#unsaved.add({ applied: [mark] });
  }

  // People.

  async #find(target: Target): Promise<{ readonly record: IncidentRecord; readonly alertId: string | null }> {
    if ('incidentId' in target) {
      const record =
        this.#records.get(target.incidentId) ?? restored(await this.#parts.store.incident(target.incidentId));
      if (record === null) throw new RequestError('not_found', 'there is no incident with this id');
      return { record, alertId: null };
    }
    const { alertId } = target;
    for (const record of this.#records.values())
      if (record.incident.alerts.some(({ alert_id }) => alert_id === alertId)) return { record, alertId };
    const record = restored(await this.#parts.store.incidentOfAlert(alertId));
    if (record === null) throw new RequestError('not_found', 'there is no alert with this id');
    return { record, alertId };
  }

  /** The version of an alert where the target is one, else of the incident. */
  #requireSeen(record: IncidentRecord, alertId: string | null, seenVersion: number | undefined): void {
    if (seenVersion === undefined) return;
    const { decided } = record.memory;
    const alert = record.incident.alerts.find(({ alert_id }) => alert_id === alertId);
    const [since, version] =
      alert === undefined
        ? [decided.version, record.incident.version]
        : [decided.alerts[alert.alert_id] ?? 0, alert.version];
    if (seenVersion >= since && seenVersion <= version) return;
    throw conflict(record, 'conflict', `${decided.by.name} has changed it since you saw version ${seenVersion}`);
  }

  async #stepsOf(
    record: IncidentRecord,
    alertId: string | null,
    { action, actor }: Deed,
  ): Promise<readonly DeskStep[]> {
    const nowMs = this.#parts.now();
    if (action.action === 'silence') return [await this.#silence(record, action, actor, nowMs)];
    if (action.action === 'unsilence') return this.#unsilence(record, actor, nowMs);
    if (action.action === 'merge') return this.#merge(record, action.into, actor, nowMs);
    const step = actionStep(record, action, { actor, nowMs, settings: this.#parts.settings, alertId });
    return step === null ? [] : [step];
  }

  async #silence(
    record: IncidentRecord,
    action: Extract<IncidentAction, { action: 'silence' }>,
    actor: Actor,
    nowMs: number,
  ): Promise<DeskStep> {
    const { incident } = record;
    if (action.untilMs !== undefined && action.untilMs <= nowMs)
      throw new RequestError('invalid_request', 'untilMs lies in the past');
    if (incident.state === 'RESOLVED')
      throw conflict(record, 'conflict', 'it is resolved; there is nothing to silence');
    if (incident.silence_id !== null)
      throw conflict(record, 'conflict', 'it is silenced already: take that silence back first');
    const cover = await this.#parts.silences.silence({ incident, action, actor, nowMs });
    const till = cover.untilMs === null ? 'until it gets worse' : `for ${spanOf(cover.untilMs - nowMs)}`;
    const text = `${actor.name} silenced it ${till}${action.reason === '' ? '' : `: ${action.reason}`}`;
    return deskStep({
      before: record,
      incident: { ...incident, silence_id: cover.silenceId, silenced_until_ms: cover.untilMs },
      actor,
      nowMs,
      entries: [{ kind: 'silenced', text }],
      audit: 'incident.silence',
      decides: true,
    });
  }

  async #unsilence(record: IncidentRecord, actor: Actor, nowMs: number): Promise<readonly DeskStep[]> {
    const { silence_id } = record.incident;
    if (silence_id === null) return [];
    await this.#parts.silences.lift(silence_id, actor, nowMs);
    return [this.#unsilenced(record, actor, `${actor.name} took the silence back`, nowMs)];
  }

  #merge(record: IncidentRecord, intoId: string, actor: Actor, nowMs: number): readonly DeskStep[] {
    const into = this.#records.get(intoId);
    if (into === undefined || into.incident.state === 'RESOLVED')
      throw new RequestError('invalid_request', 'into names no incident that is open');
    if (into.incident.incident_id === record.incident.incident_id)
      throw new RequestError('invalid_request', 'an incident cannot be merged into itself');
    if (into.incident.tenant !== record.incident.tenant)
      throw new RequestError('invalid_request', 'the two incidents are of different tenants');
    if (record.incident.state === 'RESOLVED')
      throw conflict(record, 'conflict', 'it is resolved; there is nothing to merge');
    if (into.incident.alerts.length + record.incident.alerts.length > MAX_MERGED)
      throw new RequestError('invalid_request', `together they would have more than ${MAX_MERGED} alerts`);
    return mergeSteps(record, into, `${actor.name} says so`, actor, nowMs, this.#context().firstMover);
  }

  #unsilenced(before: IncidentRecord, actor: Actor, ending: string, nowMs: number): DeskStep {
    const text = this.#withBill(ending, before.incident);
    return deskStep({
      before,
      incident: { ...before.incident, silence_id: null, silenced_until_ms: null },
      actor,
      nowMs,
      entries: [{ kind: 'unsilenced', text }],
      relays: before.incident.firing ? [{ type: 'tell', transition: 'updated', holdMs: 0 }] : [],
      audit: 'incident.unsilence',
      decides: true,
    });
  }

  /** How a silence ended, and what it hid. */
  #withBill(ending: string, { silence_id }: Incident): string {
    const bill = silence_id === null ? null : this.#parts.silences.billOf(silence_id);
    return bill === null ? ending : `${ending}. ${bill}`;
  }

  async #saveDeed(change: DeskChange, steps: readonly DeskStep[]): Promise<void> {
    await this.#orOverwrite(steps, () => this.#parts.store.save(change));
    if (steps.length === 2) this.#moveMarks(steps[0].record.incident.incident_id, steps[1].record.incident.incident_id);
  }

  async #orOverwrite<T>(steps: readonly DeskStep[], save: () => Promise<T>): Promise<T> {
    try {
      return await save();
    } catch (error) {
      // Whether it was done is not known. The person hears that it failed and may ask again; so that memory and database
      // do not go apart, memory takes a version beyond the doubtful one and writes itself over it.
      for (const { record } of steps) {
        const current = this.#records.get(record.incident.incident_id);
        if (current !== undefined && isUnavailable(error)) this.#overwrite(current, record.incident.version);
      }
      throw error;
    }
  }

  #overwrite(current: IncidentRecord, doubtfulVersion: number): void {
    const record = { ...current, incident: { ...current.incident, version: doubtfulVersion + 1 } };
    this.#keep(record);
    this.#unpublished.add(record.incident.incident_id);
    this.#unsaved.add({ incidents: [record] });
  }

  // What every change goes through.

  /** A change by detectors or by time: shown at once, saved with the next save. */
  #make(step: DeskStep, nowMs: number): void {
    this.#unsaved.add(this.#changeOf(step, nowMs, null));
    this.#install(step);
    this.#followSilence(step.record.incident.incident_id, nowMs);
  }

  /** A silence ends by itself when things get worse, and covers what opens under it. */
  #followSilence(incidentId: string, nowMs: number): void {
    const record = this.#record(incidentId);
    const { incident } = record;
    if (incident.state === 'RESOLVED') return;
    const cover = this.#parts.silences.covers(incident, nowMs);
    if (cover?.silenceId === incident.silence_id || (cover === null && incident.silence_id === null)) return;
    const actor: Actor = { kind: 'agent', name: 'agent', via: null };
    const step =
      cover === null
        ? this.#unsilenced(record, actor, 'the silence is over: it got worse than when it was silenced', nowMs)
        : deskStep({
            before: record,
            incident: { ...incident, silence_id: cover.silenceId, silenced_until_ms: cover.untilMs },
            actor,
            nowMs,
            entries: [{ kind: 'silenced', text: 'a silence that was made before covers it' }],
            decides: true,
          });
    this.#unsaved.add(this.#changeOf(step, nowMs, null));
    this.#install(step);
  }

  #changeOf({ record, entries, relays, audit, actor }: DeskStep, nowMs: number, alertId: string | null): DeskChange {
    const { incident } = record;
    return {
      incidents: [record],
      entries,
      applied: [],
      audits:
        audit === null
          ? []
          : [
              {
                incidentId: incident.incident_id,
                version: incident.version,
                atMs: nowMs,
                actor: actor.name,
                action: audit,
                detail: {
                  kind: actor.kind,
                  ...(actor.via !== null && { via: actor.via }),
                  version: incident.version,
                  state: incident.state,
                  severity: incident.severity,
                  ...(alertId !== null && { alert: alertId }),
                  ...(entries[0] !== undefined && { text: entries[0].text }),
                },
              },
            ],
      outbox: relays.map((relay) => this.#outboxStep(incident, relay, nowMs)),
    };
  }

  #outboxStep(incident: Incident, relay: Relay, nowMs: number): OutboxStep {
    const { transition } = relay;
    if (relay.type === 'take_back') return { type: 'cancel', incidentId: incident.incident_id, transition };
    const earliest = nowMs + relay.holdMs;
    const planned = this.#parts.notifications.plan(incident, transition, nowMs);
    return {
      type: 'insert',
      deliveries: planned.map((one) => ({ ...one, notBeforeMs: Math.max(one.notBeforeMs, earliest) })),
    };
  }

  #install({ record, entries, audit }: DeskStep): void {
    this.#keep(record);
    const { incident, memory } = record;
    const isNews = entries.length > 0 || audit !== null || memory.decided.version === incident.version;
    if (isNews) {
      this.#unpublished.delete(incident.incident_id);
      this.#parts.onChanged(incident);
    } else this.#unpublished.add(incident.incident_id);
  }

  #keep(record: IncidentRecord): void {
    const { incident } = record;
    this.#records.set(incident.incident_id, record);
    this.#keys.add(incident.key);
    for (const { dedup_key, alert_id } of incident.alerts) {
      const known = this.#byKey.get(dedup_key);
      const other = known === undefined ? undefined : this.#records.get(known.incidentId);
      // Restored in any order: an incident that goes on comes before one that is over, and a later one before an earlier.
      const keepsOther =
        other !== undefined &&
        other.incident.incident_id !== incident.incident_id &&
        other.incident.opened_at_ms > incident.opened_at_ms &&
        other.incident.alerts.some((alert) => alert.dedup_key === dedup_key);
      if (!keepsOther) this.#byKey.set(dedup_key, { incidentId: incident.incident_id, alertId: alert_id });
    }
  }

  #record(incidentId: string): IncidentRecord {
    const record = this.#records.get(incidentId);
    if (record === undefined) throw new Error(`incident ${incidentId} is not on the desk`);
    return record;
  }

  #publishRest(): void {
    for (const id of this.#unpublished) {
      const record = this.#records.get(id);
      if (record !== undefined) this.#parts.onChanged(record.incident);
    }
    this.#unpublished.clear();
  }

  /** What is long over leaves memory; the database has it for its retention. */
  #forget(nowMs: number): void {
    let resolved = 0;
    for (const { incident } of [...this.#records.values()].toReversed()) {
      if (incident.state !== 'RESOLVED' || this.#unsaved.has(incident.incident_id)) continue;
      const age = nowMs - (incident.resolved_at_ms ?? nowMs);
      if (++resolved <= MAX_RESOLVED && age < KEEP_RESOLVED_MS) continue;
      if (age < this.#parts.settings.cooldownMs) continue;
      this.#records.delete(incident.incident_id);
      this.#keys.delete(incident.key);
      for (const { dedup_key } of incident.alerts)
        if (this.#byKey.get(dedup_key)?.incidentId === incident.incident_id) this.#byKey.delete(dedup_key);
    }
  }

  #context(): StepContext {
    const { now, correlation } = this.#parts;
    return {
      nowMs: now(),
      firstMover: (tenant, onsets) => correlation.firstMover(tenant, onsets),
      named: (tenant, lines) => correlation.named(tenant, lines),
    };
  }

  #inTurn<T>(work: () => Promise<T> | T): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

const MAX_MERGED = 500;
const ROUTING: Actor = { kind: 'agent', name: 'routing', via: null };

function suspectOf({ incident, memory }: IncidentRecord): Suspect {
  return {
    incidentId: incident.incident_id,
    tenant: incident.tenant,
    startedAtMs: incident.started_at_ms,
    lastActiveMs: memory.last_active_ms,
    services: incident.services,
    onsets: memory.onsets,
    traceIds: memory.trace_ids,
  };
}

function restored(stored: StoredIncident | null): IncidentRecord | null {
  return stored === null ? null : recordOf(stored);
}

function together(changes: readonly DeskChange[]): DeskChange {
  return {
    incidents: changes.flatMap(({ incidents }) => incidents),
    entries: changes.flatMap(({ entries }) => entries),
    applied: changes.flatMap(({ applied }) => applied),
    audits: changes.flatMap(({ audits }) => audits),
    outbox: changes.flatMap(({ outbox }) => outbox),
  };
}
