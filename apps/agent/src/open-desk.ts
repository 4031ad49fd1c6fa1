/** The desk of incidents with everything around it: correlation, learnt service edges, collected events, the log's own words. */
import {
  type Actor,
  type Anomaly,
  type Incident,
  type IncidentAction,
  RequestError,
  type Source,
} from '@sentinellog/shared';
import { Correlator } from './correlate/correlator.ts';
import { EventCollector } from './correlate/event-collector.ts';
import { ServiceEdges } from './correlate/service-edges.ts';
import { type DeskStore, IncidentDesk, type Notifications } from './incident/desk.ts';
import type { SilenceDesk } from './incident/silence-desk.ts';
import type { DeskChange } from './pipeline/desk-change.ts';
import type { Store } from './store/store.ts';
import { type EventLine, eventLines } from './tally/event-lines.ts';
import type { Log } from './telemetry/log.ts';

/** Anomalies of so long ago are looked at after a start: had they been taken in before the agent was killed? */
const LOOK_BACK_MS = 2 * 86_400_000;
/** For the service edges: a little of what was just received, now and then. */
const EDGE_SAMPLE_MS = 30_000;
const EDGE_SAMPLE_LINES = 3000;
const EDGE_LINES_PER_SERVICE = 400;
const EDGE_SAVE_MS = 5 * 60_000;
/** Around an incident, before the fifty are chosen. */
const NEARBY_LINES = 4000;
const NEARBY_PER_SERVICE = 200;
const NEARBY_LEVELS: ReadonlySet<string> = new Set(['warn', 'error', 'fatal']);
const MINUTE_MS = 60_000;

type LineReader = Parameters<typeof eventLines>[0];

export interface DeskRoomParts {
  readonly now: () => number;
  readonly log: Log;
  readonly store: Pick<Store, 'incidents' | 'routingMemory' | 'serviceEdges' | 'saveServiceEdges'>;
  readonly settings: {
    readonly quietMinutes: number;
    readonly cooldownMinutes: number;
    readonly ackTimeoutMinutes: number;
  };
  readonly sources: () => readonly Source[];
  /** The journal from a time of receipt on, bounded in bytes. */
  readonly recordsSince: (receivedAtMs: number) => Promise<LineReader>;
  /** The newest of the journal received since then, and little of it. */
  readonly newestRecords: (receivedAtMs: number) => Promise<LineReader>;
  readonly notifications: Notifications;
  readonly silences: SilenceDesk;
  readonly publish: (incident: Incident) => void;
  /** What lies around an incident was looked at: advice can be had. Not waited for. */
  readonly onCollected: (incidentId: string) => Promise<void>;
  /** A line of a sample that names its trace. */
  readonly onTraced: (line: { readonly message: string; readonly trace: string }) => void;
  /** Deliveries were committed. */
  readonly onToTell: () => void;
}

export class DeskRoom {
  readonly desk: IncidentDesk;
  readonly edges: ServiceEdges;
  readonly collector: EventCollector;
  readonly #parts: DeskRoomParts;
  #sampledAtMs: number;
  #savedEdgesAtMs: number;
  #reading: Promise<void> | undefined;
  #complainedAtMs = Number.NEGATIVE_INFINITY;

  private constructor(parts: DeskRoomParts, edges: ServiceEdges) {
    const { now, log, store, settings, sources } = parts;
    this.#parts = parts;
    this.edges = edges;
    this.#sampledAtMs = now();
    this.#savedEdgesAtMs = now();
    const areNeighbours = (tenant: string, one: string, other: string) =>
      edges.calls(tenant, one, other) || edges.calls(tenant, other, one);
    this.desk = new IncidentDesk({
      now,
      settings: {
        quietMs: settings.quietMinutes * MINUTE_MS,
        cooldownMs: settings.cooldownMinutes * MINUTE_MS,
        ackTimeoutMs: settings.ackTimeoutMinutes * MINUTE_MS,
      },
      tenantOf: (sourceId) => sources().find(({ source_id }) => source_id === sourceId)?.tenant ?? null,
      correlation: new Correlator(
        edges,
        (tenant) => new Set(sources().flatMap((source) => (source.tenant === tenant ? [source.service] : []))),
      ),
      notifications: parts.notifications,
      silences: parts.silences,
      store: deskStore(parts),
      onChanged: (incident) => parts.publish(incident),
      onGrown: (incident, isNew) => {
        if (isNew) logCreated(log, incident);
        this.collector.ask(incident.incident_id);
      },
      onSaveFailed: (err) => this.#complain(err),
    });
    this.collector = new EventCollector({
      now,
      incident: (incidentId) => {
        const incident = this.desk.inMemory(incidentId);
        if (incident === null) return null;
        const { tenant, started_at_ms, services } = incident;
        return { incidentId, tenant, startedAtMs: started_at_ms, services, traceIds: this.desk.traceIdsOf(incidentId) };
      },
      find: async (tenant, fromMs, toMs, among) =>
        this.#withSources(
          await this.#linesOf(await parts.recordsSince(fromMs), {
            tenant,
            fromMs,
            toMs,
            most: NEARBY_LINES * among,
            mostPerService: NEARBY_PER_SERVICE * among,
            isWanted: (level) => NEARBY_LEVELS.has(level),
          }),
        ),
      areNeighbours,
      keep: async (incidentId, events) => {
        await this.desk.saved();
        await store.incidents.keepCorrelated(incidentId, events);
      },
      learn: (lines) => edges.learn(lines),
      onCollected: (incident_id, events) => {
        const services = new Set(events.map(({ service }) => service)).size;
        log.info({ event: 'correlation.complete', incident_id, events: events.length, services }, 'looked around');
        parts.onCollected(incident_id).catch((err: unknown) => {
          log.warn({ event: 'incident.not_advised', incident_id, err }, 'the incident goes without advice for now');
        });
      },
    });
  }

  /** Reads what the database has of incidents and edges. Call `takeIn` when the sources are known. */
  static async open(parts: DeskRoomParts): Promise<DeskRoom> {
    const edges = new ServiceEdges();
    edges.restore(await parts.store.serviceEdges());
    const room = new DeskRoom(parts, edges);
    room.desk.restore(await parts.store.incidents.restore(parts.now()));
    return room;
  }

  /** Anomalies that were stored, but not taken in before the agent was killed. */
  async takeIn(): Promise<void> {
    const missed = await this.#parts.store.incidents.notTakenIn(this.#parts.now() - LOOK_BACK_MS);
    await Promise.all(missed.map((anomaly) => this.desk.anomaly(anomaly)));
  }

  /** An anomaly is new or has changed. A mistake of the desk must not take detection and ingest down with it. */
  take(anomaly: Anomaly): void {
    this.desk.anomaly(anomaly).catch((err: unknown) => this.#mistake(err));
  }

  /** For channels: a click of a person, answered in a sentence where it cannot be done. */
  async act(
    incidentId: string,
    action: IncidentAction,
    actor: Actor,
  ): Promise<{ readonly type: 'done' } | { readonly type: 'refused'; readonly detail: string }> {
    try {
      await this.desk.act({ incidentId }, { action, actor });
      return { type: 'done' };
    } catch (error) {
      if (error instanceof RequestError) return { type: 'refused', detail: error.message };
      throw error;
    }
  }

  /** The journal has been read back: what fires on the desk must be open now. */
  settle(anomalies: readonly Anomaly[]): void {
    const open = anomalies.filter(({ state }) => state === 'early' || state === 'open');
    this.desk.settle(new Set(open.map(({ event_id }) => event_id))).catch((err: unknown) => this.#mistake(err));
  }

  /** Call it every second. Reading the journal goes on beside it. */
  async tick(): Promise<void> {
    await this.desk.tick().catch((err: unknown) => this.#mistake(err));
    if (this.#reading !== undefined) return;
    this.#reading = this.#read()
      .catch((err: unknown) => this.#mistake(err))
      .finally(() => {
        this.#reading = undefined;
      });
  }

  /** Does not wait for the journal: a story that is not collected is no loss, an incident that is not saved would be. */
  async close(): Promise<void> {
    await this.desk.tick();
    await this.#saveEdges();
  }

  async #read(): Promise<void> {
    await this.collector.tick();
    const nowMs = this.#parts.now();
    if (nowMs - this.#sampledAtMs >= EDGE_SAMPLE_MS) {
      const sinceMs = this.#sampledAtMs;
      this.#sampledAtMs = nowMs;
      await this.#sampleEdges(sinceMs, nowMs);
    }
    if (nowMs - this.#savedEdgesAtMs >= EDGE_SAVE_MS) await this.#saveEdges();
  }

  async #sampleEdges(sinceMs: number, nowMs: number): Promise<void> {
    try {
      const lines = await this.#linesOf(await this.#parts.newestRecords(sinceMs), {
        fromMs: sinceMs - MINUTE_MS,
        toMs: nowMs + MINUTE_MS,
        most: EDGE_SAMPLE_LINES,
        mostPerService: EDGE_LINES_PER_SERVICE,
        isWanted: () => true,
      });
      this.edges.learn(
        lines.flatMap(({ tenant, service, trace_id, at_ms }) =>
          trace_id === undefined ? [] : [{ tenant, service, traceId: trace_id, atMs: at_ms }],
        ),
      );
    } catch (err) {
      this.#parts.log.warn({ event: 'edges.not_sampled', err }, 'the journal could not be read for service edges');
    }
  }

  async #saveEdges(): Promise<void> {
    this.#savedEdgesAtMs = this.#parts.now();
    const changed = this.edges.takeChanged();
    if (changed === null) return;
    try {
      await this.#parts.store.saveServiceEdges(changed);
    } catch (err) {
      // They are learnt again; nothing but a little time is lost.
      this.#parts.log.warn({ event: 'edges.not_saved', err }, 'service edges are not saved this time');
    }
  }

  #mistake(err: unknown): void {
    this.#parts.log.error({ event: 'incident.mistake', err }, 'this is a mistake of the desk of incidents');
  }

  /** Tried again every second; said once a minute. */
  #complain(err: unknown): void {
    const nowMs = this.#parts.now();
    if (nowMs - this.#complainedAtMs < MINUTE_MS) return;
    this.#complainedAtMs = nowMs;
    this.#parts.log.warn({ event: 'incident.not_saved', err }, 'incidents wait in memory for the database');
  }

  async #linesOf(...wish: Parameters<typeof eventLines>): Promise<EventLine[]> {
    const lines = await eventLines(...wish);
    for (const { tenant, message, trace_id } of lines) {
      if (trace_id !== undefined) this.#parts.onTraced({ message, trace: `${tenant}/${trace_id}` });
    }
    return lines;
  }

  #withSources(lines: readonly EventLine[]) {
    const ids = new Map(
      this.#parts.sources().map((source) => [`${source.tenant}\0${source.service}`, source.source_id]),
    );
    return lines.flatMap((line) => {
      const source_id = ids.get(`${line.tenant}\0${line.service}`);
      return source_id === undefined ? [] : [{ ...line, source_id }];
    });
  }
}

function deskStore({ store: { incidents, routingMemory }, onToTell }: DeskRoomParts): DeskStore {
  const tell = ({ outbox }: DeskChange) => {
    if (outbox.some((step) => step.type === 'insert' && step.deliveries.length > 0)) onToTell();
  };
  return {
    save: async (change) => {
      await incidents.save(change);
      tell(change);
    },
    saveOnce: async (change, due) => {
      const outcome = await routingMemory.doSteps(due, (transaction) => incidents.saveWithin(transaction, change));
      if (outcome === 'done') tell(change);
      return outcome;
    },
    incident: (incidentId) => incidents.incident(incidentId),
    incidentOfAlert: (alertId) => incidents.incidentOfAlert(alertId),
  };
}

function logCreated(log: Log, { incident_id, key, severity, services, first_mover, title }: Incident): void {
  log.info(
    { event: 'incident.created', incident_id, incident: key, severity, services, first_mover: first_mover.service },
    title,
  );
}
