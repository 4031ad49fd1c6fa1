import { z } from 'zod';
import { LEVELS } from './level.ts';

/** What messages of one shape have in common; the varying parts are `<*>`. Ids are stable across restarts and replicas. */
export const TemplateSchema = z.object({
  template_id: z.string(),
  text: z.string(),
  /** A person's name for it. */
  name: z.string().nullable(),
  pinned: z.boolean(),
  cluster_id: z.string(),
  first_seen_ms: z.number(),
  last_seen_ms: z.number(),
  count: z.number(),
  levels: z.record(z.enum(LEVELS), z.number()),
  services: z.array(z.object({ source_id: z.string(), service: z.string(), count: z.number() })),
  /** At most 5, as received, cut to 2,000 characters. */
  examples: z.array(z.string()),
});
export type Template = z.infer<typeof TemplateSchema>;
export const TemplateQuerySchema = z.strictObject({
  source: z.string().max(256).optional(),
  cluster: z.string().max(64).optional(),
  /** Words that the text must hold. */
  text: z.string().max(200).optional(),
  order: z.enum(['count', 'newest', 'rarest']).default('count'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
export type TemplateQuery = z.infer<typeof TemplateQuerySchema>;
export const TemplateListSchema = z.object({ templates: z.array(TemplateSchema), total: z.number() });
export type TemplateList = z.infer<typeof TemplateListSchema>;

export const TemplateHistoryQuerySchema = z.strictObject({
  /** Milliseconds since the epoch or ISO 8601; the last 24 hours when absent. */
  from: z.string().max(40).optional(),
  to: z.string().max(40).optional(),
  step: z.string().max(10).default('10m'),
});
/** A template and how often it came, as columns for uPlot: unix seconds and events. */
export const TemplateDetailSchema = TemplateSchema.extend({
  step_seconds: z.number(),
  columns: z.tuple([z.array(z.number()), z.array(z.number())]),
});
export type TemplateDetail = z.infer<typeof TemplateDetailSchema>;

export const TemplatePatchSchema = z
  .strictObject({
    name: z.string().trim().min(1).max(200).nullable(),
    pinned: z.boolean(),
    /** Templates that are shown as part of this one from now on, past and future. */
    merge: z.array(z.string().max(64)).max(100),
    /** Templates that were merged into this one by hand and stand alone again. */
    split: z.array(z.string().max(64)).max(100),
  })
  .partial();
export type TemplatePatch = z.infer<typeof TemplatePatchSchema>;
