/** Bodies and queries of the HTTP API; the agent validates with them and the console derives its types from them. */
import { z } from 'zod';
import { ROLES, SCOPES } from '../access.ts';
import { AgentHealthSchema, AgentInfoSchema, RejectionSchema } from '../agent-health.ts';
import { AnomalySchema } from '../anomaly.ts';
import { CanarySchema } from '../baseline.ts';
import { EventErrorSchema } from '../errors.ts';
import { TopClusterSchema } from '../cluster.ts';
import { HeartbeatColumnsSchema } from '../heartbeat.ts';
import { DRAWN_SIGNALS } from '../series.ts';
import { SourceSchema } from '../source.ts';

/** 202 of `POST /v1/ingest`: every accepted event is on disk, flushed, and will be counted exactly once. */
export const IngestAnswerSchema = z.object({
  accepted: z.number().int(),
  rejected: z.number().int(),
  batch_id: z.string(),
  errors: z.array(EventErrorSchema).optional(),
});
export type IngestAnswer = z.infer<typeof IngestAnswerSchema>;

const oneOrMany = z.union([z.string(), z.array(z.string())]).transform((v) => (Array.isArray(v) ? v : [v]));

export const HeartbeatQuerySchema = z.strictObject({
  /** Source id or service name, repeatable; every source when absent. */
  source: oneOrMany.optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  step: z.string().default('1s'),
  signal: z.enum(DRAWN_SIGNALS).default('volume'),
});

export const HeartbeatAnswerSchema = z.object({
  signal: z.enum(DRAWN_SIGNALS),
  step_seconds: z.number(),
  from_ms: z.number(),
  to_ms: z.number(),
  /** All the sources asked for, added up (for a rate: errors of all ÷ events of all; for a p99, which does not add up: the slowest). */
  columns: HeartbeatColumnsSchema,
  /** Events in the range: for volume, the sum of the value column; 0 for a p99. */
  total_events: z.number(),
  sources: z.array(z.object({ source_id: z.string(), service: z.string(), columns: HeartbeatColumnsSchema })),
});
export type HeartbeatAnswer = z.infer<typeof HeartbeatAnswerSchema>;

export const SourceListSchema = z.object({ sources: z.array(SourceSchema) });

export const AnomalyQuerySchema = z.strictObject({
  source: z.string().optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(200).optional(),
});
export const AnomalyListSchema = z.object({ anomalies: z.array(AnomalySchema), next_cursor: z.string().nullable() });
/** One anomaly with the heartbeat around it (ten windows either side, at least five minutes). */
export const AnomalyDetailSchema = AnomalySchema.extend({
  columns: HeartbeatColumnsSchema,
  step_seconds: z.number(),
  /** What its lines are, largest share first; absent of agents that do not say. */
  top_clusters: z.array(TopClusterSchema).optional(),
});

export const MeSchema = z.object({ name: z.string(), role: z.enum(ROLES), scopes: z.array(z.enum(SCOPES)) });
export type Me = z.infer<typeof MeSchema>;

export const AgentStatusSchema = z.object({
  agent: AgentInfoSchema,
  health: AgentHealthSchema,
  canary: CanarySchema.optional(),
});
export const RejectionListSchema = z.object({ rejections: z.array(RejectionSchema) });

/** What one ingest key may send; null: what the agent's configuration allows every key. */
const keyLimits = {
  events_per_second: z.number().int().min(1).nullable(),
  bytes_per_day: z.number().int().min(1).nullable(),
};
export const KeySchema = z.object({
  key_id: z.string(),
  name: z.string(),
  tenant: z.string(),
  /** A key pinned to a source counts everything it sends under this service. */
  service: z.string().nullable(),
  created_at_ms: z.number(),
  last_used_ms: z.number().nullable(),
  /** In the future while a rotated key has its grace. */
  revoked_at_ms: z.number().nullable(),
  ...keyLimits,
});
export type IngestKey = z.infer<typeof KeySchema>;
export const KeyCreateSchema = z.strictObject({
  name: z.string().min(1).max(100),
  source: z.string().min(1).max(200).optional(),
  ...z.object(keyLimits).partial().shape,
});
export const KeyPatchSchema = z.strictObject(keyLimits).partial();
/** How long the old key goes on working beside the new one: a day for whoever has to change it in many places. */
export const KeyRotateSchema = z.strictObject({ grace_hours: z.number().min(0).max(720).default(24) });
/** The only answer that ever holds the key itself. */
export const KeyCreatedSchema = KeySchema.extend({ key: z.string() });
export const KeyListSchema = z.object({ keys: z.array(KeySchema) });

export const TokenSchema = z.object({
  token_id: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  created_at_ms: z.number(),
  last_used_ms: z.number().nullable(),
  revoked_at_ms: z.number().nullable(),
});
export type AccessToken = z.infer<typeof TokenSchema>;
export const TokenCreateSchema = z.strictObject({ name: z.string().min(1).max(100), role: z.enum(ROLES) });
export const TokenCreatedSchema = TokenSchema.extend({ token: z.string() });
export const TokenListSchema = z.object({ tokens: z.array(TokenSchema) });
