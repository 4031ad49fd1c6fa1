import {
  type Alert,
  AlertSchema,
  AnomalySchema,
  type Anomaly,
  type CorrelatedEvent,
  CorrelatedEventSchema,
  type Incident,
  IncidentSchema,
  type TimelineEntry,
  TimelineEntrySchema,
} from '@sentinellog/shared';
import { z } from 'zod';
import type { Delivery, Transition } from '../pipeline/delivery.ts';
import type { AppliedAnomaly, DeskChange, RestoredDesk, StoredIncident } from '../pipeline/desk-change.ts';
import { UnknownCursor } from './anomalies.ts';
import { appendAudit } from './audit.ts';
import { fromStorableJson, toStorableJson, toStorableText } from './lossless-text.ts';
import type { Database, Transaction } from './postgres.ts';

/** Where deliveries wait for their channels: written in the same transaction as what they tell of. */
export interface OutboxWriter {
  insert(transaction: Transaction, deliveries: readonly Delivery[]): Promise<void>;
  /** Takes back what has not left yet. */
  cancel(transaction: Transaction, incidentId: string, transition: Transition): Promise<unknown>;
}

export interface IncidentPageQuery {
  readonly state?: string | undefined;
  readonly severity?: string | undefined;
  readonly service?: string | undefined;
  readonly limit: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
}
export interface TimelinePageQuery {
  readonly alertId?: string | undefined;
  readonly incidentId?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}
/** Newest first; null on the last page. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

/** What else is known about one incident. */
export interface IncidentContext {
  readonly anomalies: readonly Anomaly[];
  readonly timeline: readonly TimelineEntry[];
  readonly correlated: readonly CorrelatedEvent[];
}

type IncidentRow = { readonly body: string; readonly memory: string; readonly alerts: string };
type AlertRow = { readonly alert_id: string; readonly opened_at_ms: number; readonly body: string };
type EntryRow = { readonly entry_id: string; readonly at_ms: number; readonly body: string };

const COLUMNS = `i.body::text, i.memory::text,
  coalesce((SELECT json_agg(a.body ORDER BY a.position)::text FROM alert a WHERE a.incident_id = i.incident_id), '[]') AS alerts`;
/** An incident that flaps for days; the list by itself pages through all of it. */
const MAX_TIMELINE = 1000;
const MAX_RESTORED_MARKS = 50_000;
const DAY_MS = 86_400_000;
const MAX_RESTORED_RESOLVED = 500;

/** Incidents, alerts and timelines. Every change of them goes through `save`, with its audit entries and deliveries. */
export class IncidentTable {
  readonly #database: Pick<Database, 'query' | 'transaction'>;
  readonly #outbox: () => OutboxWriter;
  readonly #requireClaim: (transaction: Transaction) => Promise<void>;

  /**
   * @param outbox asked for at each save: the channels are wired after the store
   * @param requireClaim rejects when another run of the agent has taken the database over
   */
  constructor(
    database: Pick<Database, 'query' | 'transaction'>,
    outbox: () => OutboxWriter,
    requireClaim: (transaction: Transaction) => Promise<void>,
  ) {
    this.#database = database;
    this.#outbox = outbox;
    this.#requireClaim = requireClaim;
  }

  /** All of it or nothing; what is stored already (after a commit in doubt) is not written twice. */
  save(change: DeskChange): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      await this.#requireClaim(transaction);
      const stored = await storedVersions(transaction, change.incidents);
      const fresh = change.incidents.filter(
        ({ incident }) => incident.version > (stored.get(incident.incident_id) ?? 0),
      );
      await upsertIncidents(transaction, fresh);
      await upsertAlerts(transaction, fresh);
      await insertEntries(transaction, change.entries);
      await upsertMarks(transaction, change.applied);
      const outbox = this.#outbox();
      for (const step of change.outbox) {
        if (step.type === 'insert') await outbox.insert(transaction, step.deliveries);
        else await outbox.cancel(transaction, step.incidentId, step.transition);
      }
      for (const { incidentId, version, ...audit } of change.audits)
        if (version > (stored.get(incidentId) ?? 0)) await appendAudit(transaction, { ...audit, object: incidentId });
    });
  }

  /** What the desk goes on with after a start. */
  async restore(nowMs: number): Promise<RestoredDesk> {
    const rows = await this.#database.query<IncidentRow>(
      `SELECT ${COLUMNS} FROM incident i WHERE state <> 'RESOLVED'
       UNION ALL
       (SELECT ${COLUMNS} FROM incident i WHERE state = 'RESOLVED' AND resolved_at_ms > $1
        ORDER BY resolved_at_ms DESC LIMIT $2)`,
      [nowMs - DAY_MS, MAX_RESTORED_RESOLVED],
    );
    const marks = await this.#database.query<MarkRow>(
      'SELECT event_id, incident_id, alert_id, state, at_ms FROM incident_event ORDER BY at_ms DESC LIMIT $1',
      [MAX_RESTORED_MARKS],
    );
    return {
      incidents: rows.map(incidentOf).toSorted((a, b) => a.incident.opened_at_ms - b.incident.opened_at_ms),
      applied: marks.map((row) => MarkSchema.parse(row)).toReversed(),
    };
  }

  /**
   * Anomalies of the last days that the checkpoints have and the desk has not taken in: between the two commits the agent
   * was killed. By their start.
   */
  async notTakenIn(sinceMs: number): Promise<Anomaly[]> {
    const rows = await this.#database.query<{ body: string; raw_data_sample: string }>(
      `SELECT a.body::text, a.raw_data_sample::text FROM anomaly a LEFT JOIN incident_event e USING (event_id)
       WHERE a.started_at_ms > $1
         AND ((a.state = 'open' AND e.event_id IS NULL) OR (a.state = 'recovered' AND e.state = 'open'))
       ORDER BY a.started_at_ms, a.event_id LIMIT 10000`,
      [sinceMs],
    );
    return rows.map(anomalyOf);
  }

  async incident(incidentId: string): Promise<StoredIncident | null> {
    const rows = await this.#database.query<IncidentRow>(`SELECT ${COLUMNS} FROM incident i WHERE incident_id = $1`, [
      incidentId,
    ]);
    return rows.map(incidentOf).at(0) ?? null;
  }

  async incidentOfAlert(alertId: string): Promise<StoredIncident | null> {
    const rows = await this.#database.query<IncidentRow>(
      `SELECT ${COLUMNS} FROM incident i WHERE incident_id = (SELECT incident_id FROM alert WHERE alert_id = $1)`,
      [alertId],
    );
    return rows.map(incidentOf).at(0) ?? null;
  }

  /** Rejects with UnknownCursor for a cursor that no page has given out. */
  async page(query: IncidentPageQuery): Promise<Page<Incident>> {
    const { state, severity, service, limit, cursor } = query;
    const [beforeMs, beforeId] = parseCursor(cursor);
    const rows = await this.#database.query<IncidentRow>(
      `SELECT ${COLUMNS} FROM incident i
       WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR severity = $2)
         AND ($3::text IS NULL OR services @> ARRAY[$3])
         AND ($4::bigint IS NULL OR (opened_at_ms, incident_id) < ($4, $5::uuid))
       ORDER BY opened_at_ms DESC, incident_id DESC LIMIT $6`,
      [state ?? null, severity ?? null, storable(service), beforeMs, beforeId, limit + 1],
    );
    const incidents = rows.map((row) => incidentOf(row).incident);
    return pageOf(incidents, limit, (last) => `${last.opened_at_ms}_${last.incident_id}`);
  }

  async alerts(query: IncidentPageQuery): Promise<Page<Alert>> {
    const { state, severity, service, limit, cursor } = query;
    const [beforeMs, beforeId] = parseCursor(cursor);
    const rows = await this.#database.query<AlertRow>(
      `SELECT alert_id, opened_at_ms, body::text FROM alert
       WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR severity = $2)
         AND ($3::text IS NULL OR service = $3)
         AND ($4::bigint IS NULL OR (opened_at_ms, alert_id) < ($4, $5::uuid))
       ORDER BY opened_at_ms DESC, alert_id DESC LIMIT $6`,
      [state ?? null, severity ?? null, storable(service), beforeMs, beforeId, limit + 1],
    );
    const alerts = rows.map(({ body }) => AlertSchema.parse(fromStorableJson(body)));
    return pageOf(alerts, limit, (last) => `${last.opened_at_ms}_${last.alert_id}`);
  }

  async timeline(query: TimelinePageQuery): Promise<Page<TimelineEntry>> {
    const { alertId, incidentId, limit, cursor } = query;
    const [beforeMs, beforeId] = parseCursor(cursor);
    // An alert's story is that of its incident, without what is about its other alerts alone.
    const rows = await this.#database.query<EntryRow>(
      `SELECT entry_id, at_ms, body::text FROM timeline_entry
       WHERE ($1::uuid IS NULL OR alert_id = $1
              OR (alert_id IS NULL AND incident_id = (SELECT incident_id FROM alert WHERE alert.alert_id = $1)))
         AND ($2::uuid IS NULL OR incident_id = $2)
         AND ($3::bigint IS NULL OR (at_ms, entry_id) < ($3, $4::uuid))
       ORDER BY at_ms DESC, entry_id DESC LIMIT $5`,
      [alertId ?? null, incidentId ?? null, beforeMs, beforeId, limit + 1],
    );
    return pageOf(rows.map(entryOf), limit, (last) => `${last.at_ms}_${last.entry_id}`);
  }

  /** The anomalies behind its alerts, its timeline (oldest first) and what happened around it. */
  async context(incident: Incident): Promise<IncidentContext> {
    const eventIds = incident.alerts.flatMap(({ event_ids }) => event_ids);
    const [anomalies, entries, [collected]] = await Promise.all([
      this.#database.query<{ body: string; raw_data_sample: string }>(
        `SELECT body::text, raw_data_sample::text FROM anomaly WHERE event_id = ANY ($1::uuid[])
         ORDER BY started_at_ms, event_id LIMIT 200`,
        [eventIds],
      ),
      this.#database.query<EntryRow>(
        `SELECT entry_id, at_ms, body::text FROM timeline_entry WHERE incident_id = $1
         ORDER BY at_ms, entry_id LIMIT $2`,
        [incident.incident_id, MAX_TIMELINE],
      ),
      this.#database.query<{ correlated: string }>('SELECT correlated::text FROM incident WHERE incident_id = $1', [
        incident.incident_id,
      ]),
    ]);
    return {
      anomalies: anomalies.map(anomalyOf),
      timeline: entries.map(entryOf),
      correlated:
        collected === undefined ? [] : z.array(CorrelatedEventSchema).parse(fromStorableJson(collected.correlated)),
    };
  }

  /** False: the incident is not stored yet. */
  async keepCorrelated(incidentId: string, events: readonly CorrelatedEvent[]): Promise<boolean> {
    const rows = await this.#database.query(
      'UPDATE incident SET correlated = $2 WHERE incident_id = $1 RETURNING 1 AS kept',
      [incidentId, toStorableJson(events)],
    );
    return rows.length > 0;
  }

  /** Resolved incidents that shared services and signals with this one, the most alike first, then the newest. */
  async similar(incident: Incident, limit: number): Promise<Incident[]> {
    const signals = [...new Set(incident.alerts.map(({ signal }) => signal))];
    const rows = await this.#database.query<IncidentRow>(
      `SELECT ${COLUMNS} FROM incident i
       WHERE tenant = $1 AND incident_id <> $2 AND state = 'RESOLVED' AND services && $3::text[] AND signals && $4::text[]
         AND body->>'resolution' <> 'merged'
       ORDER BY cardinality(ARRAY(SELECT unnest(services) INTERSECT SELECT unnest($3::text[]))) DESC, opened_at_ms DESC
       LIMIT $5`,
      [
        toStorableText(incident.tenant),
        incident.incident_id,
        incident.services.map(toStorableText),
        signals.map(toStorableText),
        limit,
      ],
    );
    return rows.map((row) => incidentOf(row).incident);
  }

  /** The last note of each of these, where there is one. */
  async lastNotes(incidentIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await this.#database.query<{ incident_id: string; body: string }>(
      `SELECT DISTINCT ON (incident_id) incident_id, body::text FROM timeline_entry
       WHERE incident_id = ANY ($1::uuid[]) AND body->>'kind' = 'note' ORDER BY incident_id, at_ms DESC, entry_id DESC`,
      [incidentIds],
    );
    return new Map(
      rows.map((row) => [row.incident_id, TimelineEntrySchema.parse(fromStorableJson(row.body)).text] as const),
    );
  }
}

/** Locked until the end: after a commit in doubt the same change comes again, perhaps with more. */
async function storedVersions(
  transaction: Transaction,
  incidents: readonly StoredIncident[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await transaction.query<{ incident_id: string; version: number }>(
    'SELECT incident_id, version FROM incident WHERE incident_id = ANY ($1::uuid[]) ORDER BY incident_id FOR UPDATE',
    [incidents.map(({ incident }) => incident.incident_id)],
  );
  return new Map(rows.map(({ incident_id, version }) => [incident_id, version]));
}

async function upsertIncidents(transaction: Transaction, incidents: readonly StoredIncident[]): Promise<void> {
  if (incidents.length === 0) return;
  const all = incidents.map(({ incident }) => incident);
  await transaction.query(
    `INSERT INTO incident (incident_id, tenant, state, severity, services, signals, opened_at_ms, resolved_at_ms, version,
                           body, memory)
     SELECT incident_id, tenant, state, severity, ARRAY(SELECT jsonb_array_elements_text(services)),
            ARRAY(SELECT jsonb_array_elements_text(signals)), opened_at_ms, resolved_at_ms, version, body, memory
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::jsonb[], $7::bigint[], $8::bigint[],
                 $9::bigint[], $10::jsonb[], $11::jsonb[])
       AS n (incident_id, tenant, state, severity, services, signals, opened_at_ms, resolved_at_ms, version, body, memory)
     ON CONFLICT (incident_id) DO UPDATE SET
       state = excluded.state, severity = excluded.severity, services = excluded.services, signals = excluded.signals,
       opened_at_ms = excluded.opened_at_ms, resolved_at_ms = excluded.resolved_at_ms, version = excluded.version,
       body = excluded.body, memory = excluded.memory`,
    [
      all.map(({ incident_id }) => incident_id),
      all.map(({ tenant }) => toStorableText(tenant)),
      all.map(({ state }) => state),
      all.map(({ severity }) => severity),
      all.map(({ services }) => toStorableJson(services)),
      all.map(({ alerts }) => toStorableJson([...new Set(alerts.map(({ signal }) => signal))])),
      all.map(({ opened_at_ms }) => opened_at_ms),
      all.map(({ resolved_at_ms }) => resolved_at_ms),
      all.map(({ version }) => version),
      all.map((incident) => toStorableJson({ ...incident, alerts: undefined })),
      incidents.map(({ memory }) => toStorableJson(memory)),
    ],
  );
}

async function upsertAlerts(transaction: Transaction, incidents: readonly StoredIncident[]): Promise<void> {
  const alerts = incidents.flatMap(({ incident }) =>
    incident.alerts.map((alert, position) => ({ ...alert, position })),
  );
  if (alerts.length === 0) return;
  await transaction.query(
    `INSERT INTO alert (alert_id, incident_id, position, service, state, severity, opened_at_ms, body)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::jsonb[])
     ON CONFLICT (alert_id) DO UPDATE SET incident_id = excluded.incident_id, position = excluded.position,
       state = excluded.state, severity = excluded.severity, body = excluded.body`,
    [
      alerts.map(({ alert_id }) => alert_id),
      alerts.map(({ incident_id }) => incident_id),
      alerts.map(({ position }) => position),
      alerts.map(({ service }) => toStorableText(service)),
      alerts.map(({ state }) => state),
      alerts.map(({ severity }) => severity),
      alerts.map(({ opened_at_ms }) => opened_at_ms),
      alerts.map((alert) => toStorableJson({ ...alert, position: undefined })),
    ],
  );
}

async function insertEntries(transaction: Transaction, entries: readonly TimelineEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await transaction.query(
    `INSERT INTO timeline_entry (entry_id, incident_id, alert_id, at_ms, body)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::jsonb[]) ON CONFLICT (entry_id) DO NOTHING`,
    [
      entries.map(({ entry_id }) => entry_id),
      entries.map(({ incident_id }) => incident_id),
      entries.map(({ alert_id }) => alert_id),
      entries.map(({ at_ms }) => at_ms),
      entries.map((entry) => toStorableJson(entry)),
    ],
  );
}

async function upsertMarks(transaction: Transaction, marks: readonly AppliedAnomaly[]): Promise<void> {
  if (marks.length === 0) return;
  await transaction.query(
    `INSERT INTO incident_event (event_id, incident_id, alert_id, state, at_ms)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[])
     ON CONFLICT (event_id) DO UPDATE SET incident_id = excluded.incident_id, alert_id = excluded.alert_id,
       state = excluded.state, at_ms = excluded.at_ms`,
    [
      marks.map(({ eventId }) => eventId),
      marks.map(({ incidentId }) => incidentId),
      marks.map(({ alertId }) => alertId),
      marks.map(({ state }) => state),
      marks.map(({ atMs }) => atMs),
    ],
  );
}

type MarkRow = { readonly event_id: string };
const MarkSchema = z
  .object({
    event_id: z.string(),
    incident_id: z.string(),
    alert_id: z.string(),
    state: z.enum(['open', 'recovered']),
    at_ms: z.number(),
  })
  .transform(
    ({ event_id, incident_id, alert_id, state, at_ms }): AppliedAnomaly => ({
      eventId: event_id,
      incidentId: incident_id,
      alertId: alert_id,
      state,
      atMs: at_ms,
    }),
  );

function incidentOf({ body, memory, alerts }: IncidentRow): StoredIncident {
  return {
    incident: IncidentSchema.parse({ ...Object(fromStorableJson(body)), alerts: fromStorableJson(alerts) }),
    memory: fromStorableJson(memory),
  };
}

function entryOf({ body }: EntryRow): TimelineEntry {
  return TimelineEntrySchema.parse(fromStorableJson(body));
}

function anomalyOf({ body, raw_data_sample }: { body: string; raw_data_sample: string }): Anomaly {
  return AnomalySchema.parse({ ...Object(fromStorableJson(body)), raw_data_sample: fromStorableJson(raw_data_sample) });
}

function storable(text: string | undefined): string | null {
  return text === undefined ? null : toStorableText(text);
}

function pageOf<Item>(found: readonly Item[], limit: number, cursorOf: (last: Item) => string): Page<Item> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: found.length > limit && last !== undefined ? cursorOf(last) : null };
}

function parseCursor(cursor: string | undefined): readonly [number | null, string | null] {
  if (cursor === undefined) return [null, null];
  const match = /^(\d{1,15})_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(cursor);
  if (!match) throw new UnknownCursor();
  return [Number(match[1]), match[2]];
}
