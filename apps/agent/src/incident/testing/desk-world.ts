import { type Actor, type Anomaly, type Incident, RequestError, type TimelineEntry } from '@sentinellog/shared';
import { anAnomaly } from '@sentinellog/shared/testing';
import type { Delivery } from '../../pipeline/delivery.ts';
import type { DeskAudit, DeskChange, DueSteps, RestoredDesk, StoredIncident } from '../../pipeline/desk-change.ts';
import type { Correlation } from '../correlation.ts';
import { IncidentDesk } from '../desk.ts';
import { derivedId } from '../desk-step.ts';
import { incidentSilences } from '../silence-desk.ts';

export const START_MS = 1_767_229_200_000;
export const MIA: Actor = { kind: 'person', name: 'Mia', via: 'console' };
export const OTTO: Actor = { kind: 'person', name: 'Otto', via: 'slack' };
export const SETTINGS = { quietMs: 5 * 60_000, cooldownMs: 30 * 60_000, ackTimeoutMs: 30 * 60_000 };

/** Series of one source id belong together; nothing else does. The earliest onset is first. */
const bySource: Correlation = {
  related: ({ onset }, suspects) =>
    suspects
      .filter(({ onsets }) => onsets.some(({ source_id }) => source_id === onset.source_id))
      .map(({ incidentId }) => ({ incidentId, bond: 'service', because: 'the same source' })),
  firstMover: (_tenant, onsets) => {
    const [first] = onsets.toSorted((a, b) => a.from_ms - b.from_ms);
    const { source_id, service, event_id, from_ms } = first;
    return { source_id, service, event_id, at_ms: from_ms, reason: 'earliest' };
  },
  named: () => [],
};

/** PostgreSQL as the desk sees it: what was saved, once each; it can be away, or lose its answer. */
export class MemoryStore {
  readonly incidents = new Map<string, StoredIncident>();
  readonly entries = new Map<string, TimelineEntry>();
  readonly audits: DeskAudit[] = [];
  readonly applied = new Map<string, RestoredDesk['applied'][number]>();
  readonly outbox = new Outbox();
  readonly doneSteps = new Set<string>();
  state: 'up' | 'down' | 'answer_lost' = 'up';

  save = async (change: DeskChange): Promise<void> => {
    if (this.state === 'down') throw new RequestError('storage_unavailable', 'the database is away');
    const before = new Map([...this.incidents].map(([id, { incident }]) => [id, incident.version]));
    for (const stored of change.incidents) {
      const { incident_id, version } = stored.incident;
      const known = this.incidents.get(incident_id);
      if (known !== undefined && known.incident.version >= version) continue;
      this.incidents.set(incident_id, structuredClone(stored));
    }
    for (const entry of change.entries) this.entries.set(entry.entry_id, entry);
    for (const mark of change.applied) this.applied.set(mark.eventId, mark);
    this.audits.push(...change.audits.filter(({ incidentId, version }) => version > (before.get(incidentId) ?? 0)));
    for (const step of change.outbox) {
      if (step.type === 'insert') this.outbox.insert(step.deliveries);
      else this.outbox.cancel(step.incidentId, step.transition);
    }
    if (this.state !== 'answer_lost') return;
    this.state = 'up';
    throw new RequestError('storage_unavailable', 'the answer was lost');
  };

  saveOnce = async (change: DeskChange, { waitingSinceMs, steps }: DueSteps): Promise<'done' | 'repeated'> => {
    const keys = steps.map((step) => `${waitingSinceMs} ${step}`);
    if (keys.every((key) => this.doneSteps.has(key))) return 'repeated';
    // One transaction: a lost answer has marked them all the same.
    if (this.state !== 'down') for (const key of keys) this.doneSteps.add(key);
    await this.save(change);
    return 'done';
  };

  restored(): RestoredDesk {
    return { incidents: [...this.incidents.values()], applied: [...this.applied.values()] };
  }
}

const keyOf = ({ incidentId, channelId, transition, turn }: Delivery) =>
  [incidentId, channelId, transition, turn].join(' ');

/** Deliveries that wait, and those that have left the building. */
export class Outbox {
  waiting: Delivery[] = [];
  readonly sent: Delivery[] = [];

  insert(deliveries: readonly Delivery[]): void {
    const known = new Set([...this.waiting, ...this.sent].map(keyOf));
    this.waiting.push(...deliveries.filter((one) => !known.has(keyOf(one))));
  }

  cancel(incidentId: string, transition: Delivery['transition']): void {
    this.waiting = this.waiting.filter((one) => one.incidentId !== incidentId || one.transition !== transition);
  }

  letPass(nowMs: number): void {
    this.sent.push(...this.waiting.filter(({ notBeforeMs }) => notBeforeMs <= nowMs));
    this.waiting = this.waiting.filter(({ notBeforeMs }) => notBeforeMs > nowMs);
  }
}

/** A desk with a clock of its own, over a store in memory; everybody is told everything through one channel. */
export class DeskWorld {
  nowMs = START_MS;
  readonly store: MemoryStore;
  readonly published: Incident[] = [];
  readonly desk: IncidentDesk;

  constructor(store = new MemoryStore(), correlation: Correlation = bySource) {
    this.store = store;
    this.desk = new IncidentDesk({
      now: () => this.nowMs,
      settings: SETTINGS,
      tenantOf: () => 'default',
      correlation,
      notifications: {
        plan: ({ incident_id, version }, transition, nowMs) => [
          {
            incidentId: incident_id,
            channelId: 'slack',
            transition,
            turn: version,
            notBeforeMs: nowMs,
            because: 'everybody hears everything',
            batch: false,
          },
        ],
      },
      silences: incidentSilences,
      store: {
        save: store.save,
        saveOnce: store.saveOnce,
        incident: async (id) => store.incidents.get(id) ?? null,
        incidentOfAlert: async (id) =>
          [...store.incidents.values()].find(({ incident }) => incident.alerts.some((one) => one.alert_id === id)) ??
          null,
      },
      onChanged: (incident) => this.published.push(incident),
      onGrown: () => undefined,
      onSaveFailed: () => undefined,
    });
    this.desk.restore(store.restored());
  }

  /** Lets time pass second by second, at most a hundred looks. */
  async pass(ms: number): Promise<void> {
    const step = Math.max(1000, ms / 100);
    for (let passed = 0; passed < ms; passed += step) {
      this.nowMs += Math.min(step, ms - passed);
      await this.desk.tick();
      this.store.outbox.letPass(this.nowMs);
    }
  }

  async fire(overrides: Partial<Anomaly> = {}): Promise<Anomaly> {
    const anomaly = this.anomaly(overrides);
    await this.desk.anomaly(anomaly);
    return anomaly;
  }

  async recover(anomaly: Anomaly): Promise<void> {
    await this.desk.anomaly({ ...anomaly, state: 'recovered', ended_at_ms: this.nowMs });
  }

  anomaly(overrides: Partial<Anomaly> = {}): Anomaly {
    const signal = overrides.signal ?? 'volume';
    const source = overrides.source_id ?? anAnomaly().source_id;
    return anAnomaly({
      event_id: derivedId(this.nowMs, 'event', source, signal, String(this.nowMs)),
      started_at_ms: this.nowMs - 10_000,
      last_outside_ms: this.nowMs,
      detected_at_ms: this.nowMs,
      ...overrides,
    });
  }

  /** The one incident that there is. */
  get incident(): Incident {
    const incidents = this.desk.list();
    if (incidents.length !== 1) throw new Error(`expected one incident, there are ${incidents.length}`);
    return incidents[0];
  }

  kinds(): string[] {
    return [...this.store.entries.values()].map(({ kind }) => kind);
  }

  sent(): string[] {
    return this.store.outbox.sent.map(({ transition }) => transition);
  }
}
