import { z } from 'zod';
import { AlertSchema, ALERT_STATES, RESOLUTIONS } from './alert.ts';
import { AnomalySchema, SampleLineSchema } from './anomaly.ts';
import { TopClusterSchema } from './cluster.ts';
import { SEVERITIES } from './severity.ts';

/** Relay of these to the outside is held on the server, so that undo within the hold is real (ms). */
export const DEFAULT_HOLD_MS = { acknowledged: 4000, resolved: 8000 } as const;
export const MAX_HOLD_MS = 60_000;
/** Correlated events kept with an incident (requirement S2-07). */
export const MAX_CORRELATED_EVENTS = 50;

/**
 * Related alerts: the unit that people are told about. Acknowledging it acknowledges its alerts.
 * `version` grows by one with every change of what a person sees.
 */
export const IncidentSchema = z.object({
  incident_id: z.string(),
  /** `INC-YYYYMMDDhhmmss` (UTC) of its opening; made unique by a suffix `-2`, `-3` … */
  key: z.string(),
  tenant: z.string(),
  /** One line: what, where, how much against normal. Of the analysis when there is one. */
  title: z.string(),
  state: z.enum(ALERT_STATES),
  /** What counts: the override when there is one, else the worst of its alerts so far. */
  severity: z.enum(SEVERITIES),
  severity_override: z.object({ severity: z.enum(SEVERITIES), reason: z.string(), by: z.string() }).nullable(),
  services: z.array(z.string()),
  /** The series that went first: where to look first. */
  first_mover: z.object({
    source_id: z.string(),
    service: z.string(),
    event_id: z.string(),
    at_ms: z.number(),
    reason: z.string(),
    /** The other services, each when it went outside, earliest first; absent of incidents from before this was said. */
    followed_by: z.array(z.object({ service: z.string(), at_ms: z.number() })).optional(),
  }),
  /** Largest |z| of its alerts, signed. */
  peak_score: z.number(),
  started_at_ms: z.number(),
  opened_at_ms: z.number(),
  updated_at_ms: z.number(),
  /** Whether any of its series is outside right now, else since when all are quiet. */
  firing: z.boolean(),
  quiet_since_ms: z.number().nullable(),
  alerts: z.array(AlertSchema),
  assigned_to: z.string().nullable(),
  acked_by: z.string().nullable(),
  acked_at_ms: z.number().nullable(),
  /** An acknowledgement that nobody follows up runs out and the incident opens again. */
  ack_expires_at_ms: z.number().nullable(),
  resolved_by: z.string().nullable(),
  resolved_at_ms: z.number().nullable(),
  resolution: z.enum(RESOLUTIONS).nullable(),
  merged_into: z.string().nullable(),
  silence_id: z.string().nullable(),
  silenced_until_ms: z.number().nullable(),
  /** What has not left the building yet and can be undone without a trace outside. */
  held: z.object({ transition: z.enum(['acknowledged', 'resolved']), until_ms: z.number() }).nullable(),
  /** How often it came back within the cooldown. */
  reopened: z.number().int(),
  version: z.number().int(),
});
export type Incident = z.infer<typeof IncidentSchema>;

export const ACTOR_KINDS = ['person', 'detector', 'hook', 'channel', 'agent'] as const;
export const ACTION_SURFACES = ['console', 'browser', 'api', 'slack', 'pagerduty', 'cli'] as const;
export type ActionSurface = (typeof ACTION_SURFACES)[number];

export const ActorSchema = z.object({
  kind: z.enum(ACTOR_KINDS),
  name: z.string(),
  /** Where a person did it. */
  via: z.enum(ACTION_SURFACES).nullable(),
});
export type Actor = z.infer<typeof ActorSchema>;

export const TIMELINE_KINDS = [
  'opened',
  'alert_added',
  'severity_raised',
  'recovered',
  'firing_again',
  'acknowledged',
  'unacknowledged',
  'ack_expired',
  'assigned',
  'note',
  'severity_set',
  'silenced',
  'unsilenced',
  'resolved',
  'reopened',
  'merged',
  'escalated',
  'notified',
  'notify_failed',
  'runbook_matched',
  'analysed',
  'hook_run',
] as const;
export type TimelineKind = (typeof TIMELINE_KINDS)[number];

/** One thing that happened. Never rewritten: an undo is an entry of its own. */
export const TimelineEntrySchema = z.object({
  entry_id: z.string(),
  incident_id: z.string(),
  alert_id: z.string().nullable(),
  at_ms: z.number(),
  actor: ActorSchema,
  kind: z.enum(TIMELINE_KINDS),
  /** A sentence for people. */
  text: z.string(),
  /** Anomalies, messages of channels, runs of hooks that it speaks of. */
  links: z.array(z.object({ kind: z.enum(['anomaly', 'message', 'hook_run', 'incident', 'runbook']), id: z.string() })),
});
export type TimelineEntry = z.infer<typeof TimelineEntrySchema>;

/** An error or a warning near the incident: the story around it. */
export const CorrelatedEventSchema = SampleLineSchema.extend({
  source_id: z.string(),
  service: z.string(),
  /** Why it belongs: near in time, same trace, a known dependency, the same template. */
  because: z.enum(['time', 'trace', 'dependency', 'template']),
});
export type CorrelatedEvent = z.infer<typeof CorrelatedEventSchema>;

export const RunbookMatchSchema = z.object({
  runbook_id: z.string(),
  title: z.string(),
  /** Why it was found, in words. */
  because: z.string(),
  score: z.number(),
});
export type RunbookMatch = z.infer<typeof RunbookMatchSchema>;

export const ANALYSIS_CONFIDENCES = ['high', 'medium', 'low'] as const;
export const AnalysisSchema = z.object({
  by: z.enum(['rules', 'claude']),
  at_ms: z.number(),
  summary: z.string(),
  hypotheses: z.array(
    z.object({ cause: z.string(), confidence: z.enum(ANALYSIS_CONFIDENCES), evidence: z.array(z.string()) }),
  ),
  affected_services: z.array(z.string()),
  steps: z.array(z.string()),
});
export type Analysis = z.infer<typeof AnalysisSchema>;

export const SimilarIncidentSchema = z.object({
  incident_id: z.string(),
  key: z.string(),
  title: z.string(),
  started_at_ms: z.number(),
  resolution: z.enum(RESOLUTIONS).nullable(),
  /** Last note, or how it was resolved. */
  ending: z.string(),
});
export type SimilarIncident = z.infer<typeof SimilarIncidentSchema>;

/** `GET /v1/incidents/{id}`. */
export const IncidentDetailSchema = z.object({
  incident: IncidentSchema,
  anomalies: z.array(AnomalySchema),
  timeline: z.array(TimelineEntrySchema),
  correlated: z.array(CorrelatedEventSchema).max(MAX_CORRELATED_EVENTS),
  runbooks: z.array(RunbookMatchSchema),
  analyses: z.array(AnalysisSchema),
  similar: z.array(SimilarIncidentSchema),
  /** What its lines are, largest share first; absent of agents that do not say. */
  top_clusters: z.array(TopClusterSchema).optional(),
});
export type IncidentDetail = z.infer<typeof IncidentDetailSchema>;

export const IncidentQuerySchema = z.strictObject({
  state: z.enum(ALERT_STATES).optional(),
  severity: z.enum(SEVERITIES).optional(),
  service: z.string().max(256).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(200).optional(),
});
export const AlertListSchema = z.object({ alerts: z.array(AlertSchema), next_cursor: z.string().nullable() });
export const IncidentListSchema = z.object({ incidents: z.array(IncidentSchema), next_cursor: z.string().nullable() });
export const TimelineQuerySchema = z.strictObject({
  alert: z.string().max(64).optional(),
  incident: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  cursor: z.string().max(200).optional(),
});
export const TimelineListSchema = z.object({
  entries: z.array(TimelineEntrySchema),
  next_cursor: z.string().nullable(),
});
export type TimelineList = z.infer<typeof TimelineListSchema>;

const holdMs = z.number().int().min(0).max(MAX_HOLD_MS).optional();

/** What a person can do to an incident (or alert): one member a verb, the verb is the last part of the path. */
export const IncidentActionSchema = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('ack'), holdMs }),
  z.strictObject({ action: z.literal('unack') }),
  z.strictObject({
    action: z.literal('resolve'),
    holdMs,
    resolution: z.enum(['fixed', 'noise', 'expected', 'duplicate']).optional(),
    /** Also while it still fires; without it that answers 409 `still_firing`. */
    force: z.boolean().optional(),
  }),
  z.strictObject({ action: z.literal('reopen') }),
  z.strictObject({ action: z.literal('assign'), to: z.string().min(1).max(100).nullable() }),
  z.strictObject({ action: z.literal('notes'), text: z.string().min(1).max(8000) }),
  z.strictObject({
    action: z.literal('severity'),
    /** null takes the override back. */
    severity: z.enum(SEVERITIES).nullable(),
    reason: z.string().max(500).default(''),
  }),
  z.strictObject({
    action: z.literal('silence'),
    /** Absent: until it gets worse. */
    untilMs: z.number().optional(),
    untilWorse: z.boolean().optional(),
    scope: z.enum(['incident', 'template', 'source', 'service']).default('incident'),
    reason: z.string().max(500).default(''),
  }),
  z.strictObject({ action: z.literal('unsilence') }),
  z.strictObject({ action: z.literal('merge'), into: z.string().max(64) }),
]);
export type IncidentAction = z.infer<typeof IncidentActionSchema>;
export type IncidentVerb = IncidentAction['action'];

/** `POST /v1/incidents:batch` and `/v1/alerts:batch`: the same action on explicit objects, each with the version seen. */
export const BatchActionSchema = z.strictObject({
  action: IncidentActionSchema,
  items: z
    .array(z.strictObject({ id: z.string().max(64), version: z.number().int() }))
    .min(1)
    .max(1000),
});
export const BatchAnswerSchema = z.object({
  results: z.array(
    z.object({
      id: z.string(),
      ok: z.boolean(),
      code: z.string().nullable(),
      detail: z.string().nullable(),
      incident: IncidentSchema.nullable(),
    }),
  ),
});

export type BatchAnswer = z.infer<typeof BatchAnswerSchema>;
/** `POST /v1/alerts/ackAll`: explicit ids of alerts, each with the version seen. */
export const AckAllSchema = z.strictObject({ items: BatchActionSchema.shape.items, holdMs });

/** `GET /v1/alerts/summary`: open incidents by severity and service, and how the desk is doing. */
export const AlertSummarySchema = z.object({
  by_severity: z.record(z.enum(SEVERITIES), z.number()),
  by_service: z.array(z.object({ service: z.string(), counts: z.record(z.enum(SEVERITIES), z.number()) })),
  oldest_unacked_ms: z.number().nullable(),
  /** Mean time to acknowledge of the last 24 hours. */
  mtta_ms: z.number().nullable(),
});
export type AlertSummary = z.infer<typeof AlertSummarySchema>;

export const SERVICE_HEALTH = ['ok', 'P4', 'P3', 'P2', 'P1', 'silent', 'unknown'] as const;
/**
 * `GET /v1/health/map`: services, what they are like, and who calls whom (learnt from traces). Health follows the open
 * incidents: ask anew whenever the stream brings an `incident`.
 */
export const HealthMapSchema = z.object({
  at_ms: z.number(),
  nodes: z.array(
    z.object({
      service: z.string(),
      source_ids: z.array(z.string()),
      health: z.enum(SERVICE_HEALTH),
      events_per_second: z.number(),
      error_share: z.number().nullable(),
      last_seen_ms: z.number(),
      incident_ids: z.array(z.string()),
    }),
  ),
  /** `from` calls `to`; weight: traces seen that say so. */
  edges: z.array(z.object({ from: z.string(), to: z.string(), weight: z.number() })),
});
export type HealthMap = z.infer<typeof HealthMapSchema>;
