/** `POST /v1/ranges:explain`: what a brushed range is made of, as NDJSON lines of one closed union. */
import { z } from 'zod';
import { SampleLineSchema } from './anomaly.ts';
import { LEVELS } from './level.ts';

export const EXPLAIN_BASELINES = ['same_slot', 'before', 'other_range', 'other_cluster'] as const;
/** Of the other cluster, the commonest; a template's text is cut. */
export const MAX_OTHER_TEMPLATES = 500;
export const MAX_OTHER_TEXT = 400;

const ExplainAgainstSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('same_slot') }),
  z.strictObject({ kind: z.literal('before') }),
  z.strictObject({
    kind: z.literal('other_range'),
    from: z.union([z.string(), z.number()]),
    to: z.union([z.string(), z.number()]),
  }),
  /** What another cluster logged, as its own answer to the same question says; agents do not call each other. */
  z.strictObject({
    kind: z.literal('other_cluster'),
    /** As people call it. */
    name: z.string().min(1).max(100),
    templates: z
      .array(
        z.strictObject({
          template_id: z.string().min(1).max(64),
          text: z.string().max(MAX_OTHER_TEXT),
          count: z.number().min(0).max(1e15),
        }),
      )
      .max(MAX_OTHER_TEMPLATES),
  }),
]);
export type ExplainAgainst = z.infer<typeof ExplainAgainstSchema>;

export const ExplainRequestSchema = z.strictObject({
  from: z.union([z.string(), z.number()]),
  to: z.union([z.string(), z.number()]),
  /** Source ids or service names; all when absent. */
  sources: z.array(z.string().max(256)).max(1000).optional(),
  /** What to compare with: the same seasonal slot of past weeks or days, else the four times as long stretch before. */
  against: ExplainAgainstSchema.optional(),
  order: z.enum(['biggest', 'rarest']).default('biggest'),
  limit: z.number().int().min(1).max(200).default(50),
});
export type ExplainRequest = z.infer<typeof ExplainRequestSchema>;

/** NEW: never seen before the range; GONE: usual here and absent; MISSING: usual and far fewer; SURGING; STEADY. */
export const EXPLAIN_STATUSES = ['new', 'surging', 'steady', 'missing', 'gone'] as const;

export const ExplainRowSchema = z.object({
  cluster_id: z.string(),
  /** In words that people use. */
  name: z.string(),
  status: z.enum(EXPLAIN_STATUSES),
  /** Events in the range, and how many the baseline makes one expect in a range as long. */
  count: z.number(),
  expected: z.number(),
  /** count − expected: over all rows and the remainder this sums to the range's own excess, exactly. */
  excess: z.number(),
  /** count ÷ the range's total. */
  share: z.number(),
  templates: z.array(
    z.object({
      template_id: z.string(),
      text: z.string(),
      count: z.number(),
      expected: z.number(),
      is_new: z.boolean(),
    }),
  ),
  levels: z.record(z.enum(LEVELS), z.number()),
  services: z.array(z.object({ service: z.string(), count: z.number() })),
  /** Counts in equal steps over the range, at most 60. */
  sparkline: z.array(z.number()),
  first_seen_ms: z.number(),
  samples: z.array(SampleLineSchema),
  /** Values seen in the varying parts of its biggest template, commonest first. */
  variables: z.array(
    z.object({ position: z.number(), values: z.array(z.object({ value: z.string(), count: z.number() })) }),
  ),
});
export type ExplainRow = z.infer<typeof ExplainRowSchema>;

export const ExplainMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('summary'),
    from_ms: z.number(),
    to_ms: z.number(),
    total: z.number(),
    expected: z.number(),
    excess: z.number(),
    baseline: z.object({
      kind: z.enum(EXPLAIN_BASELINES),
      /** In words: "the same hour of the last 3 Mondays". */
      words: z.string(),
      ranges: z.array(z.object({ from_ms: z.number(), to_ms: z.number() })),
    }),
  }),
  /** A row, or a better version of the row with the same cluster_id (samples arrive later). */
  z.object({ type: z.literal('row'), rank: z.number().int(), row: ExplainRowSchema }),
  /** What no row holds: counts of rows + this = total, to the event. */
  z.object({ type: z.literal('remainder'), count: z.number(), expected: z.number(), clusters: z.number().int() }),
  z.object({ type: z.literal('progress'), done: z.number(), of: z.number() }),
  z.object({ type: z.literal('done'), took_ms: z.number() }),
]);
export type ExplainMessage = z.infer<typeof ExplainMessageSchema>;
