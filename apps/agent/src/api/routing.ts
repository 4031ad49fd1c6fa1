import {
  BudgetStandingSchema,
  RequestError,
  type RoutingExplanation,
  RoutingExplainRequestSchema,
  RoutingExplanationSchema,
  type RoutingNotice,
  RoutingNoticeSchema,
  type BudgetStanding,
  type Severity,
} from '@sentinellog/shared';
import { z } from 'zod';
import type { Api } from './api.ts';
import { type DocumentDesk, documentRoutes } from './routing-documents.ts';

const MOST_NOTICES = 1000;

export interface RoutingDesk {
  /** Null: there is no incident with this id. */
  explainIncident(incidentId: string, atMs?: number): Promise<RoutingExplanation | null>;
  explainExample(
    example: {
      readonly services: readonly string[];
      readonly severity: Severity;
      readonly tenant: string;
      readonly tags: readonly string[];
    },
    atMs?: number,
  ): RoutingExplanation;
  standings(): readonly BudgetStanding[];
  /** Newest first. */
  notices(limit: number): Promise<readonly RoutingNotice[]>;
}

/** Who hears of what: policies and the calendars they speak of, and the answer to "why, or why not?". */
export function routingRoutes(
  api: Api,
  { routing, documents }: { readonly routing: RoutingDesk; readonly documents: DocumentDesk },
): void {
  documentRoutes(api, documents, { kind: 'policy', url: '/v1/routing', noun: 'a routing policy', plural: 'policies' });
  documentRoutes(api, documents, { kind: 'calendar', url: '/v1/calendars', noun: 'a calendar', plural: 'calendars' });

  api.route({
    method: 'POST',
    url: '/v1/routing::explain',
    config: { scope: 'policy.read' },
    schema: {
      summary: 'Who hears of an incident, or of one as it might be, and who does not: rule by rule, in words',
      body: RoutingExplainRequestSchema,
      response: { 200: RoutingExplanationSchema },
    },
    handler: async ({ body }) => {
      if ('example' in body) return routing.explainExample(body.example, body.at_ms);
      const explanation = await routing.explainIncident(body.incident_id, body.at_ms);
      if (explanation === null) throw new RequestError('not_found', 'there is no incident with this id');
      return explanation;
    },
  });

  api.route({
    method: 'GET',
    url: '/v1/page-budgets',
    config: { scope: 'policy.read' },
    schema: {
      summary: 'Page budgets: what is spent, and when they will be if it goes on like this',
      response: { 200: z.object({ budgets: z.array(BudgetStandingSchema) }) },
    },
    handler: () => ({ budgets: [...routing.standings()] }),
  });

  api.route({
    method: 'GET',
    url: '/v1/routing-notices',
    config: { scope: 'alert.read' },
    schema: {
      summary: 'What silences and windows hid when they ended, and budgets that were spent; newest first',
      querystring: z.strictObject({ limit: z.coerce.number().int().min(1).max(MOST_NOTICES).default(100) }),
      response: { 200: z.object({ notices: z.array(RoutingNoticeSchema) }) },
    },
    handler: async (request) => ({ notices: [...(await routing.notices(request.query.limit))] }),
  });
}
