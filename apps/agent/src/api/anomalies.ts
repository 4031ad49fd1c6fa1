import {
  AnomalyDetailSchema,
  AnomalyListSchema,
  AnomalyQuerySchema,
  isUuid,
  RequestError,
  type Anomaly,
  type TopCluster,
} from '@sentinellog/shared';
import { z } from 'zod';
import type { Api } from './api.ts';
import { answerHeartbeats, fittingStep, type HeartbeatReader, type HeartbeatSource } from './heartbeat-query.ts';
import { instantOf } from './heartbeats.ts';

/** How much of the heartbeat is shown on either side of an anomaly: ten of its windows, and at least five minutes. */
const WINDOWS_AROUND = 10;
const MIN_AROUND_MS = 5 * 60_000;

export interface AnomalyPageQuery {
  readonly sourceId?: string;
  /** Bounds of `started_at_ms`: from inclusive, to exclusive. */
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly limit: number;
  /** `nextCursor` of the page before; RequestError('invalid_request') when it is not one. */
  readonly cursor?: string;
}

export interface AnomalyReader {
  /** Newest first. */
  page(
    query: AnomalyPageQuery,
  ): Promise<{ readonly anomalies: readonly Anomaly[]; readonly nextCursor: string | null }>;
  one(eventId: string): Promise<Anomaly | null>;
}

export interface AnomalyDeps {
  /** What the lines of an anomaly are, largest share first. */
  readonly topClusters: (anomaly: Anomaly) => Promise<TopCluster[]>;
  readonly anomalies: AnomalyReader;
  readonly heartbeats: HeartbeatReader;
  readonly sources: { list(): readonly HeartbeatSource[] };
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function anomalyRoutes(api: Api, { anomalies, heartbeats, sources, topClusters, now }: AnomalyDeps): void {
  api.route({
    method: 'GET',
    url: '/v1/anomalies',
    config: { scope: 'read', afterReplay: true },
    schema: {
      summary: 'Anomalies, newest first, in pages',
      querystring: AnomalyQuerySchema,
      response: { 200: AnomalyListSchema },
    },
    handler: async (request) => {
      const { source, from, to, limit, cursor } = request.query;
      const page = await anomalies.page({
        limit,
        ...(source !== undefined && { sourceId: sourceIdOf(source, sources.list()) }),
        ...(from !== undefined && { fromMs: instantOf(from, 'from') }),
        ...(to !== undefined && { toMs: instantOf(to, 'to') }),
        ...(cursor !== undefined && { cursor }),
      });
      return { anomalies: [...page.anomalies], next_cursor: page.nextCursor };
    },
  });

  api.route({
    method: 'GET',
    url: '/v1/anomalies/:id',
    config: { scope: 'read', afterReplay: true },
    schema: {
      summary: 'One anomaly with its receipt, its sample lines and the heartbeat around it',
      params: z.object({ id: z.string() }),
      response: { 200: AnomalyDetailSchema },
    },
    handler: async (request) => {
      const { id } = request.params;
      const anomaly = isUuid(id) ? await anomalies.one(id) : null;
      if (anomaly === null) throw new RequestError('not_found', 'there is no anomaly with this id');
      const range = rangeAround(anomaly);
      const { columns } = await answerHeartbeats(heartbeats, [anomaly], range, now());
      return { ...anomaly, columns, step_seconds: range.stepSeconds, top_clusters: await topClusters(anomaly) };
    },
  });
}

function sourceIdOf(name: string, sources: readonly HeartbeatSource[]): string {
  const source = sources.find((one) => one.source_id === name || one.service === name);
  if (source === undefined)
    throw new RequestError('not_found', 'the source is known neither as id nor as service name');
  return source.source_id;
}

function rangeAround(anomaly: Anomaly) {
  const windowSeconds = anomaly.receipt.window_seconds;
  const around = Math.max(MIN_AROUND_MS, WINDOWS_AROUND * windowSeconds * 1000);
  const fromMs = Math.max(0, anomaly.started_at_ms - around);
  const toMs = anomaly.last_outside_ms + around;
  // One that goes on for days is shown in coarser steps than it was found in.
  const stepSeconds = fittingStep((toMs - fromMs) / 1000, 1, windowSeconds) ?? 7 * 86_400;
  return { signal: anomaly.signal, stepSeconds, fromMs, toMs };
}
