import { z } from 'zod';
import { SENSITIVITIES, SEVERITIES } from './severity.ts';
import { SeriesNameSchema } from './series-name.ts';

export const DIRECTIONS = ['high', 'low'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/**
 * Everything that the decision was made from, so that `sentinellog verify` can make it again offline.
 * Times are unix seconds; value, mean and stddev are in the signal's unit for one window.
 */
export const ReceiptSchema = z.object({
  version: z.literal(1),
  engine: z.string(),
  detector: z.string(),
  source_id: z.string(),
  service: z.string(),
  signal: SeriesNameSchema,
  window_start: z.number(),
  window_seconds: z.number(),
  value: z.number(),
  /** Events that the value was drawn from: the denominator of a rate. */
  events: z.number(),
  mean: z.number(),
  stddev: z.number(),
  /** Σ of past buckets the mean and stddev rest on. */
  n: z.number(),
  /** Which seasonal slot, in words, for instance `Mon 14h` or `recent`. */
  slot: z.string(),
  time_zone: z.string(),
  z: z.number(),
  /** `custom`: the source is set to a σ of its own. */
  sensitivity: z.enum([...SENSITIVITIES, 'custom']),
  sigma: z.number(),
  /** The |z| that had to be reached in this window: σ corrected for how often this window length looks. */
  threshold: z.number(),
  /** SHA-256 of each sample line, in hex. */
  sample_hashes: z.array(z.string()),
  /** The deviation score and the severity that these numbers give. */
  score: z.number().optional(),
  severity: z.enum(SEVERITIES).optional(),
  /** Stretches (unix seconds, from ≤ t < to) that people have taken out of what was learnt; the newest 32. */
  excluded: z.array(z.object({ from: z.number(), to: z.number() })).optional(),
  /** Who made it: the agent and its Ed25519 public key (base64url of the 32 bytes). */
  agent: z.object({ agent_id: z.string(), public_key: z.string() }).optional(),
  /** SHA-256 in hex over everything above as canonical JSON, and the agent's Ed25519 signature (base64url) of the same bytes. */
  digest: z.string().optional(),
  signature: z.string().optional(),
});
export type Receipt = z.infer<typeof ReceiptSchema>;

/** A line of the journal that belongs to an anomaly, as it was received, cut to 2,000 characters. */
export const SampleLineSchema = z.object({
  at_ms: z.number(),
  level: z.string(),
  message: z.string(),
  trace_id: z.string().optional(),
});
export type SampleLine = z.infer<typeof SampleLineSchema>;

/** What a person says of an anomaly: `real` is never learnt, `noise` is learnt as an ordinary day. */
export const VERDICTS = ['real', 'noise'] as const;
export type Verdict = (typeof VERDICTS)[number];

/**
 * `early`: the window has not closed but has already crossed; `open`: confirmed at its close and not over;
 * `recovered`: back inside the baseline; `withdrawn`: an early one that its close did not confirm.
 */
export const ANOMALY_STATES = ['early', 'open', 'recovered', 'withdrawn'] as const;
export type AnomalyState = (typeof ANOMALY_STATES)[number];

/** A series outside its baseline (`AnomalyEvent`). Wire and API form; times are milliseconds since the epoch. */
export const AnomalySchema = z.object({
  event_id: z.string(),
  source_id: z.string(),
  service: z.string(),
  signal: SeriesNameSchema,
  detector: z.string(),
  direction: z.enum(DIRECTIONS),
  state: z.enum(ANOMALY_STATES),
  severity: z.enum(SEVERITIES),
  /** z at the worst window so far: signed, in σ. */
  deviation_score: z.number(),
  started_at_ms: z.number(),
  /** End of the last window that was outside. */
  /** When it began, as closely as its seconds tell: somewhere in from ≤ t < to. Absent: in its first window. */
  onset: z.object({ from_ms: z.number(), to_ms: z.number() }).optional(),
  last_outside_ms: z.number(),
  ended_at_ms: z.number().nullable(),
  detected_at_ms: z.number(),
  observed: z.number(),
  expected: z.number(),
  /** One sentence a person can read out. */
  reason: z.string(),
  raw_data_sample: z.array(SampleLineSchema),
  receipt: ReceiptSchema,
  /** Absent or null: nobody has said. */
  verdict: z.enum(VERDICTS).nullable().optional(),
});
export type Anomaly = z.infer<typeof AnomalySchema>;
