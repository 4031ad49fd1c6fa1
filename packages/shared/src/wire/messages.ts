/**
 * The stream protocol (WebSocket `/v1/stream`): JSON text messages, one closed union each way.
 * The first message of a client is `hello` with its token, within 5 s. Stateful messages carry `seq`;
 * a client that reconnects says the last one it saw and gets what it missed, or a `snapshot` if that is too old.
 */
import { z } from 'zod';
import { SCOPES, ROLES } from '../access.ts';
import { AgentHealthSchema, AgentInfoSchema, RejectionSchema } from '../agent-health.ts';
import { AnomalySchema } from '../anomaly.ts';
import { IncidentSchema } from '../incident.ts';
import { LiveLineSchema, LineFilterSchema, MAX_LINES_PER_SECOND } from '../live-line.ts';
import { DRAWN_SIGNALS } from '../series.ts';
import { SourceSchema } from '../source.ts';

export const PROTOCOL_VERSION = 1;
/** A message longer than this is refused on either side. */
export const MAX_CLIENT_MESSAGE_BYTES = 256 * 1024;
export const HELLO_TIMEOUT_MS = 5000;

/** Close codes that say why (4000-4999 are the application's). */
export const CLOSE_CODES = {
  unauthenticated: 4401,
  forbidden: 4403,
  tooMany: 4429,
  protocol: 4400,
  slow: 4408,
} as const;

const id = z.string().min(1).max(64);

export const ClientMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('hello'),
    protocol: z.number().int(),
    token: z.string().max(512),
    resume: z.strictObject({ session: z.string().max(64), seq: z.number().int() }).optional(),
  }),
  // Told apart a second time: a discriminated union refuses two options with the same `type`, and only when it parses.
  z.discriminatedUnion('topic', [
    /** Live heartbeats of these sources (all when absent), one message a tick. */
    z.strictObject({
      type: z.literal('subscribe'),
      id,
      topic: z.literal('heartbeats'),
      signal: z.enum(DRAWN_SIGNALS),
      sources: z.array(id).max(10_000).optional(),
    }),
    z.strictObject({ type: z.literal('subscribe'), id, topic: z.literal('anomalies') }),
    /** Incidents and their alerts, as they change; never dropped. */
    z.strictObject({ type: z.literal('subscribe'), id, topic: z.literal('incidents') }),
    z.strictObject({ type: z.literal('subscribe'), id, topic: z.literal('health') }),
    /** Log lines as they come, at most `rate` a second: a sample where more match. */
    z.strictObject({
      type: z.literal('subscribe'),
      id,
      topic: z.literal('lines'),
      filter: LineFilterSchema.default({}),
      rate: z.number().int().min(1).max(MAX_LINES_PER_SECOND),
    }),
  ]),
  z.strictObject({ type: z.literal('unsubscribe'), id }),
  z.strictObject({ type: z.literal('ping'), t: z.number() }),
]);
export type ClientMessage = z.infer<typeof ClientMessageSchema>;

/** What each client message needs; `hello` and `ping` are how one gets in and stays in. */
export const CLIENT_MESSAGE_SCOPES = {
  hello: 'public',
  subscribe: 'read',
  unsubscribe: 'read',
  ping: 'public',
} as const satisfies Record<ClientMessage['type'], string>;

/**
 * One second (or the running second, `closed: false`) of one source. Columns would save little at ≤ 4 Hz and cost
 * readability. mean, lower and upper are null while nothing is learnt.
 */
export const BeatSchema = z.object({
  source_id: z.string(),
  /** Unix second. */
  t: z.number(),
  value: z.number().nullable(),
  mean: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
});
export type Beat = z.infer<typeof BeatSchema>;

const seq = z.number().int();

export const AgentMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    protocol: z.number().int(),
    session: z.string(),
    seq,
    now_ms: z.number(),
    agent: AgentInfoSchema,
    role: z.enum(ROLES),
    scopes: z.array(z.enum(SCOPES)),
  }),
  /** State from which the numbered messages go on: all sources, and the anomalies of the last hour plus all open ones. */
  z.object({
    type: z.literal('snapshot'),
    seq,
    sources: z.array(SourceSchema),
    anomalies: z.array(AnomalySchema),
    /** All that are not resolved, and those resolved in the last 24 hours (at most 500). */
    incidents: z.array(IncidentSchema).optional(),
  }),
  z.object({ type: z.literal('source'), seq, source: SourceSchema }),
  z.object({ type: z.literal('anomaly'), seq, anomaly: AnomalySchema }),
  z.object({ type: z.literal('incident'), seq, incident: IncidentSchema }),
  z.object({
    type: z.literal('heartbeat'),
    id: z.string(),
    signal: z.enum(DRAWN_SIGNALS),
    now_ms: z.number(),
    beats: z.array(BeatSchema),
  }),
  z.object({ type: z.literal('health'), health: AgentHealthSchema }),
  /** Lines since the last such message; `sampled` 1: all that match, n: one in about so many. */
  z.object({
    type: z.literal('lines'),
    id: z.string(),
    lines: z.array(LiveLineSchema).max(MAX_LINES_PER_SECOND),
    /** How many matched; an estimate once not every body could be looked at. */
    matched: z.number(),
    sampled: z.number().min(1),
  }),
  z.object({ type: z.literal('rejection'), rejection: RejectionSchema }),
  /** What a slow reader did not get. Anomalies are never dropped. */
  z.object({ type: z.literal('gap'), topic: z.string(), dropped: z.number() }),
  z.object({ type: z.literal('subscribed'), id: z.string() }),
  z.object({ type: z.literal('pong'), t: z.number(), now_ms: z.number() }),
  z.object({ type: z.literal('error'), code: z.string(), detail: z.string() }),
]);
export type AgentMessage = z.infer<typeof AgentMessageSchema>;
