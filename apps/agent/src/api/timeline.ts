import { isUuid, RequestError, type TimelineEntry, TimelineListSchema, TimelineQuerySchema } from '@sentinellog/shared';
import type { Api } from './api.ts';
import type { DeskPage } from './incidents.ts';

export interface TimelineDeps {
  readonly timeline: {
    /** Newest first. */
    page(query: {
      readonly alertId?: string | undefined;
      readonly incidentId?: string | undefined;
      readonly limit: number;
      readonly cursor?: string | undefined;
    }): Promise<DeskPage<TimelineEntry>>;
  };
}

export function timelineRoutes(api: Api, { timeline }: TimelineDeps): void {
  api.route({
    method: 'GET',
    url: '/v1/incidents/timeline',
    config: { scope: 'alert.read', afterReplay: true },
    schema: {
      summary: 'What happened, newest first: of all incidents, of one, or as one alert saw it',
      querystring: TimelineQuerySchema,
      response: { 200: TimelineListSchema },
    },
    handler: async (request) => {
      const { alert, incident, limit, cursor } = request.query;
      for (const id of [alert, incident])
        if (id !== undefined && !isUuid(id)) throw new RequestError('not_found', 'there is nothing with this id');
      const page = await timeline.page({ alertId: alert, incidentId: incident, limit, cursor });
      return { entries: [...page.items], next_cursor: page.nextCursor };
    },
  });
}
