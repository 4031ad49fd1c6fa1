import { ProblemSchema, RequestError, type AgentHealth } from '@sentinellog/shared';
import { z } from 'zod';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Api } from './api.ts';

export interface ProbeDeps {
  readonly metrics: Pick<Metrics, 'contentType' | 'text'>;
  readonly status: {
    health(): AgentHealth;
    /** Why this agent should get no traffic just now (journal not writable, disk nearly full, draining); empty when it may. */
    notReadyBecause(): readonly string[];
  };
}

const ReadySchema = z.object({ status: z.enum(['ready', 'degraded']), degraded: z.array(z.string()) });

/**
 * For whatever watches the process, without a credential. Metrics are public as those of Prometheus exporters are: they hold
 * counts under closed label sets, never a source name or a word of a log; keep the port inside the cluster.
 */
export function probeRoutes(api: Api, { metrics, status }: ProbeDeps): void {
  api.route({
    method: 'GET',
    url: '/livez',
    config: { scope: 'public' },
    schema: {
      summary: 'The process turns over. Says nothing of the database or of anything else outside',
      response: { 200: z.object({ status: z.literal('alive') }) },
    },
    handler: () => ({ status: 'alive' as const }),
  });

  api.route({
    method: 'GET',
    url: '/readyz',
    config: { scope: 'public' },
    schema: {
      summary: 'The agent takes logs. A database that is down makes it degraded, not unready',
      response: { 200: ReadySchema, 503: ProblemSchema },
    },
    handler: () => {
      const reasons = status.notReadyBecause();
      if (reasons.length > 0) throw new RequestError('not_ready', reasons.join('; '));
      const { degraded } = status.health();
      return { status: degraded.length > 0 ? ('degraded' as const) : ('ready' as const), degraded };
    },
  });

  api.route({
    method: 'GET',
    url: '/metrics',
    config: { scope: 'public' },
    schema: { summary: 'Prometheus metrics' },
    handler: async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  });
}
