import {
  isUuid,
  RequestError,
  type Rule,
  type RuleBody,
  RuleBodySchema,
  RuleDryRunSchema,
  RuleImportAnswerSchema,
  RuleListSchema,
  RuleSchema,
} from '@sentinellog/shared';
import { z } from 'zod';
import type { Caller } from '../pipeline/caller.ts';
import type { Api } from './api.ts';
import { callerOf } from './caller-of.ts';
import type { RecordExport } from './routing-config.ts';
import { instantOf } from './heartbeats.ts';
import { requireVersion } from './if-match.ts';

export interface RuleDesk {
  list(): readonly Rule[];
  one(ruleId: string): Rule | null;
  create(body: RuleBody, actor: Caller): Promise<Rule>;
  /** RequestErrors: `conflict` when it has changed since `version`, `not_found`, `invalid_request` for a name that is taken. */
  replace(ruleId: string, body: RuleBody, version: number, actor: Caller): Promise<Rule>;
  remove(ruleId: string, version: number, actor: Caller): Promise<void>;
  /** All or nothing. */
  import(
    document: string,
    mode: 'preview' | 'apply',
    actor: Caller,
  ): Promise<{ readonly add: readonly string[]; readonly change: readonly string[]; readonly same: readonly string[] }>;
  export(format: 'json' | 'yaml', ruleIds?: readonly string[]): string;
  dryRun(
    rule: RuleBody,
    fromMs: number,
    toMs: number,
  ): Promise<{
    readonly fired: readonly {
      readonly at_ms: number;
      readonly until_ms: number;
      readonly group: string;
      readonly value: number;
    }[];
    readonly blindTo: readonly string[];
  }>;
}

const MAX_DOCUMENT_BYTES = 1024 * 1024;
const WEEK_MS = 7 * 86_400_000;
/** More firings than this say only that the rule is wrong. */
const MAX_FIRINGS = 1000;
const params = z.object({ id: z.string() });

export interface PolicyDeps {
  readonly rules: RuleDesk;
  readonly recordExport: RecordExport;
  readonly now: () => number;
}

export function policyRoutes(api: Api, { rules, recordExport, now }: PolicyDeps): void {
  api.route({
    method: 'GET',
    url: '/v1/alerts/policies',
    config: { scope: 'policy.read' },
    schema: { summary: 'Threshold rules, by name', response: { 200: RuleListSchema } },
    handler: () => ({ rules: [...rules.list()] }),
  });

  api.route({
    method: 'GET',
    url: '/v1/alerts/policies/:id',
    config: { scope: 'policy.read' },
    schema: { summary: 'One rule', params, response: { 200: RuleSchema } },
    handler: ({ params: { id } }) => {
      const rule = isUuid(id) ? rules.one(id) : null;
      if (rule === null) throw new RequestError('not_found', 'there is no rule with this id');
      return rule;
    },
  });

  api.route({
    method: 'POST',
    url: '/v1/alerts/policies',
    config: { scope: 'policy.write' },
    schema: { summary: 'Make a rule', body: RuleBodySchema, response: { 201: RuleSchema } },
    handler: async (request, reply) => reply.code(201).send(await rules.create(request.body, callerOf(request))),
  });

  api.route({
    method: 'PUT',
    url: '/v1/alerts/policies/:id',
    config: { scope: 'policy.write' },
    schema: {
      summary: 'Replace a rule, or switch it on or off; If-Match names the version that was read',
      params,
      body: RuleBodySchema,
      response: { 200: RuleSchema },
    },
    handler: (request) =>
      rules.replace(ruleIdOf(request.params.id), request.body, requireVersion(request), callerOf(request)),
  });

  api.route({
    method: 'DELETE',
    url: '/v1/alerts/policies/:id',
    config: { scope: 'policy.write' },
    schema: { summary: 'Remove a rule; If-Match names the version that was read', params, response: { 204: z.null() } },
    handler: async (request, reply) => {
      await rules.remove(ruleIdOf(request.params.id), requireVersion(request), callerOf(request));
      return reply.code(204).send(null);
    },
  });

  api.route({
    method: 'POST',
    url: '/v1/alerts/policies/import',
    config: { scope: 'policy.write' },
    bodyLimit: MAX_DOCUMENT_BYTES,
    schema: {
      summary: 'Add and change rules from a YAML or JSON document, all or nothing; `mode=preview` changes nothing',
      querystring: z.strictObject({ mode: z.enum(['preview', 'apply']).default('apply') }),
      body: z.strictObject({ document: z.string().min(1) }),
      response: { 200: RuleImportAnswerSchema },
    },
    handler: async (request) => {
      const { add, change, same } = await rules.import(request.body.document, request.query.mode, callerOf(request));
      return { add: [...add], change: [...change], same: [...same] };
    },
  });

  api.route({
    method: 'GET',
    url: '/v1/alerts/policies/export',
    config: { scope: 'policy.read' },
    schema: {
      summary: 'All rules, or those named, as a document that import takes',
      querystring: z.strictObject({
        format: z.enum(['json', 'yaml']).default('json'),
        id: z.union([z.string(), z.array(z.string())]).optional(),
      }),
      response: { 200: z.string() },
    },
    handler: async (request, reply) => {
      await recordExport('rules', callerOf(request));
      const { format, id } = request.query;
      const chosen = id === undefined ? undefined : [id].flat();
      return reply
        .type(format === 'json' ? 'application/json' : 'application/yaml')
        .serializer((text: unknown) => String(text))
        .send(rules.export(format, chosen));
    },
  });

  api.route({
    method: 'POST',
    url: '/v1/alerts/policies::dryrun',
    config: { scope: 'policy.read', afterReplay: true },
    schema: {
      summary: 'When a rule would have fired over recorded history; the last 7 days unless said',
      body: z.strictObject({
        rule: RuleBodySchema,
        from: z.union([z.string(), z.number()]).optional(),
        to: z.union([z.string(), z.number()]).optional(),
      }),
      response: { 200: RuleDryRunSchema },
    },
    handler: async ({ body: { rule, from, to } }) => {
      const toMs = to === undefined ? now() : instantOf(String(to), 'to');
      const fromMs = from === undefined ? toMs - WEEK_MS : instantOf(String(from), 'from');
      const { fired, blindTo } = await rules.dryRun(rule, fromMs, toMs);
      return {
        from_ms: fromMs,
        to_ms: toMs,
        fired: fired.slice(0, MAX_FIRINGS),
        blind_to: [...blindTo, ...(fired.length > MAX_FIRINGS ? [`${fired.length - MAX_FIRINGS} more firings`] : [])],
      };
    },
  });
}

function ruleIdOf(id: string): string {
  if (!isUuid(id)) throw new RequestError('not_found', 'there is no rule with this id');
  return id;
}
