import {
  isUuid,
  RequestError,
  type Runbook,
  type RunbookBody,
  RunbookBodySchema,
  RunbookListSchema,
  RunbookQuerySchema,
  RunbookSchema,
} from '@sentinellog/shared';
import { z } from 'zod';
import type { Caller } from '../pipeline/caller.ts';
import type { Api } from './api.ts';
import { callerOf } from './caller-of.ts';
import { requireVersion } from './if-match.ts';

export interface RunbookDesk {
  search(query: {
    readonly text?: string | undefined;
    readonly service?: string | undefined;
    readonly limit: number;
  }): Promise<readonly Runbook[]>;
  one(runbookId: string): Promise<Runbook | null>;
  create(body: RunbookBody, actor: Caller): Promise<Runbook>;
  /** Null where there is none; RequestError `conflict` when it has changed since `version`. */
  replace(runbookId: string, body: RunbookBody, version: number, actor: Caller): Promise<Runbook | null>;
  remove(runbookId: string, version: number, actor: Caller): Promise<boolean>;
  /** RequestError `invalid_request` that says what is missing. */
  parse(markdown: string): RunbookBody;
}

const params = z.object({ id: z.string() });
const noRunbook = () => new RequestError('not_found', 'there is no runbook with this id');

export function runbookRoutes(api: Api, { runbooks }: { readonly runbooks: RunbookDesk }): void {
  api.route({
    method: 'GET',
    url: '/v1/runbooks',
    config: { scope: 'read' },
    schema: {
      summary: 'Runbooks: best fit first when `text` or `service` is given, else newest first',
      querystring: RunbookQuerySchema,
      response: { 200: RunbookListSchema },
    },
    handler: async (request) => ({ runbooks: [...(await runbooks.search(request.query))] }),
  });

  api.route({
    method: 'GET',
    url: '/v1/runbooks/:id',
    config: { scope: 'read' },
    schema: { summary: 'One runbook; its texts are Markdown', params, response: { 200: RunbookSchema } },
    handler: async ({ params: { id } }) => {
      const runbook = isUuid(id) ? await runbooks.one(id) : null;
      if (runbook === null) throw noRunbook();
      return runbook;
    },
  });

  api.route({
    method: 'POST',
    url: '/v1/runbooks',
    config: { scope: 'policy.write' },
    schema: { summary: 'Write a runbook', body: RunbookBodySchema, response: { 201: RunbookSchema } },
    handler: async (request, reply) => reply.code(201).send(await runbooks.create(request.body, callerOf(request))),
  });

  api.route({
    method: 'POST',
    url: '/v1/runbooks/import',
    config: { scope: 'policy.write' },
    schema: {
      summary: 'Write a runbook from Markdown with front matter',
      body: z.strictObject({ markdown: z.string().min(1).max(60_000) }),
      response: { 201: RunbookSchema },
    },
    handler: async (request, reply) =>
      reply.code(201).send(await runbooks.create(runbooks.parse(request.body.markdown), callerOf(request))),
  });

  api.route({
    method: 'PUT',
    url: '/v1/runbooks/:id',
    config: { scope: 'policy.write' },
    schema: {
      summary: 'Replace a runbook; If-Match names the version that was read',
      params,
      body: RunbookBodySchema,
      response: { 200: RunbookSchema },
    },
    handler: async (request) => {
      const { id } = request.params;
      const version = requireVersion(request);
      const runbook = isUuid(id) ? await runbooks.replace(id, request.body, version, callerOf(request)) : null;
      if (runbook === null) throw noRunbook();
      return runbook;
    },
  });

  api.route({
    method: 'DELETE',
    url: '/v1/runbooks/:id',
    config: { scope: 'policy.write' },
    schema: {
      summary: 'Remove a runbook; If-Match names the version that was read',
      params,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const version = requireVersion(request);
      if (!isUuid(id) || !(await runbooks.remove(id, version, callerOf(request)))) throw noRunbook();
      return reply.code(204).send(null);
    },
  });
}
