import {
  AlertSummarySchema,
  BatchAnswerSchema,
  IncidentDetailSchema,
  IncidentSchema,
  MeSchema,
  TimelineListSchema,
  type AlertSummary,
  type ActionSurface,
  type BatchAnswer,
  type Incident,
  type IncidentDetail,
  type Me,
  type TimelineList,
} from '@sentinellog/shared';
import { z } from 'zod';
import type { BatchOfIncidents, CallConflict, OneIncidentAction, TimelineRange } from './calls.ts';

/** One request to an agent's HTTP API, the same for the desktop's main process and for a browser. */
export interface AgentCall<T> {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path and query, `/v1/…`. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly schema: z.ZodType<T>;
}

export function incidentCall(incidentId: string): AgentCall<IncidentDetail> {
  return { method: 'GET', path: `/v1/incidents/${encodeURIComponent(incidentId)}`, schema: IncidentDetailSchema };
}

/** The verb is the last part of the path, the rest of the action is the body. */
export function actCall(
  { incidentId, version, key, action }: Omit<OneIncidentAction, 'agentId'>,
  via: ActionSurface,
): AgentCall<Incident> {
  const { action: verb, ...body } = action;
  return {
    method: 'POST',
    path: `/v1/incidents/${encodeURIComponent(incidentId)}/${verb}`,
    body,
    headers: { 'idempotency-key': key, 'if-match': String(version), 'x-sentinel-via': via },
    schema: IncidentSchema,
  };
}

export function batchCall(
  { key, action, items }: Omit<BatchOfIncidents, 'agentId'>,
  via: ActionSurface,
): AgentCall<BatchAnswer> {
  return {
    method: 'POST',
    path: '/v1/incidents:batch',
    body: { action, items },
    headers: { 'idempotency-key': key, 'x-sentinel-via': via },
    schema: BatchAnswerSchema,
  };
}

export function timelineCall({ incidentId, cursor, limit }: Omit<TimelineRange, 'agentId'>): AgentCall<TimelineList> {
  const query = [
    `limit=${limit}`,
    ...(incidentId === null ? [] : [`incident=${encodeURIComponent(incidentId)}`]),
    ...(cursor === null ? [] : [`cursor=${encodeURIComponent(cursor)}`]),
  ].join('&');
  return { method: 'GET', path: `/v1/incidents/timeline?${query}`, schema: TimelineListSchema };
}

/** Who the token or the session belongs to. */
export function meCall(): AgentCall<Me> {
  return { method: 'GET', path: '/v1/me', schema: MeSchema };
}

export function summaryCall(): AgentCall<AlertSummary> {
  return { method: 'GET', path: '/v1/alerts/summary', schema: AlertSummarySchema };
}

const ConflictSchema = z.object({
  current: IncidentSchema,
  changed_by: z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]).nullish(),
});

/** What a 409 says beside its problem: the incident as it is, and who made it so. Undefined when it says neither. */
export function conflictOf(problem: unknown): CallConflict | undefined {
  const parsed = ConflictSchema.safeParse(problem);
  return parsed.success ? { current: parsed.data.current, changedBy: parsed.data.changed_by ?? null } : undefined;
}
