import {
  type ChannelCreate,
  ChannelCreateSchema,
  ChannelListSchema,
  type ChannelReplace,
  ChannelReplaceSchema,
  ChannelSchema,
  type ChannelTest,
  ChannelTestSchema,
  type ChannelView,
  RequestError,
} from '@sentinellog/shared';
import { z } from 'zod';
import type { Api } from './api.ts';
import { callerOf } from './caller-of.ts';

/** Channels as people set them up; secrets go in and never come out. */
export interface ChannelDesk {
  list(): Promise<ChannelView[]>;
  /** RequestError `conflict`: the id is taken; `invalid_request`: what is wrong with it. */
  create(input: ChannelCreate, actor: string): Promise<ChannelView>;
  /** @param version null: whichever there is; RequestError `conflict` when it is another */
  replace(channelId: string, input: ChannelReplace, version: number | null, actor: string): Promise<ChannelView>;
  /** False: there is no such channel. */
  remove(channelId: string, actor: string): Promise<boolean>;
  test(channelId: string): Promise<ChannelTest>;
}

const params = z.object({ id: z.string().max(64) });

export function channelRoutes(api: Api, { channels }: { readonly channels: ChannelDesk }): void {
  api.route({
    method: 'GET',
    url: '/v1/channels',
    config: { scope: 'policy.read' },
    schema: {
      summary: 'Ways to tell people, how each does, and which secrets are set',
      response: { 200: ChannelListSchema },
    },
    handler: async () => ({ channels: await channels.list() }),
  });

  api.route({
    method: 'POST',
    url: '/v1/channels',
    config: { scope: 'policy.write', repeatable: true },
    schema: {
      summary: 'Add a channel; its secrets can be replaced, never read',
      body: ChannelCreateSchema,
      response: { 201: ChannelSchema },
    },
    handler: async (request, reply) => {
      return reply.code(201).send(await channels.create(request.body, callerOf(request).name));
    },
  });

  api.route({
    method: 'PUT',
    url: '/v1/channels/:id',
    config: { scope: 'policy.write', repeatable: true },
    schema: {
      summary: 'Replace a channel; secrets not named stay as they are',
      params,
      body: ChannelReplaceSchema,
      response: { 200: ChannelSchema },
    },
    handler: async (request) => {
      const version = versionOf(request.headers['if-match']);
      return channels.replace(request.params.id, request.body, version, callerOf(request).name);
    },
  });

  api.route({
    method: 'DELETE',
    url: '/v1/channels/:id',
    config: { scope: 'policy.write', repeatable: true },
    schema: { summary: 'Remove a channel; what waits for it is dropped', params, response: { 204: z.null() } },
    handler: async (request, reply) => {
      const found = await channels.remove(request.params.id, callerOf(request).name);
      if (!found) throw new RequestError('not_found', 'there is no channel with this id');
      return reply.code(204).send(null);
    },
  });

  api.route({
    method: 'POST',
    // The second colon is a letter of the path.
    url: '/v1/channels/:id(^[a-z0-9-]+$)::test',
    config: { scope: 'policy.write', repeatable: true },
    schema: { summary: 'Send a test message now', params, response: { 200: ChannelTestSchema } },
    handler: async (request) => channels.test(request.params.id),
  });
}

/** `If-Match: "3"`; null when the header is absent. */
function versionOf(header: string | undefined): number | null {
  if (header === undefined) return null;
  const digits = /^(?:W\/)?"?(\d{1,9})"?$/.exec(header.trim())?.[1];
  if (digits === undefined) throw new RequestError('invalid_request', 'If-Match must be the version that you read');
  return Number(digits);
}
