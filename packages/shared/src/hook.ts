/** Automation hooks: what a person may set going from an incident, or lets a rule set going. Off until enabled. */
import { z } from 'zod';

export const HOOK_EFFECTS = ['retry', 'scale', 'restart', 'notify'] as const;
export const HOOK_RUN_STATES = ['queued', 'running', 'succeeded', 'failed'] as const;

export const HookBodySchema = z.strictObject({
  name: z.string().min(1).max(100),
  enabled: z.boolean().default(false),
  /** What it does to the service, in one word: shown before it is run. */
  effect: z.enum(HOOK_EFFECTS),
  /** Globs over services that it may be run for; all when empty. */
  services: z.array(z.string().min(1).max(256)).max(100).default([]),
  url: z.url({ protocol: /^https?$/ }).max(2000),
  /** JSON with `{{incident.key}}` and the like in its strings; see docs/automation.md for the names. */
  body: z.string().min(2).max(16_000),
  cooldown_seconds: z.number().int().min(0).max(86_400).default(300),
  /** A protected hook runs only when the cluster's code was typed. */
  protected: z.boolean().default(false),
  /** Key of the HMAC signature; written, never read back. Absent in a replacement: stays as it is. */
  secret: z.string().min(16).max(500).optional(),
});
export type HookBody = z.infer<typeof HookBodySchema>;

export const HookRunSchema = z.object({
  run_id: z.string(),
  hook_id: z.string(),
  hook_name: z.string(),
  incident_id: z.string(),
  at_ms: z.number(),
  by: z.string(),
  state: z.enum(HOOK_RUN_STATES),
  status_code: z.number().int().nullable(),
  /** What the other side said, cut to 4,000 characters, or why it could not be asked. */
  answer: z.string(),
  took_ms: z.number().nullable(),
});
export type HookRun = z.infer<typeof HookRunSchema>;

export const HookSchema = HookBodySchema.omit({ secret: true }).extend({
  hook_id: z.string(),
  has_secret: z.boolean(),
  last_run: HookRunSchema.nullable(),
  version: z.number().int(),
  updated_by: z.string(),
  updated_at_ms: z.number(),
});
export type Hook = z.infer<typeof HookSchema>;
export const HookListSchema = z.object({ hooks: z.array(HookSchema) });
export const HookRunListSchema = z.object({ runs: z.array(HookRunSchema) });

/** `POST /v1/incidents/{id}/remediate` */
export const RemediateSchema = z.strictObject({
  hook_id: z.string().max(64),
  /** The cluster's code, for a protected hook. */
  confirm: z.string().max(16).optional(),
});
export const HookPreviewSchema = z.object({
  method: z.literal('POST'),
  url: z.string(),
  body: z.string(),
  effect: z.enum(HOOK_EFFECTS),
  /** What has to be typed; null when nothing has. */
  needs_code: z.string().nullable(),
  cooldown_left_seconds: z.number(),
  /** Why it cannot be run now; null when it can. */
  refused_because: z.string().nullable(),
  last_run: HookRunSchema.nullable(),
});
export type HookPreview = z.infer<typeof HookPreviewSchema>;
