import { z } from 'zod';
import { LEAST_SIGMA, MOST_SIGMA, SENSITIVITIES } from './severity.ts';

const SigmaSchema = z.number().min(LEAST_SIGMA).max(MOST_SIGMA);

/** Where a source's baseline stands. `ready` once a day of history is behind it. */
export const LEARNING_STATES = ['learning', 'ready'] as const;

/** One service's stream within a tenant (`LogSource`). */
export const SourceSchema = z.object({
  source_id: z.string(),
  tenant: z.string(),
  service: z.string(),
  sensitivity: z.enum(SENSITIVITIES),
  /** Any other number of σ; absent or null: that of `sensitivity`. */
  sigma: SigmaSchema.nullable().optional(),
  retention_days: z.number().int().min(1).max(3650),
  time_zone: z.string(),
  tags: z.array(z.string()),
  first_seen_ms: z.number(),
  last_seen_ms: z.number(),
  learning: z.enum(LEARNING_STATES),
  /** Hours of history that the baseline rests on, capped at 24. */
  learnt_hours: z.number(),
});
export type Source = z.infer<typeof SourceSchema>;

export const SourcePatchSchema = z.strictObject({
  /** One of the three; takes away a `sigma` that was set before. */
  sensitivity: z.enum(SENSITIVITIES).optional(),
  /** Any other number of σ; null goes back to `sensitivity`. */
  sigma: SigmaSchema.nullable().optional(),
  retention_days: z.number().int().min(1).max(3650).optional(),
  time_zone: z.string().min(1).max(64).optional(),
  tags: z.array(z.string().min(1).max(64)).max(32).optional(),
});
export type SourcePatch = z.infer<typeof SourcePatchSchema>;
