/** What the desk of incidents hands the store: everything that belongs to one change is written in one transaction. */
import type { Incident, TimelineEntry } from '@sentinellog/shared';
import type { Delivery, Transition } from './delivery.ts';

/** An incident as it lies in the store: what people see, and what the desk remembers about it (opaque to the store). */
export interface StoredIncident {
  readonly incident: Incident;
  readonly memory: unknown;
}

/** The anomaly state that an alert has already taken in: a replay after a crash brings it again, and it must count once. */
export interface AppliedAnomaly {
  readonly eventId: string;
  readonly incidentId: string;
  readonly alertId: string;
  readonly state: 'open' | 'recovered';
  readonly atMs: number;
}

/** Who changed what; becomes a link of the audit chain together with the change. */
export interface DeskAudit {
  readonly incidentId: string;
  /** The incident's version that the change made: what the store has already is not written twice. */
  readonly version: number;
  readonly atMs: number;
  readonly actor: string;
  readonly action: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** In this order: an undo takes back what lies before it, and only that. */
export type OutboxStep =
  | { readonly type: 'insert'; readonly deliveries: readonly Delivery[] }
  | { readonly type: 'cancel'; readonly incidentId: string; readonly transition: Transition };

export interface DeskChange {
  /** Upserted by id where the stored version is older. */
  readonly incidents: readonly StoredIncident[];
  readonly entries: readonly TimelineEntry[];
  readonly applied: readonly AppliedAnomaly[];
  readonly audits: readonly DeskAudit[];
  readonly outbox: readonly OutboxStep[];
}

export const NO_CHANGE: DeskChange = { incidents: [], entries: [], applied: [], audits: [], outbox: [] };

/** What a start finds of the desk. */
export interface RestoredDesk {
  readonly incidents: readonly StoredIncident[];
  readonly applied: readonly AppliedAnomaly[];
}
