import { createHash } from 'node:crypto';
import { type Actor, type Incident, type TimelineEntry, type TimelineKind, uuidv7 } from '@sentinellog/shared';
import type { Transition } from '../pipeline/delivery.ts';
import type { DeskMemory, IncidentRecord } from './incident-record.ts';

/** Something to tell the outside: a transition, or one that is taken back before it left. */
export type Relay =
  | { readonly type: 'tell'; readonly transition: Transition; readonly holdMs: number }
  | { readonly type: 'take_back'; readonly transition: Transition };

/** What one change comes to: the incident as it is afterwards, and what is written and told about it. Pure data. */
export interface DeskStep {
  readonly record: IncidentRecord;
  readonly entries: readonly TimelineEntry[];
  readonly relays: readonly Relay[];
  /** Word for the audit: `incident.ack`; null where the change is the detectors' own and changes no state. */
  readonly audit: string | null;
  readonly actor: Actor;
}

export interface EntryText {
  readonly kind: TimelineKind;
  readonly text: string;
  readonly alertId?: string;
  readonly links?: TimelineEntry['links'] | undefined;
}

interface StepInput {
  readonly before: IncidentRecord;
  /** As it becomes; its version and `updated_at_ms` are set here. */
  readonly incident: Incident;
  readonly memory?: Partial<DeskMemory>;
  readonly actor: Actor;
  readonly nowMs: number;
  readonly entries?: readonly EntryText[];
  readonly relays?: readonly Relay[];
  readonly audit?: string;
  /** A decision makes older `If-Match` stale; what the detectors say in between does not. */
  readonly decides: boolean;
}

/** Counts the version on, and gives the timeline entries ids that follow from it. */
export function deskStep({ before, incident, memory, actor, nowMs, decides, ...rest }: StepInput): DeskStep {
  const version = before.incident.version + 1;
  const next: Incident = { ...incident, version, updated_at_ms: nowMs };
  return {
    record: {
      incident: next,
      memory: {
        ...before.memory,
        ...memory,
        ...(decides && { decided: { version, by: actor, at_ms: nowMs, alerts: alertsDecided(before, incident) } }),
      },
    },
    entries: (rest.entries ?? []).map((entry, index) => timelineEntry(next, entry, index, actor, nowMs)),
    relays: rest.relays ?? [],
    audit: rest.audit ?? null,
    actor,
  };
}

function alertsDecided({ incident: was, memory }: IncidentRecord, incident: Incident): Record<string, number> {
  const before = new Map(was.alerts.map(({ alert_id, version }) => [alert_id, version]));
  const changed = incident.alerts.filter(({ alert_id, version }) => before.get(alert_id) !== version);
  return {
    ...memory.decided.alerts,
    ...Object.fromEntries(changed.map(({ alert_id, version }) => [alert_id, version])),
  };
}

function timelineEntry(
  { incident_id, version }: Pick<Incident, 'incident_id' | 'version'>,
  { kind, text, alertId, links = [] }: EntryText,
  index: number,
  actor: Actor,
  atMs: number,
): TimelineEntry {
  return {
    entry_id: derivedId(atMs, 'entry', incident_id, String(version), String(index)),
    incident_id,
    alert_id: alertId ?? null,
    at_ms: atMs,
    actor,
    kind,
    text,
    links,
  };
}

/** A UUIDv7 that follows from what it is about: the same change made again after a crash has the same id. */
export function derivedId(atMs: number, ...identity: readonly string[]): string {
  return uuidv7(Math.max(0, atMs), createHash('sha256').update(identity.join('\0')).digest());
}
