import {
  RequestError,
  TokenCreatedSchema,
  TokenCreateSchema,
  TokenListSchema,
  type AccessToken,
  type Role,
} from '@sentinellog/shared';
import { z } from 'zod';
import type { Caller } from '../pipeline/caller.ts';
import type { Api } from './api.ts';
import { callerOf } from './caller-of.ts';

export interface TokenDesk {
  list(): Promise<readonly AccessToken[]>;
  create(
    input: { readonly name: string; readonly role: Role },
    actor: Caller,
  ): Promise<AccessToken & { readonly token: string }>;
  /** From now on the token is refused and its streams end. False when there is no such token. */
  revoke(tokenId: string, actor: Caller): Promise<boolean>;
}

export function tokenRoutes(api: Api, { accessTokens }: { readonly accessTokens: TokenDesk }): void {
  api.route({
    method: 'GET',
    url: '/v1/tokens',
    config: { scope: 'admin' },
    schema: { summary: 'Access tokens, without the tokens themselves', response: { 200: TokenListSchema } },
    handler: async () => ({ tokens: [...(await accessTokens.list())] }),
  });

  api.route({
    method: 'POST',
    url: '/v1/tokens',
    config: { scope: 'admin' },
    schema: {
      summary: 'Make an access token for a person or a program; this answer is the only one that ever holds it',
      body: TokenCreateSchema,
      response: { 201: TokenCreatedSchema },
    },
    handler: async (request, reply) => {
      return reply.code(201).send(await accessTokens.create(request.body, callerOf(request)));
    },
  });

  api.route({
    method: 'DELETE',
    url: '/v1/tokens/:id',
    config: { scope: 'admin' },
    schema: {
      summary: 'Revoke an access token',
      params: z.object({ id: z.string().max(64) }),
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      if (isLastAdmin(id, await accessTokens.list())) {
        throw new RequestError('invalid_request', 'this is the last admin token: make another one first');
      }
      if (!(await accessTokens.revoke(id, callerOf(request)))) {
        throw new RequestError('not_found', 'there is no token with this id');
      }
      return reply.code(204).send(null);
    },
  });
}

function isLastAdmin(tokenId: string, tokens: readonly AccessToken[]): boolean {
  const admins = tokens.filter((token) => token.role === 'admin' && token.revoked_at_ms === null);
  return admins.length === 1 && admins[0].token_id === tokenId;
}
