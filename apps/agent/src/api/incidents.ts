import {
  type Incident,
  type IncidentDetail,
  IncidentDetailSchema,
  IncidentListSchema,
  IncidentQuerySchema,
  isUuid,
  RequestError,
} from '@sentinellog/shared';
import { z } from 'zod';
import type { Api } from './api.ts';
import { actionRoutes, type IncidentActor } from './incident-actions.ts';

export interface DeskPageQuery {
  readonly state?: string | undefined;
  readonly severity?: string | undefined;
  readonly service?: string | undefined;
  readonly limit: number;
  /** `nextCursor` of the page before; RequestError('invalid_request') when it is not one. */
  readonly cursor?: string | undefined;
}

/** Newest first. */
export interface DeskPage<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

export interface IncidentLists {
  /** From memory: all that are not resolved, and those of the last day. */
  list(): readonly Incident[];
  page(query: DeskPageQuery): Promise<DeskPage<Incident>>;
  detail(incidentId: string): Promise<IncidentDetail | null>;
}

export interface IncidentDeps {
  readonly incidents: IncidentLists;
  readonly incidentDesk: IncidentActor;
}

export function incidentRoutes(api: Api, { incidents, incidentDesk }: IncidentDeps): void {
  api.route({
    method: 'GET',
    url: '/v1/incidents',
    config: { scope: 'alert.read', afterReplay: true },
    schema: {
      summary: 'Incidents, newest first, in pages',
      querystring: IncidentQuerySchema,
      response: { 200: IncidentListSchema },
    },
    handler: async (request) => {
      const page = await incidents.page(request.query);
      return { incidents: [...page.items], next_cursor: page.nextCursor };
    },
  });

  api.route({
    method: 'GET',
    url: '/v1/incidents/:id',
    config: { scope: 'alert.read', afterReplay: true },
    schema: {
      summary: 'One incident with its anomalies, its timeline, what happened around it and what is known about it',
      params: z.object({ id: z.string().max(64) }),
      response: { 200: IncidentDetailSchema },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const detail = isUuid(id) ? await incidents.detail(id) : null;
      if (detail === null) throw new RequestError('not_found', 'there is no incident with this id');
      void reply.header('etag', `"${detail.incident.version}"`);
      return detail;
    },
  });

  actionRoutes(api, incidentDesk, {
    path: '/v1/incidents',
    name: 'an incident',
    targetOf: (incidentId) => ({ incidentId }),
  });
}
