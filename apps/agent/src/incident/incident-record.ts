import {
  ActorSchema,
  ALERT_STATES,
  type Alert,
  IncidentSchema,
  type Incident,
  RESOLUTIONS,
  SEVERITIES,
  type Severity,
} from '@sentinellog/shared';
import { z } from 'zod';
import type { StoredIncident } from '../pipeline/desk-change.ts';

/** What people have decided about an incident, as it can be put back by an undo. */
const StandingSchema = z.object({
  state: z.enum(ALERT_STATES),
  acked_by: z.string().nullable(),
  acked_at_ms: z.number().nullable(),
  ack_expires_at_ms: z.number().nullable(),
  resolved_by: z.string().nullable(),
  resolved_at_ms: z.number().nullable(),
  resolution: z.enum(RESOLUTIONS).nullable(),
  held: IncidentSchema.shape.held,
  alerts: z.array(
    z.object({
      alert_id: z.string(),
      state: z.enum(ALERT_STATES),
      resolved_at_ms: z.number().nullable(),
      resolution: z.enum(RESOLUTIONS).nullable(),
    }),
  ),
});
export type Standing = z.infer<typeof StandingSchema>;

/** When a series went outside: somewhere in [from_ms, to_ms). */
const OnsetSchema = z.object({
  event_id: z.string(),
  source_id: z.string(),
  service: z.string(),
  from_ms: z.number(),
  to_ms: z.number(),
  reason: z.string(),
  /** Other services that its sample lines name. */
  names: z.array(z.string()).optional(),
});
export type Onset = z.infer<typeof OnsetSchema>;

/** What the desk knows of an incident beside what people see. */
const MemorySchema = z.object({
  /**
   * Version, author and time of the last decision: an `If-Match` from before it is stale, one from after it is not.
   * `alerts`: by alert, its own version at the last decision about it.
   */
  decided: z.object({
    version: z.number(),
    by: ActorSchema,
    at_ms: z.number(),
    alerts: z.record(z.string(), z.number()),
  }),
  before_ack: StandingSchema.nullable(),
  before_resolve: StandingSchema.nullable(),
  /** Overrides that were replaced, the newest last: one that is set again within an undo's time keeps its author. */
  past_overrides: z.array(IncidentSchema.shape.severity_override.unwrap().extend({ until_ms: z.number() })),
  /** What alerts were that were resolved one by one. */
  resolved_from: z.record(z.string(), z.enum(ALERT_STATES)),
  onsets: z.array(OnsetSchema),
  trace_ids: z.array(z.string()),
  /** Times it came back before it was resolved, since it was last (re)opened. */
  flaps: z.number(),
  /** Last line of activity: the end of the newest window that was outside. */
  last_active_ms: z.number(),
});
export type DeskMemory = z.infer<typeof MemorySchema>;

export interface IncidentRecord {
  readonly incident: Incident;
  readonly memory: DeskMemory;
}

/** Throws where the store gives back what no desk has written. */
export function recordOf({ incident, memory }: StoredIncident): IncidentRecord {
  return { incident, memory: MemorySchema.parse(memory) };
}

export function standingOf(incident: Incident): Standing {
  const { state, acked_by, acked_at_ms, ack_expires_at_ms, resolved_by, resolved_at_ms, resolution, held } = incident;
  return {
    state,
    acked_by,
    acked_at_ms,
    ack_expires_at_ms,
    resolved_by,
    resolved_at_ms,
    resolution,
    held,
    alerts: incident.alerts.map((alert) => ({
      alert_id: alert.alert_id,
      state: alert.state,
      resolved_at_ms: alert.resolved_at_ms,
      resolution: alert.resolution,
    })),
  };
}

/** Puts a standing back. What the detectors said meanwhile stays; alerts that joined since stay as they are. */
export function withStanding(incident: Incident, { alerts, ...standing }: Standing): Incident {
  const before = new Map(alerts.map(({ alert_id, ...rest }) => [alert_id, rest]));
  return {
    ...incident,
    ...standing,
    alerts: incident.alerts.map((alert) => {
      const was = before.get(alert.alert_id);
      if (was === undefined || was.state === alert.state) return alert;
      return { ...alert, ...was, version: alert.version + 1 };
    }),
  };
}

/** The override counts; else the worst of the alerts so far. */
export function severityOf({ severity_override, alerts }: Pick<Incident, 'severity_override' | 'alerts'>): Severity {
  return (
    severity_override?.severity ?? SEVERITIES.find((one) => alerts.some(({ severity }) => severity === one)) ?? 'P4'
  );
}

/** True when `a` is louder than `b`. */
export function isWorse(a: Severity, b: Severity): boolean {
  return SEVERITIES.indexOf(a) < SEVERITIES.indexOf(b);
}

/** Everything of an incident that follows from its alerts and onsets. */
export function derived(
  incident: Incident,
  firstMover: Incident['first_mover'],
  title: string,
  nowMs: number,
): Incident {
  const { alerts } = incident;
  const firing = alerts.some((alert) => alert.firing);
  return {
    ...incident,
    title,
    first_mover: firstMover,
    severity: severityOf(incident),
    services: [...new Set(alerts.map(({ service }) => service))],
    peak_score: peakOf(alerts.map(({ peak_score }) => peak_score)),
    firing,
    quiet_since_ms: firing ? null : (incident.quiet_since_ms ?? nowMs),
  };
}

/** The largest by size, with its sign. */
export function peakOf(scores: readonly number[]): number {
  return scores.reduce((peak, score) => (Math.abs(score) > Math.abs(peak) ? score : peak), 0);
}

export function withAlert(incident: Incident, changed: Alert): Incident {
  return {
    ...incident,
    alerts: incident.alerts.map((alert) => (alert.alert_id === changed.alert_id ? changed : alert)),
  };
}
