import {
  isUuid,
  RequestError,
  type Silence,
  type SilenceCreate,
  SilenceCreateSchema,
  SilenceListSchema,
  SilencePreviewSchema,
  SilenceSchema,
  type SilenceScope,
  SilenceScopeSchema,
} from '@sentinellog/shared';
import { z } from 'zod';
import type { Caller } from '../pipeline/caller.ts';
import type { Api } from './api.ts';
import { callerOf } from './caller-of.ts';

export interface SilenceDesk {
  /** Newest first: those in effect, and those that ended within a week. */
  silences(): readonly Silence[];
  createSilence(input: SilenceCreate, caller: Caller): Promise<Silence>;
  /** As it ended; null: there is none with this id. */
  endSilence(silenceId: string, caller: Caller): Promise<Silence | null>;
  previewSilence(scope: SilenceScope): Promise<{ readonly open: number; readonly last_24h: number }>;
}

export function silenceRoutes(api: Api, { routing }: { readonly routing: SilenceDesk }): void {
  api.route({
    method: 'GET',
    url: '/v1/silences',
    config: { scope: 'alert.read' },
    schema: {
      summary: 'Silences in effect, and those that ended within a week with what they hid',
      response: { 200: SilenceListSchema },
    },
    handler: () => ({ silences: [...routing.silences()] }),
  });

  api.route({
    method: 'POST',
    url: '/v1/silences',
    config: { scope: 'alert.write', repeatable: true },
    schema: {
      summary:
        'Keep people from hearing of an incident, template, source or service until a time, or until it gets worse',
      body: SilenceCreateSchema,
      response: { 201: SilenceSchema },
    },
    handler: async (request, reply) =>
      reply.code(201).send(await routing.createSilence(request.body, callerOf(request))),
  });

  api.route({
    method: 'POST',
    url: '/v1/silences::preview',
    config: { scope: 'alert.read' },
    schema: {
      summary: 'How much a silence of this scope would cover',
      body: z.strictObject({ scope: SilenceScopeSchema }),
      response: { 200: SilencePreviewSchema },
    },
    handler: (request) => routing.previewSilence(request.body.scope),
  });

  api.route({
    method: 'DELETE',
    url: '/v1/silences/:id',
    config: { scope: 'alert.write', repeatable: true },
    schema: {
      summary: 'End a silence; the answer is its bill',
      params: z.object({ id: z.string().max(64) }),
      response: { 200: SilenceSchema },
    },
    handler: async (request) => {
      const { id } = request.params;
      const ended = isUuid(id) ? await routing.endSilence(id, callerOf(request)) : null;
      if (ended === null) throw new RequestError('not_found', 'there is no silence with this id');
      return ended;
    },
  });
}
