import { z } from 'zod';
import { EventErrorSchema } from './errors.ts';

/** A batch, or part of one, that was refused: shown in the console so that a wrong sender is found in seconds. */
export const RejectionSchema = z.object({
  at_ms: z.number(),
  protocol: z.string(),
  remote: z.string(),
  /** The id of the ingest key, never the key; null where there was none. */
  key_id: z.string().nullable(),
  code: z.string(),
  detail: z.string(),
  events: z.number(),
  errors: z.array(EventErrorSchema),
});
export type Rejection = z.infer<typeof RejectionSchema>;

/** The truth about the agent itself, once a second. `degraded` names what is missing, in words. */
export const AgentHealthSchema = z.object({
  now_ms: z.number(),
  state: z.enum(['ready', 'starting', 'degraded', 'draining']),
  degraded: z.array(z.string()),
  accepted_per_second: z.number(),
  rejected_per_second: z.number(),
  accepted_total: z.number(),
  rejected_total: z.number(),
  late_total: z.number(),
  clamped_total: z.number(),
  duplicate_batches_total: z.number(),
  /** Events of text that no parser knew; they count all the same. Absent from agents that read no text. */
  unparsed_total: z.number().optional(),
  sources: z.number(),
  /** Seconds of journal that wait for replay after a start; 0 when caught up. */
  replay_pending_bytes: z.number(),
  journal_bytes: z.number(),
  checkpoint_age_seconds: z.number(),
  event_loop_lag_ms: z.number(),
  rss_bytes: z.number(),
});
export type AgentHealth = z.infer<typeof AgentHealthSchema>;

export const AgentInfoSchema = z.object({
  agent_id: z.string(),
  name: z.string(),
  /** Short code of the cluster, shown on every row: 1-6 characters. */
  code: z.string(),
  version: z.string(),
  started_at_ms: z.number(),
  /** Ed25519 public key (base64url) that this agent's receipts are signed with. */
  receipt_key: z.string().optional(),
});
export type AgentInfo = z.infer<typeof AgentInfoSchema>;
