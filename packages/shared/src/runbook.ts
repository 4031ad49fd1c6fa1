import { z } from 'zod';

const line = z.string().min(1).max(500);

/** What was learnt from an incident, for the next person (requirement S2-08). Texts are Markdown, served as text. */
export const RunbookBodySchema = z.strictObject({
  title: line,
  /** Day of the incident it was written after, `YYYY-MM-DD`; null for one that was written ahead. */
  incident_date: z.iso.date().nullable().default(null),
  /** Names or globs of services: `payment-*`. */
  services_affected: z.array(z.string().min(1).max(256)).max(100).default([]),
  root_cause: z.string().min(1).max(20_000),
  resolution_steps: z.array(z.string().min(1).max(4000)).min(1).max(100),
  tags: z.array(z.string().min(1).max(64)).max(32).default([]),
});
export type RunbookBody = z.infer<typeof RunbookBodySchema>;

export const RunbookSchema = RunbookBodySchema.extend({
  runbook_id: z.string(),
  /** One that ships with the agent has its stable name here. */
  shipped_as: z.string().nullable(),
  version: z.number().int(),
  updated_by: z.string(),
  updated_at_ms: z.number(),
});
export type Runbook = z.infer<typeof RunbookSchema>;
export const RunbookListSchema = z.object({ runbooks: z.array(RunbookSchema) });
export const RunbookQuerySchema = z.strictObject({
  /** Words to look for; all runbooks, newest first, when absent. */
  text: z.string().max(500).optional(),
  service: z.string().max(256).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
