/** Who hears of an incident, when, and who does not: the documents that people write, and the answers to "why?". */
import { z } from 'zod';
import { ROLES } from './access.ts';
import { CalendarSchema, DocumentIdSchema, TimeZoneSchema } from './calendar.ts';
import { MaintenanceWindowSchema, OccurrenceSchema } from './maintenance-window.ts';
import { RULE_ACTIONS } from './rule.ts';
import { SEVERITIES } from './severity.ts';

export const TARGET_KINDS = ['channel', 'kind', 'person', 'team', 'role'] as const;
export type TargetKind = (typeof TARGET_KINDS)[number];
/** Who is told: `channel:slack-incidents`, `kind:pagerduty` (every such channel; `kind:slack` is `slack_webhook`, too), `person:maria`, `team:payments`, `role:operator`. */
export const TargetSchema = z
  .string()
  .max(80)
  .regex(
    /^(channel:[A-Za-z0-9][A-Za-z0-9._-]{0,63}|(person|team):[a-z0-9][a-z0-9._-]{0,63}|kind:[a-z][a-z_]{0,30}|role:(viewer|operator|admin))$/,
    'expected channel:ID, kind:KIND, person:ID, team:ID or role:ROLE',
  );

export const RAISED_BY = ['detectors', 'rules'] as const;
export type RaisedBy = (typeof RAISED_BY)[number];

const name = z.string().min(1).max(100);
const tenant = z.string().max(100).nullable().default(null);
const enabled = z.boolean().default(true);
/** Lower comes first; the same: by id. A tenant's own come before those of every tenant. */
const order = z.number().int().min(0).max(10_000).default(100);
const severities = z.array(z.enum(SEVERITIES)).max(4);
const targets = z.array(TargetSchema).max(50);

/** Every condition that is given must hold; within one, any entry. Nothing given: everything matches. */
export const IncidentMatchSchema = z.strictObject({
  /** Service names with `*` and `?`. */
  services: z.array(z.string().min(1).max(256)).max(200).optional(),
  tags: z.array(z.string().min(1).max(64)).max(50).optional(),
  severities: severities.min(1).optional(),
  /** P2: P1 and P2. */
  min_severity: z.enum(SEVERITIES).optional(),
  tenants: z.array(z.string().min(1).max(100)).max(50).optional(),
  /** What a rule that takes part in it asks for. */
  actions: z.array(z.enum(RULE_ACTIONS)).min(1).max(RULE_ACTIONS.length).optional(),
  /** `rules`: nothing but rules has noticed it. */
  raised_by: z.enum(RAISED_BY).optional(),
  /** Time of day: while this calendar is open, or while it is not. */
  during: z.strictObject({ calendar: DocumentIdSchema, open: z.boolean().default(true) }).optional(),
});
export type IncidentMatch = z.infer<typeof IncidentMatchSchema>;

/** Told at once, or held until the calendar opens; one by one, or collected. */
export const RuleTellSchema = z.strictObject({
  to: targets.min(1),
  hours: z.enum(['always', 'business']).default('always'),
  /** Collected and sent together so often; null: one by one. */
  batch_minutes: z.number().int().min(1).max(1440).nullable().default(null),
});

export const RoutingRuleSchema = z.strictObject({
  name,
  match: IncidentMatchSchema.default({}),
  /** Empty: the console only. */
  tell: z.array(RuleTellSchema).max(20),
  /** Look at the rules below, too. */
  continue: z.boolean().default(false),
});
export type RoutingRule = z.infer<typeof RoutingRuleSchema>;

/** How many pages one service, source or person takes in so many hours before the next are collected. A forecast, never a target. */
export const PageBudgetSchema = z.strictObject({
  per: z.enum(['service', 'source', 'person']),
  /** Names or ids with `*` and `?`. */
  match: z.string().min(1).max(256).default('*'),
  pages: z.number().int().min(1).max(10_000),
  hours: z.number().int().min(1).max(168),
  digest_minutes: z.number().int().min(5).max(1440).default(60),
});
export type PageBudget = z.infer<typeof PageBudgetSchema>;

export const RoutingPolicySchema = z.strictObject({
  id: DocumentIdSchema,
  name,
  tenant,
  enabled,
  order,
  /** What "business" hours are in its rules; null: Monday to Friday, 09:00 to 17:00 UTC. */
  calendar: DocumentIdSchema.nullable().default(null),
  /** In order; the first that matches decides. */
  rules: z.array(RoutingRuleSchema).max(200),
  /** PagerDuty hears of these only, whatever a rule says (requirement S2-06). */
  pagerduty_severities: severities.default(['P1', 'P2']),
  /** null: those of the default policy. */
  budgets: z.array(PageBudgetSchema).max(50).nullable().default(null),
});
export type RoutingPolicy = z.infer<typeof RoutingPolicySchema>;

/** Who hears of an incident that nobody acknowledges. The first policy that matches is the one. */
export const EscalationPolicySchema = z.strictObject({
  id: DocumentIdSchema,
  name,
  tenant,
  enabled,
  order,
  match: IncidentMatchSchema.default({}),
  /** Minutes without an acknowledgement, ascending. */
  steps: z
    .array(z.strictObject({ after_minutes: z.number().int().min(1).max(10_080), to: targets.min(1) }))
    .min(1)
    .max(20)
    .refine(
      (steps) => steps.every((step, index) => index === 0 || step.after_minutes > steps[index - 1]!.after_minutes),
      'steps must be in order of after_minutes, each later than the one before',
    ),
  /** All steps again, so many times, the next round starting so many minutes after the last step. */
  repeat: z
    .strictObject({ times: z.number().int().min(1).max(20), after_minutes: z.number().int().min(1).max(1440) })
    .nullable()
    .default(null),
});
export type EscalationPolicy = z.infer<typeof EscalationPolicySchema>;

export const PersonSchema = z.strictObject({
  id: DocumentIdSchema,
  name,
  role: z.enum(ROLES),
  /** Incidents of these tenants may reach them; empty: of every tenant. */
  tenants: z.array(z.string().min(1).max(100)).max(100).default([]),
  /** Ids of channels that reach this person. */
  channels: z.array(z.string().min(1).max(64)).max(20).default([]),
  email: z.email().max(254).nullable().default(null),
  /** `U012ABCDEF`: whose buttons in Slack are theirs. */
  slack_user: z
    .string()
    .regex(/^[UW][A-Z0-9]{2,20}$/)
    .nullable()
    .default(null),
  /** `P012ABC`: whose acknowledgements in PagerDuty are theirs. */
  pagerduty_user: z
    .string()
    .regex(/^P[A-Z0-9]{2,20}$/)
    .nullable()
    .default(null),
  time_zone: TimeZoneSchema.nullable().default(null),
});
export type Person = z.infer<typeof PersonSchema>;

export const TeamSchema = z.strictObject({
  id: DocumentIdSchema,
  name,
  members: z.array(DocumentIdSchema).max(200).default([]),
  channels: z.array(z.string().min(1).max(64)).max(20).default([]),
});
export type Team = z.infer<typeof TeamSchema>;

/** Every kind of document, by the name that addresses and the audit use. */
export const ROUTING_SCHEMAS = {
  policy: RoutingPolicySchema,
  escalation: EscalationPolicySchema,
  calendar: CalendarSchema,
  window: MaintenanceWindowSchema,
  person: PersonSchema,
  team: TeamSchema,
} as const;
export type RoutingKind = keyof typeof ROUTING_SCHEMAS;
export const ROUTING_KINDS = Object.keys(ROUTING_SCHEMAS) as readonly RoutingKind[];
export type RoutingDocument<Kind extends RoutingKind = RoutingKind> = z.infer<(typeof ROUTING_SCHEMAS)[Kind]>;

/** Which state of a document it is, and whose. A change names the version it was made from (`If-Match`). */
export const RevisionSchema = z.object({
  version: z.number().int(),
  updated_at_ms: z.number(),
  updated_by: z.string(),
});
export type Revision = z.infer<typeof RevisionSchema>;

/** Why a channel hears of an incident or does not, rule by rule. */
export const DecisionRowSchema = z.object({
  policy: z.string(),
  rule: z.string(),
  outcome: z.enum(['matched', 'not_matched', 'not_reached']),
  because: z.string(),
});
export type DecisionRow = z.infer<typeof DecisionRowSchema>;

/** An incident that there is, or one as it might be. */
export const RoutingExplainRequestSchema = z.union([
  z.strictObject({ incident_id: z.string().max(64), at_ms: z.number().min(-8.64e15).max(8.64e15).optional() }),
  z.strictObject({
    example: z.strictObject({
      services: z.array(z.string().min(1).max(256)).min(1).max(50),
      severity: z.enum(SEVERITIES),
      tenant: z.string().max(100).default('default'),
      tags: z.array(z.string().max(64)).max(50).default([]),
      actions: z.array(z.enum(RULE_ACTIONS)).max(RULE_ACTIONS.length).default([]),
    }),
    at_ms: z.number().min(-8.64e15).max(8.64e15).optional(),
  }),
]);
export const RoutingExplanationSchema = z.object({
  at_ms: z.number(),
  /** One sentence: who hears of it when, or why nobody does. */
  summary: z.string(),
  rules: z.array(DecisionRowSchema),
  told: z.array(
    z.object({ channel_id: z.string(), not_before_ms: z.number(), batch: z.boolean(), because: z.string() }),
  ),
  not_told: z.array(z.object({ target: z.string(), because: z.string() })),
  escalation: z.array(z.object({ after_minutes: z.number(), channel_ids: z.array(z.string()), because: z.string() })),
});
export type RoutingExplanation = z.infer<typeof RoutingExplanationSchema>;

/** A page budget and how far it is spent. */
export const BudgetStandingSchema = z.object({
  policy: z.string(),
  per: PageBudgetSchema.shape.per,
  subject: z.string(),
  pages: z.number(),
  hours: z.number(),
  spent: z.number(),
  /** Whether the next page is collected. */
  is_spent: z.boolean(),
  /** When it will be spent if pages go on as in the last quarter of its hours; null: not within its hours. */
  spent_by_ms: z.number().nullable(),
});
export type BudgetStanding = z.infer<typeof BudgetStandingSchema>;

/** What routing has to say that belongs to no single incident. */
export const ROUTING_NOTICE_KINDS = ['silence_ended', 'window_ended', 'budget_spent'] as const;
export const RoutingNoticeSchema = z.object({
  notice_id: z.string(),
  at_ms: z.number(),
  kind: z.enum(ROUTING_NOTICE_KINDS),
  /** The silence, window or budget that it is about. */
  object: z.string(),
  text: z.string(),
});
export type RoutingNotice = z.infer<typeof RoutingNoticeSchema>;

/** `GET /v1/maintenance-windows`: each with when it is next in effect; the first of the three may be now. */
export const UpcomingSchema = z.array(OccurrenceSchema).max(3);

/** A channel as a document shows it: never with a secret. */
export const ChannelSummarySchema = z.object({
  id: z.string(),
  /** `slack`, `pagerduty`, `email` … (requirement S3-05). */
  kind: z.string(),
  name: z.string(),
  enabled: z.boolean(),
});
export type ChannelSummary = z.infer<typeof ChannelSummarySchema>;

/**
 * All of it as one document, as `sentinellog config export` writes it. A section that is present is the whole truth about
 * its kind; one that is absent is left alone. Channels are shown and compared, never made: their secrets are not here.
 */
export const RoutingConfigSchema = z.strictObject({
  schemaVersion: z.literal(1),
  policies: z.array(RoutingPolicySchema).max(200).optional(),
  escalations: z.array(EscalationPolicySchema).max(200).optional(),
  calendars: z.array(CalendarSchema).max(200).optional(),
  maintenance_windows: z.array(MaintenanceWindowSchema).max(1000).optional(),
  people: z.array(PersonSchema).max(2000).optional(),
  teams: z.array(TeamSchema).max(500).optional(),
  channels: z.array(ChannelSummarySchema).max(200).optional(),
});
export type RoutingConfig = z.infer<typeof RoutingConfigSchema>;
/** Section of the document → kind. */
export const CONFIG_SECTIONS = {
  calendars: 'calendar',
  people: 'person',
  teams: 'team',
  policies: 'policy',
  escalations: 'escalation',
  maintenance_windows: 'window',
} as const satisfies Partial<Record<keyof RoutingConfig, RoutingKind>>;

export const ConfigChangeSchema = z.object({
  kind: z.enum(['policy', 'escalation', 'calendar', 'window', 'person', 'team']),
  id: z.string(),
  change: z.enum(['created', 'changed', 'removed']),
  /** Fields that differ, as paths such as `rules.2.tell.0.to`. */
  fields: z.array(z.string()),
});
export type ConfigChange = z.infer<typeof ConfigChangeSchema>;
export const ConfigImportAnswerSchema = z.object({
  mode: z.enum(['preview', 'apply']),
  changes: z.array(ConfigChangeSchema),
  /** What will not work although it was taken: channels that are not set up here. */
  warnings: z.array(z.string()),
  /** Of all documents together; an `apply` that names an old one in `If-Match` is refused. */
  revision: z.number().int(),
});
export type ConfigImportAnswer = z.infer<typeof ConfigImportAnswerSchema>;

/** `POST /v1/silences:preview`: what a scope fits among what is open and what was in the last day. */
export const SilencePreviewSchema = z.object({ open: z.number(), last_24h: z.number() });
