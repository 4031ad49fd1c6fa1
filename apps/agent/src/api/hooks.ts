import {
  type Hook,
  type HookBody,
  HookBodySchema,
  HookListSchema,
  type HookPreview,
  HookPreviewSchema,
  type HookRun,
  HookRunListSchema,
  HookSchema,
  isUuid,
  RemediateSchema,
  RequestError,
} from '@sentinellog/shared';
import { Readable } from 'node:stream';
import { z } from 'zod';
import type { Caller } from '../pipeline/caller.ts';
import type { Api } from './api.ts';
import { callerOf } from './caller-of.ts';
import { requireVersion } from './if-match.ts';

export interface HookDesk {
  list(): Promise<readonly Hook[]>;
  one(hookId: string): Promise<Hook | null>;
  create(body: HookBody, actor: Caller): Promise<Hook>;
  /** Null where there is none; RequestError `conflict` when it has changed since `version`. */
  replace(hookId: string, body: HookBody, version: number, actor: Caller): Promise<Hook | null>;
  remove(hookId: string, version: number, actor: Caller): Promise<boolean>;
  runs(hookId: string, limit: number): Promise<readonly HookRun[]>;
  preview(incidentId: string, hookId: string): Promise<HookPreview>;
  /** Every state of the run, as it comes about. */
  run(
    incidentId: string,
    hookId: string,
    how: { readonly by: string; readonly idempotencyKey: string; readonly confirm: string | undefined },
  ): AsyncGenerator<HookRun>;
}

const params = z.object({ id: z.string() });
const noHook = () => new RequestError('not_found', 'there is no hook with this id');

export function hookRoutes(api: Api, { hooks }: { readonly hooks: HookDesk }): void {
  api.route({
    method: 'GET',
    url: '/v1/hooks',
    config: { scope: 'policy.read' },
    schema: { summary: 'Automation hooks with their last run, without secrets', response: { 200: HookListSchema } },
    handler: async () => ({ hooks: [...(await hooks.list())] }),
  });

  api.route({
    method: 'GET',
    url: '/v1/hooks/:id',
    config: { scope: 'policy.read' },
    schema: { summary: 'One hook', params, response: { 200: HookSchema } },
    handler: async ({ params: { id } }) => {
      const hook = isUuid(id) ? await hooks.one(id) : null;
      if (hook === null) throw noHook();
      return hook;
    },
  });

  api.route({
    method: 'POST',
    url: '/v1/hooks',
    config: { scope: 'policy.write' },
    schema: { summary: 'Make a hook; it is off until enabled', body: HookBodySchema, response: { 201: HookSchema } },
    handler: async (request, reply) => reply.code(201).send(await hooks.create(request.body, callerOf(request))),
  });

  api.route({
    method: 'PUT',
    url: '/v1/hooks/:id',
    config: { scope: 'policy.write' },
    schema: {
      summary: 'Replace a hook; without `secret` it keeps the one it has. If-Match names the version that was read',
      params,
      body: HookBodySchema,
      response: { 200: HookSchema },
    },
    handler: async (request) => {
      const { id } = request.params;
      const version = requireVersion(request);
      const hook = isUuid(id) ? await hooks.replace(id, request.body, version, callerOf(request)) : null;
      if (hook === null) throw noHook();
      return hook;
    },
  });

  api.route({
    method: 'DELETE',
    url: '/v1/hooks/:id',
    config: { scope: 'policy.write' },
    schema: { summary: 'Remove a hook; If-Match names the version that was read', params, response: { 204: z.null() } },
    handler: async (request, reply) => {
      const { id } = request.params;
      const version = requireVersion(request);
      if (!isUuid(id) || !(await hooks.remove(id, version, callerOf(request)))) throw noHook();
      return reply.code(204).send(null);
    },
  });

  api.route({
    method: 'GET',
    url: '/v1/hooks/:id/runs',
    config: { scope: 'alert.read' },
    schema: {
      summary: 'Runs of a hook, newest first',
      params,
      querystring: z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
      response: { 200: HookRunListSchema },
    },
    handler: async ({ params: { id }, query }) => {
      if (!isUuid(id)) throw noHook();
      return { runs: [...(await hooks.runs(id, query.limit))] };
    },
  });

  api.route({
    method: 'POST',
    url: '/v1/incidents/:id/remediate',
    config: { scope: 'alert.write' },
    schema: {
      summary:
        'Run a hook for an incident: NDJSON, one line a state of the run; `dryRun=1` answers with a preview instead',
      params,
      querystring: z.strictObject({ dryRun: z.enum(['0', '1']).default('0') }),
      body: RemediateSchema,
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const { hook_id: hookId, confirm } = request.body;
      if (!isUuid(id)) throw new RequestError('not_found', 'there is no incident with this id');
      if (!isUuid(hookId)) throw noHook();
      if (request.query.dryRun === '1') return HookPreviewSchema.parse(await hooks.preview(id, hookId));
      const idempotencyKey = request.headers['idempotency-key'];
      if (typeof idempotencyKey !== 'string' || idempotencyKey.length < 8 || idempotencyKey.length > 128)
        throw new RequestError(
          'invalid_request',
          'a run needs an Idempotency-Key of 8 to 128 characters, so that a retry does not run it twice',
        );
      const states = hooks.run(id, hookId, { by: callerOf(request).name, idempotencyKey, confirm });
      // The first state is waited for, so that a refusal is still an answer of its own.
      const first = await states.next();
      return reply.type('application/x-ndjson').send(Readable.from(lines(first, states)));
    },
  });
}

async function* lines(first: IteratorResult<HookRun>, rest: AsyncGenerator<HookRun>): AsyncGenerator<string> {
  if (first.done === true) return;
  yield `${JSON.stringify(first.value)}\n`;
  for await (const state of rest) yield `${JSON.stringify(state)}\n`;
}
