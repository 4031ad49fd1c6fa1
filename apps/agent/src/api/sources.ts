import {
  isUuid,
  RequestError,
  SourceListSchema,
  SourcePatchSchema,
  SourceSchema,
  type Source,
  type SourcePatch,
} from '@sentinellog/shared';
import { z } from 'zod';
import type { Caller } from '../pipeline/caller.ts';
import type { Api } from './api.ts';
import { callerOf } from './caller-of.ts';

export interface SourceDirectory {
  /** From memory, so that the console still shows them while the database is down. */
  list(): readonly Source[];
  /** Null when there is no such source. The change and its audit entry are one transaction. */
  patch(sourceId: string, patch: SourcePatch, actor: Caller): Promise<Source | null>;
}

export function sourceRoutes(api: Api, { sources }: { readonly sources: SourceDirectory }): void {
  api.route({
    method: 'GET',
    url: '/v1/sources',
    config: { scope: 'read', afterReplay: true },
    schema: { summary: 'Every service that has sent logs', response: { 200: SourceListSchema } },
    handler: () => ({ sources: [...sources.list()] }),
  });

  api.route({
    method: 'PATCH',
    url: '/v1/sources/:id',
    config: { scope: 'policy.write', afterReplay: true },
    schema: {
      summary: 'Change sensitivity, retention, time zone or tags of a source',
      params: z.object({ id: z.string() }),
      body: SourcePatchSchema,
      response: { 200: SourceSchema },
    },
    handler: async (request) => {
      const { time_zone: zone } = request.body;
      if (zone !== undefined && !isTimeZone(zone)) {
        throw new RequestError('invalid_request', 'body.time_zone must be an IANA name such as Europe/Berlin, or UTC');
      }
      const { id } = request.params;
      const source = isUuid(id) ? await sources.patch(id, request.body, callerOf(request)) : null;
      if (source === null) throw new RequestError('not_found', 'there is no source with this id');
      return source;
    },
  });
}

function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone.length > 0;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
