import { z } from 'zod';
import { DIRECTIONS } from './anomaly.ts';
import { SEVERITIES } from './severity.ts';

export const ALERT_STATES = ['OPEN', 'ACK', 'RESOLVED'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** How an alert or incident ended: `recovered` and `merged` by themselves, the others are a person's word. */
export const RESOLUTIONS = ['recovered', 'fixed', 'noise', 'expected', 'duplicate', 'merged'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/**
 * The routable state of one dedup key: tenant, source, and signal or rule; never severity, which changes while the
 * thing is the same. `version` grows by one with every change; a change that names an old one is refused.
 */
export const AlertSchema = z.object({
  alert_id: z.string(),
  incident_id: z.string(),
  dedup_key: z.string(),
  source_id: z.string(),
  service: z.string(),
  /** A signal of the detector (`volume`, `error_rate` …) or `rule:<rule id>`. */
  signal: z.string(),
  direction: z.enum(DIRECTIONS),
  state: z.enum(ALERT_STATES),
  severity: z.enum(SEVERITIES),
  /** Largest |z| so far, signed. */
  peak_score: z.number(),
  /** The newest anomaly's reason. */
  reason: z.string(),
  /** Anomalies that it stands for, newest last, at most 20. */
  event_ids: z.array(z.string()),
  /** Whether its series is outside right now. */
  firing: z.boolean(),
  assigned_to: z.string().nullable(),
  opened_at_ms: z.number(),
  updated_at_ms: z.number(),
  resolved_at_ms: z.number().nullable(),
  resolution: z.enum(RESOLUTIONS).nullable(),
  version: z.number().int(),
});
export type Alert = z.infer<typeof AlertSchema>;
