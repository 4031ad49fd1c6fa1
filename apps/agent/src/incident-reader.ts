/** Incidents as they are read: what the desk has in memory is newer than what is stored, and what is stored goes back further. */
import {
  type Alert,
  type Analysis,
  type Anomaly,
  type Incident,
  type IncidentDetail,
  RequestError,
  type RunbookMatch,
  type TimelineEntry,
} from '@sentinellog/shared';
import type { IncidentDesk } from './incident/desk.ts';
import { endingOf } from './incident/incident-words.ts';
import { visible } from './incident/visible.ts';
import type { IncidentPageQuery, IncidentTable, Page, TimelinePageQuery } from './store/incidents.ts';

/** What others know about an incident. */
export interface IncidentEnrichment {
  enrich(
    found: Pick<IncidentDetail, 'incident' | 'correlated' | 'similar'>,
  ): Promise<{ readonly runbooks: readonly RunbookMatch[]; readonly analyses: readonly Analysis[] }>;
}

const MAX_SIMILAR = 5;

export class IncidentReader {
  readonly #desk: IncidentDesk;
  readonly #table: IncidentTable;
  readonly #enrichment: IncidentEnrichment;
  readonly #liveAnomalies: () => readonly Anomaly[];
  readonly #now: () => number;

  /** @param liveAnomalies those of the last hour, newer than what the last checkpoint has stored */
  constructor(
    desk: IncidentDesk,
    table: IncidentTable,
    enrichment: IncidentEnrichment,
    liveAnomalies: () => readonly Anomaly[],
    now: () => number,
  ) {
    this.#liveAnomalies = liveAnomalies;
    this.#desk = desk;
    this.#table = table;
    this.#enrichment = enrichment;
    this.#now = now;
  }

  list(): readonly Incident[] {
    return this.#desk.list();
  }

  /** While the database is away, the first page still comes: from memory, which has everything that is not over. */
  page(query: IncidentPageQuery): Promise<Page<Incident>> {
    return this.#orFromMemory(
      query,
      async () => {
        const { items, nextCursor } = await this.#table.page(query);
        return { items: items.map((stored) => this.#current(stored)), nextCursor };
      },
      () => this.#desk.list().filter((incident) => fits(incident, incident.services, query)),
    );
  }

  alerts(query: IncidentPageQuery): Promise<Page<Alert>> {
    return this.#orFromMemory(
      query,
      () => this.#table.alerts(query),
      () =>
        this.#desk
          .list()
          .flatMap(({ alerts }) => alerts)
          .filter((alert) => fits(alert, [alert.service], query)),
    );
  }

  async timeline(query: TimelinePageQuery): Promise<Page<TimelineEntry>> {
    await this.#desk.saved();
    return this.#table.timeline(query);
  }

  /** null: there is no such incident. */
  async detail(incidentId: string): Promise<IncidentDetail | null> {
    await this.#desk.saved();
    const stored = this.#desk.inMemory(incidentId) ?? (await this.#table.incident(incidentId))?.incident ?? null;
    if (stored === null) return null;
    const incident = visible(stored, this.#now());
    const [context, similar] = await Promise.all([this.#table.context(incident), this.#similar(incident)]);
    const correlated = [...context.correlated];
    const { runbooks, analyses } = await this.#enrichment.enrich({ incident, correlated, similar });
    return {
      incident,
      anomalies: this.#anomaliesOf(incident, context.anomalies),
      timeline: [...context.timeline],
      correlated,
      runbooks: [...runbooks],
      analyses: [...analyses],
      similar,
    };
  }

  #anomaliesOf(incident: Incident, stored: readonly Anomaly[]): Anomaly[] {
    const ids = new Set(incident.alerts.flatMap(({ event_ids }) => event_ids));
    const live = this.#liveAnomalies().filter(({ event_id }) => ids.has(event_id));
    const newest = new Map([...stored, ...live].map((anomaly) => [anomaly.event_id, anomaly]));
    return [...newest.values()].toSorted((a, b) => a.started_at_ms - b.started_at_ms);
  }

  async #similar(incident: Incident): Promise<IncidentDetail['similar']> {
    const found = await this.#table.similar(incident, MAX_SIMILAR);
    const notes = await this.#table.lastNotes(found.map(({ incident_id }) => incident_id));
    return found.map((past) => ({
      incident_id: past.incident_id,
      key: past.key,
      title: past.title,
      started_at_ms: past.started_at_ms,
      resolution: past.resolution,
      ending: notes.get(past.incident_id) ?? endingOf(past),
    }));
  }

  #current(stored: Incident): Incident {
    return visible(this.#desk.inMemory(stored.incident_id) ?? stored, this.#now());
  }

  async #orFromMemory<Item>(
    { cursor, limit }: IncidentPageQuery,
    fromStore: () => Promise<Page<Item>>,
    fromMemory: () => readonly Item[],
  ): Promise<Page<Item>> {
    try {
      await this.#desk.saved();
      return await fromStore();
    } catch (error) {
      const isAway = error instanceof RequestError && error.code === 'storage_unavailable';
      if (!isAway || cursor !== undefined) throw error;
      return { items: fromMemory().slice(0, limit), nextCursor: null };
    }
  }
}

function fits(
  { state, severity }: { readonly state: string; readonly severity: string },
  services: readonly string[],
  query: IncidentPageQuery,
): boolean {
  return (
    (query.state === undefined || query.state === state) &&
    (query.severity === undefined || query.severity === severity) &&
    (query.service === undefined || services.includes(query.service))
  );
}
