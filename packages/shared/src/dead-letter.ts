import { z } from 'zod';

/** An event that was refused, as it came, so that its sender can be mended and the event sent again. */
export const DeadLetterSchema = z.object({
  /** Grows: newer ones have larger ids. */
  id: z.number().int(),
  at_ms: z.number(),
  key_id: z.string(),
  /** `schema_violation`, `invalid_json` …: as in the answer to its sender. */
  code: z.string(),
  detail: z.string(),
  /** Hostile text; cut after 8,192 characters. */
  event: z.string(),
});
export type DeadLetter = z.infer<typeof DeadLetterSchema>;

export const DeadLetterQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  /** `next_cursor` of the page before. */
  cursor: z.coerce.number().int().min(1).optional(),
});
export const DeadLetterListSchema = z.object({
  dead_letters: z.array(DeadLetterSchema),
  next_cursor: z.number().int().nullable(),
  /** Since the agent started: how many were refused, by reason, whether they were kept or not. */
  counted: z.record(z.string(), z.number()),
});
