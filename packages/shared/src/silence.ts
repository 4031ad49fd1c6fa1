import { z } from 'zod';

/** What a silence covers. It never covers what is worse than when it was made: higher severity or a new template end it. */
export const SilenceScopeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('incident'), incident_id: z.string() }),
  z.strictObject({ kind: z.literal('template'), template_id: z.string(), service: z.string().nullable() }),
  z.strictObject({ kind: z.literal('source'), source_id: z.string() }),
  z.strictObject({ kind: z.literal('service'), service: z.string() }),
]);
export type SilenceScope = z.infer<typeof SilenceScopeSchema>;

export const SILENCE_ENDS = ['expired', 'removed', 'worse_severity', 'worse_volume', 'new_template'] as const;

export const SilenceSchema = z.object({
  silence_id: z.string(),
  scope: SilenceScopeSchema,
  reason: z.string(),
  created_by: z.string(),
  starts_at_ms: z.number(),
  /** null: until it gets worse. */
  ends_at_ms: z.number().nullable(),
  ended_at_ms: z.number().nullable(),
  ended_because: z.enum(SILENCE_ENDS).nullable(),
  /** The bill: what it kept from people. */
  hid: z.object({ alerts: z.number(), notices: z.number(), peak_score: z.number() }),
});
export type Silence = z.infer<typeof SilenceSchema>;
export const SilenceListSchema = z.object({ silences: z.array(SilenceSchema) });

/** `POST /v1/silences`. Without an end it holds until it gets worse: volume doubled or |z| two higher. */
export const SilenceCreateSchema = z.strictObject({
  scope: SilenceScopeSchema,
  reason: z.string().min(1).max(500),
  ends_at_ms: z.number().nullable().default(null),
  /** End it when it gets worse, too, although it has an end. */
  until_worse: z.boolean().default(false),
});
export type SilenceCreate = z.infer<typeof SilenceCreateSchema>;
