import { KeyCreatedSchema, KeyCreateSchema, KeyListSchema, RequestError, type IngestKey } from '@sentinellog/shared';
import { z } from 'zod';
import type { Caller } from '../pipeline/caller.ts';
import type { Api } from './api.ts';
import { callerOf } from './caller-of.ts';

export interface KeyDesk {
  list(): Promise<readonly IngestKey[]>;
  /** @param input `service` pins the key to one source; null lets events name their own */
  create(
    input: { readonly name: string; readonly service: string | null },
    actor: Caller,
  ): Promise<IngestKey & { readonly key: string }>;
  /** From now on the key is refused. False when there is no such key; revoking twice is harmless. */
  revoke(keyId: string, actor: Caller): Promise<boolean>;
}

export function keyRoutes(api: Api, { keys }: { readonly keys: KeyDesk }): void {
  api.route({
    method: 'GET',
    url: '/v1/keys',
    config: { scope: 'admin' },
    schema: { summary: 'Ingest keys, without the keys themselves', response: { 200: KeyListSchema } },
    handler: async () => ({ keys: [...(await keys.list())] }),
  });

  api.route({
    method: 'POST',
    url: '/v1/keys',
    config: { scope: 'admin' },
    schema: {
      summary: 'Make an ingest key; this answer is the only one that ever holds it',
      body: KeyCreateSchema,
      response: { 201: KeyCreatedSchema },
    },
    handler: async (request, reply) => {
      const { name, source } = request.body;
      return reply.code(201).send(await keys.create({ name, service: source ?? null }, callerOf(request)));
    },
  });

  api.route({
    method: 'DELETE',
    url: '/v1/keys/:id',
    config: { scope: 'admin' },
    schema: {
      summary: 'Revoke an ingest key',
      params: z.object({ id: z.string().max(64) }),
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const found = await keys.revoke(request.params.id, callerOf(request));
      if (!found) throw new RequestError('not_found', 'there is no key with this id');
      return reply.code(204).send(null);
    },
  });
}
