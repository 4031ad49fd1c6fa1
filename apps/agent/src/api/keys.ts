import {
  type IngestKey,
  KeyCreatedSchema,
  KeyCreateSchema,
  KeyListSchema,
  KeyPatchSchema,
  KeyRotateSchema,
  KeySchema,
  RequestError,
} from '@sentinellog/shared';
import { z } from 'zod';
import type { Caller } from '../pipeline/caller.ts';
import type { Api } from './api.ts';
import { callerOf } from './caller-of.ts';

const KEY_ID = z.object({ id: z.string().max(64) });
const HOUR_MS = 3_600_000;

/** What is left out stays as it is; null: no limit of its own. */
type KeyLimits = z.output<typeof KeyPatchSchema>;

export interface KeyDesk {
  list(): Promise<readonly IngestKey[]>;
  /** @param input `service` pins the key to one source; null lets events name their own */
  create(
    input: { readonly name: string; readonly service: string | null; readonly limits: KeyLimits },
    actor: Caller,
  ): Promise<IngestKey & { readonly key: string }>;
  /** A new key that may do the same; the old one works for `graceMs` more. Undefined: no valid key has this id. */
  rotate(keyId: string, graceMs: number, actor: Caller): Promise<(IngestKey & { readonly key: string }) | undefined>;
  /** Undefined: no valid key has this id. */
  limit(keyId: string, limits: KeyLimits, actor: Caller): Promise<IngestKey | undefined>;
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
      const { name, source, ...limits } = request.body;
      return reply.code(201).send(await keys.create({ name, service: source ?? null, limits }, callerOf(request)));
    },
  });

  api.route({
    method: 'POST',
    url: '/v1/keys/:id(^[0-9A-Za-z-]+$)::rotate',
    config: { scope: 'admin' },
    schema: {
      summary: 'Make the successor of an ingest key; the old one works on for its grace',
      params: KEY_ID,
      body: KeyRotateSchema,
      response: { 201: KeyCreatedSchema },
    },
    handler: async (request, reply) => {
      const made = await keys.rotate(request.params.id, request.body.grace_hours * HOUR_MS, callerOf(request));
      if (made === undefined) throw noSuchKey();
      return reply.code(201).send(made);
    },
  });

  api.route({
    method: 'PATCH',
    url: '/v1/keys/:id',
    config: { scope: 'admin' },
    schema: {
      summary: 'Set what an ingest key may send; null: what the configuration allows every key',
      params: KEY_ID,
      body: KeyPatchSchema,
      response: { 200: KeySchema },
    },
    handler: async (request) => {
      const limited = await keys.limit(request.params.id, request.body, callerOf(request));
      if (limited === undefined) throw noSuchKey();
      return limited;
    },
  });

  api.route({
    method: 'DELETE',
    url: '/v1/keys/:id',
    config: { scope: 'admin' },
    schema: {
      summary: 'Revoke an ingest key',
      params: KEY_ID,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const found = await keys.revoke(request.params.id, callerOf(request));
      if (!found) throw noSuchKey();
      return reply.code(204).send(null);
    },
  });
}

function noSuchKey(): RequestError {
  return new RequestError('not_found', 'there is no key with this id, or it is revoked');
}
