/** Bodies of the routes about what a source has learnt: verdicts, exclusions, the past behind a band, the ladder, the canary. */
import { z } from 'zod';
import { VERDICTS } from './anomaly.ts';
import { SIGNALS } from './series.ts';
import { SEVERITIES } from './severity.ts';

/** null takes a verdict back. */
export const VerdictRequestSchema = z.strictObject({ verdict: z.enum(VERDICTS).nullable() });

/** A stretch that a source's season does not learn from: a struck-out day, a holiday, maintenance. Milliseconds since the epoch. */
export const ExclusionSchema = z.object({
  exclusion_id: z.string(),
  source_id: z.string(),
  /** null: every signal. */
  signal: z.enum(SIGNALS).nullable(),
  from_ms: z.number(),
  to_ms: z.number(),
  reason: z.string(),
  created_by: z.string(),
  created_at_ms: z.number(),
});
export type Exclusion = z.infer<typeof ExclusionSchema>;
export const ExclusionListSchema = z.object({ exclusions: z.array(ExclusionSchema) });

const MOST_EXCLUDED_MS = 32 * 86_400_000;
export const ExclusionCreateSchema = z
  .strictObject({
    signal: z.enum(SIGNALS).nullable().default(null),
    from_ms: z.number().int().min(0).max(8.64e15),
    to_ms: z.number().int().min(0).max(8.64e15),
    reason: z.string().min(1).max(200),
  })
  .refine(({ from_ms, to_ms }) => to_ms > from_ms && to_ms - from_ms <= MOST_EXCLUDED_MS, {
    message: 'to_ms must be after from_ms, by at most 32 days',
  });

export const ExpectationQuerySchema = z.strictObject({
  /** Milliseconds since the epoch or ISO 8601; now when absent. */
  at: z.string().optional(),
  signal: z.enum(SIGNALS).default('volume'),
});

/** One past bucket of a band, and what it counts for. */
const PastBucketSchema = z.object({
  /** `day`: the same time of day; `week`: the same hour of the week. */
  layer: z.enum(['day', 'week']),
  from_ms: z.number(),
  to_ms: z.number(),
  /** Per bucket of `bucket_seconds`; null where no counts are kept any more. */
  value: z.number().nullable(),
  /** Factor by which the rate moved on entering it; in `week`, beyond what the time of day does. */
  factor: z.number(),
  /** Share in its layer's mean, 0 for what does not count. */
  weight: z.number(),
  /** `doubted`: an anomaly ran through it and nobody has said what it was; `excluded`: struck out by a person or called real. */
  use: z.enum(['learnt', 'doubted', 'excluded']),
  /** The exclusion that struck it out, to be deleted to bring it back. */
  exclusion_id: z.string().nullable(),
});

/** "Show me the Mondays": the expectation of one five-minute bucket and the past it rests on. Values are per bucket. */
export const ExpectationAnswerSchema = z.object({
  source_id: z.string(),
  signal: z.enum(SIGNALS),
  bucket_from_ms: z.number(),
  bucket_seconds: z.number(),
  time_zone: z.string(),
  /** What was seen; null for a bucket that is not over, or of which no counts are kept. */
  value: z.number().nullable(),
  /** Level just before the bucket, as it was known then; null while nothing is learnt. */
  level: z.number().nullable(),
  /** Factor by which the season moves the level, with what counts now. */
  factor: z.number(),
  mean: z.number().nullable(),
  stddev: z.number().nullable(),
  z: z.number().nullable(),
  /** How far each layer of the season is believed, 0 to 1; what is left is the recent level's. */
  trust: z.object({ day: z.number(), week: z.number() }),
  /** Over the buckets that count, in the unit of the value. */
  moving_mean: z.number().nullable(),
  moving_stddev: z.number().nullable(),
  buckets: z.array(PastBucketSchema),
});
export type ExpectationAnswer = z.infer<typeof ExpectationAnswerSchema>;

/** A saved state of what a source has learnt, to be looked at and gone back to. */
export const BaselineVersionSchema = z.object({
  version_id: z.string(),
  source_id: z.string(),
  made_at_ms: z.number(),
  /** Event time that it has learnt up to. */
  through_ms: z.number(),
  engine: z.string(),
  why: z.enum(['daily', 'before_relearning', 'before_revert']),
  /** Hours of history, capped at 24, and what the next minute was expected to be, per second (volume) or per event (error_rate). */
  learnt_hours: z.number(),
  expected: z.array(
    z.object({ signal: z.enum(SIGNALS), rate: z.number(), dispersion: z.number(), relative: z.number() }),
  ),
  bytes: z.number(),
});
export type BaselineVersion = z.infer<typeof BaselineVersionSchema>;
export const BaselineVersionListSchema = z.object({ versions: z.array(BaselineVersionSchema) });

/** What relearning a source from its stored seconds came to. */
export const RelearnAnswerSchema = z.object({
  source_id: z.string(),
  from_ms: z.number(),
  to_ms: z.number(),
  seconds: z.number(),
  version_before: z.string(),
});

const DAY_MS = 86_400_000;
export const LadderRequestSchema = z.strictObject({
  /** The last day when absent. */
  from_ms: z.number().int().min(0).max(8.64e15).optional(),
  to_ms: z.number().int().min(0).max(8.64e15).optional(),
});
/** Longest stretch of one ladder: seven steps replay it each. */
export const MOST_LADDER_MS = 7 * DAY_MS;

const bySeverity = z.record(z.enum(SEVERITIES), z.number());
/** One step: what the source would have told at this σ. */
const LadderStepSchema = z.object({
  sigma: z.number(),
  /** This is what the source is set to. */
  is_current: z.boolean(),
  anomalies: bySeverity,
  anomalies_total: z.number(),
  /** After dedup and a cooldown of 30 minutes. */
  incidents: z.number(),
  pages: z.number(),
  posts: z.number(),
  mails: z.number(),
  alerts_a_week: z.number(),
  /** Anomalies that were marked real: how many this step finds, and the minutes to the first of its own, worst and median. */
  real_found: z.number(),
  minutes_to_detect: z.object({ median: z.number(), worst: z.number() }).nullable(),
  /** Alerts of this step that touch an anomaly marked noise. */
  noise: z.number(),
});
export type LadderStep = z.infer<typeof LadderStepSchema>;

export const LadderAnswerSchema = z.object({
  source_id: z.string(),
  from_ms: z.number(),
  to_ms: z.number(),
  /** Seconds that hold counts or measured silence; the others nobody looked at. */
  seconds: z.number(),
  /** Where the replay began to learn: a saved state, or so many hours before `from_ms`. */
  warm_up: z.object({ from_ms: z.number(), saved_state: z.string().nullable() }),
  marked: z.object({ real: z.number(), noise: z.number(), unjudged: z.number() }),
  steps: z.array(LadderStepSchema),
  /** The replay at the present σ against what was told: shares of each that the other has too; null where there is none. */
  fidelity: z.object({
    fired: z.number(),
    replayed: z.number(),
    fired_reproduced: z.number().nullable(),
    replayed_fired: z.number().nullable(),
  }),
  /** Milliseconds that the replay took, in its own thread. */
  took_ms: z.number(),
});
export type LadderAnswer = z.infer<typeof LadderAnswerSchema>;

export const CANARY_TRIALS = [
  'calm',
  'bump',
  'dip',
  'silence',
  'errors',
  'ramp',
  'slow_answers',
  'new_errors',
  'message_flood',
  'odd_minutes',
] as const;
export type CanaryTrial = (typeof CANARY_TRIALS)[number];

/** What the agent's own test of its detection came to. */
export const CanarySchema = z.object({
  state: z.enum(['not_run', 'ok', 'blind']),
  ran_at_ms: z.number().nullable(),
  /** Detection has been known not to work since then; null while it works. */
  blind_since_ms: z.number().nullable(),
  /** What each trial should do at which σ, and did. */
  trials: z.array(
    z.object({
      trial: z.enum(CANARY_TRIALS),
      sigma: z.number(),
      expected: z.string(),
      found: z.string(),
      ok: z.boolean(),
    }),
  ),
  /** Live sources whose seconds have not been closed for a minute; null when all is well. */
  stalled: z.string().nullable(),
});
export type CanaryReport = z.infer<typeof CanarySchema>;
