/** Threshold rules: what a person knows must not happen, beside what the detector learns. */
import { z } from 'zod';
import { LEVELS } from './level.ts';
import { SEVERITIES } from './severity.ts';

const name = z.string().min(1).max(200);

/** Which events a rule counts. Every part that is given must match; an empty scope matches all. */
export const RuleScopeSchema = z.strictObject({
  /** Globs over service names: `payment-*`. */
  services: z.array(name).max(100).default([]),
  /** A source with one of these. */
  tags: z.array(name).max(32).default([]),
  levels: z.array(z.enum(LEVELS)).max(LEVELS.length).default([]),
  /** Case-insensitive text that the message holds. */
  text: z.string().min(1).max(200).optional(),
  fields: z
    .array(z.strictObject({ field: name, equals: z.string().max(200) }))
    .max(8)
    .default([]),
});

/** What must hold over the window for the rule to fire. */
export const RuleConditionSchema = z.discriminatedUnion('kind', [
  /** More than `above` matching events. */
  z.strictObject({ kind: z.literal('count'), above: z.number().min(0) }),
  /** No matching event at all, from a source that has spoken before. */
  z.strictObject({ kind: z.literal('absence') }),
  /** Matching events ÷ all events of the group, of at least `of_at_least` events. */
  z.strictObject({
    kind: z.literal('ratio'),
    above: z.number().min(0).max(1),
    of_at_least: z.number().min(1).default(20),
  }),
  /** A quantile of the matching events' duration, in ms. */
  z.strictObject({ kind: z.literal('latency'), quantile: z.number().min(0).max(1), above_ms: z.number().min(0) }),
  /** More than `above` different values of a field. */
  z.strictObject({ kind: z.literal('distinct'), field: name, above: z.number().min(0) }),
]);

/**
 * What a rule asks for, beside what its severity brings about: `page` at once at all hours, `notify` the chat in business hours, a
 * `ticket`, a `review` by mail, a `hook` that is run, or `none`: the console only. Routing policies may say otherwise.
 */
export const RULE_ACTIONS = ['page', 'notify', 'ticket', 'review', 'hook', 'none'] as const;
export type RuleAction = (typeof RULE_ACTIONS)[number];

/** A rule as a person writes it. */
export const RuleBodySchema = z.strictObject({
  name,
  enabled: z.boolean().default(true),
  severity: z.enum(SEVERITIES),
  scope: RuleScopeSchema.default({ services: [], tags: [], levels: [], fields: [] }),
  condition: RuleConditionSchema,
  window_seconds: z.number().int().min(1).max(86_400),
  /** What is counted apart: each source, each service, each value of a field such as `user_id`. */
  group_by: z.union([z.enum(['source', 'service']), z.strictObject({ field: name })]).default('source'),
  /** How long the condition must hold before it fires. */
  for_seconds: z.number().int().min(0).max(86_400).default(0),
  action: z.enum(RULE_ACTIONS).default('notify'),
  /** For `hook`: which automation hook. */
  hook_id: z.string().max(64).optional(),
  /** One sentence for people; `{count}`, `{threshold}`, `{service}`, `{group}` and `{window}` are filled in. */
  message: z.string().min(1).max(500),
});
export type RuleBody = z.infer<typeof RuleBodySchema>;

export const RuleSchema = RuleBodySchema.extend({
  rule_id: z.string(),
  /** A rule that ships with the agent has its stable name here: `error-spike`. */
  shipped_as: z.string().nullable(),
  version: z.number().int(),
  updated_by: z.string(),
  updated_at_ms: z.number(),
});
export type Rule = z.infer<typeof RuleSchema>;
export const RuleListSchema = z.object({ rules: z.array(RuleSchema) });

/** The document of import and export; no secrets, no ids: rules are matched by name. */
export const RuleSetSchema = z.strictObject({ schemaVersion: z.literal(1), rules: z.array(RuleBodySchema).max(1000) });

/** `POST /v1/alerts/policies:dryrun` */
export const RuleDryRunSchema = z.object({
  from_ms: z.number(),
  to_ms: z.number(),
  fired: z.array(z.object({ at_ms: z.number(), until_ms: z.number(), group: z.string(), value: z.number() })),
  /** What of the rule history cannot tell, in words; empty when nothing is missing. */
  blind_to: z.array(z.string()),
});
export type RuleDryRun = z.infer<typeof RuleDryRunSchema>;

/** What an import did, or would do, by the rules' names. */
export const RuleImportAnswerSchema = z.object({
  add: z.array(z.string()),
  change: z.array(z.string()),
  same: z.array(z.string()),
});
export type RuleImportAnswer = z.infer<typeof RuleImportAnswerSchema>;
