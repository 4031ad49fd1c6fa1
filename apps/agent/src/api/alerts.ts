import {
  AckAllSchema,
  type Alert,
  AlertListSchema,
  type AlertSummary,
  AlertSummarySchema,
  BatchAnswerSchema,
  IncidentQuerySchema,
} from '@sentinellog/shared';
import { actorOf } from './acting.ts';
import type { Api } from './api.ts';
import { actionRoutes, actOnAll, type ActionTarget, type IncidentActor } from './incident-actions.ts';
import type { DeskPage, DeskPageQuery } from './incidents.ts';

const ACK_ALL_BODY_BYTES = 256 * 1024;

export interface AlertDeps {
  readonly alerts: {
    page(query: DeskPageQuery): Promise<DeskPage<Alert>>;
    summary(): AlertSummary;
  };
  readonly incidentDesk: IncidentActor;
}

export function alertRoutes(api: Api, { alerts, incidentDesk }: AlertDeps): void {
  api.route({
    method: 'GET',
    url: '/v1/alerts',
    config: { scope: 'alert.read', afterReplay: true },
    schema: {
      summary: 'Alerts, newest first, in pages',
      querystring: IncidentQuerySchema,
      response: { 200: AlertListSchema },
    },
    handler: async (request) => {
      const page = await alerts.page(request.query);
      return { alerts: [...page.items], next_cursor: page.nextCursor };
    },
  });

  api.route({
    method: 'GET',
    url: '/v1/alerts/summary',
    config: { scope: 'alert.read', afterReplay: true },
    schema: {
      summary: 'Open incidents by severity and service, and how long people take',
      response: { 200: AlertSummarySchema },
    },
    handler: () => alerts.summary(),
  });

  api.route({
    method: 'POST',
    url: '/v1/alerts/ackAll',
    bodyLimit: ACK_ALL_BODY_BYTES,
    config: { scope: 'alert.write', afterReplay: true, repeatable: true },
    schema: {
      summary: 'Acknowledge exactly these alerts, each with the version that was seen',
      body: AckAllSchema,
      response: { 200: BatchAnswerSchema },
    },
    handler: (request) => {
      const { items, holdMs } = request.body;
      const action = { action: 'ack' as const, ...(holdMs !== undefined && { holdMs }) };
      return actOnAll(incidentDesk, alertTarget, { action, items }, actorOf(request));
    },
  });

  actionRoutes(api, incidentDesk, { path: '/v1/alerts', name: 'an alert', targetOf: alertTarget });
}

function alertTarget(alertId: string): ActionTarget {
  return { alertId };
}
