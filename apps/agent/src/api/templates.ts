import {
  RequestError,
  TemplateDetailSchema,
  TemplateHistoryQuerySchema,
  TemplateListSchema,
  TemplatePatchSchema,
  TemplateQuerySchema,
  TemplateSchema,
  parseStepSeconds,
  type Template,
  type TemplatePatch,
} from '@sentinellog/shared';
import { z } from 'zod';
import type { Caller } from '../pipeline/caller.ts';
import type { Api } from './api.ts';
import { callerOf } from './caller-of.ts';
import { instantOf } from './heartbeats.ts';

/** What is shown of a template's past when nothing is asked for, and how many steps an answer may have. */
const DEFAULT_HISTORY_MS = 86_400_000;
const MAX_STEPS = 20_000;

const ParamsSchema = z.object({ id: z.string().max(64) });

export interface TemplateQuery {
  /** All sources when undefined. */
  readonly sourceIds?: readonly string[];
  readonly cluster?: string | undefined;
  /** Words that text or name must hold, in any case. */
  readonly text?: string | undefined;
  readonly order: 'count' | 'newest' | 'rarest';
  readonly limit: number;
}

export interface TemplateDesk {
  list(query: TemplateQuery): { templates: Template[]; total: number };
  /** Null when there is none. */
  one(templateId: string): Template | null;
  patch(templateId: string, patch: TemplatePatch, actor: Caller): Promise<Template | null>;
}

export interface TemplateDeps {
  readonly templates: TemplateDesk;
  readonly templateCounts: (query: {
    readonly sourceIds: readonly string[];
    readonly fromSecond: number;
    readonly toSecond: number;
    readonly stepSeconds: number;
  }) => Promise<{
    readonly fromSecond: number;
    readonly toSecond: number;
    readonly counts: readonly { readonly template_id: string; readonly t: number; readonly count: number }[];
  }>;
  readonly sources: { list(): readonly { readonly source_id: string; readonly service: string }[] };
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function templateRoutes(api: Api, { templates, templateCounts, sources, now }: TemplateDeps): void {
  api.route({
    method: 'GET',
    url: '/v1/templates',
    config: { scope: 'read', afterReplay: true },
    schema: {
      summary: 'What messages say: their templates, with counts; with `source`, as that source used them',
      querystring: TemplateQuerySchema,
      response: { 200: TemplateListSchema },
    },
    handler: (request) => {
      const { source, ...query } = request.query;
      if (source === undefined) return templates.list(query);
      const sourceIds = sources
        .list()
        .filter((one) => one.source_id === source || one.service === source)
        .map((one) => one.source_id);
      if (sourceIds.length === 0) {
        throw new RequestError('not_found', 'the source is known neither as id nor as service name');
      }
      return templates.list({ ...query, sourceIds });
    },
  });

  api.route({
    method: 'GET',
    url: '/v1/templates/:id',
    config: { scope: 'read', afterReplay: true },
    schema: {
      summary: 'One template with its history, also by an id that was merged into it',
      params: ParamsSchema,
      querystring: TemplateHistoryQuerySchema,
      response: { 200: TemplateDetailSchema },
    },
    handler: async (request) => {
      const template = found(templates.one(request.params.id));
      const { from, to, step } = request.query;
      const stepSeconds = parseStepSeconds(step);
      if (stepSeconds === undefined) {
        throw new RequestError('invalid_request', 'querystring.step must be like 1s, 10s, 5m, 1h or 1d');
      }
      const toMs = to === undefined ? now() : instantOf(to, 'to');
      const fromMs = from === undefined ? toMs - DEFAULT_HISTORY_MS : instantOf(from, 'from');
      const fromSecond = Math.floor(fromMs / 1000 / stepSeconds) * stepSeconds;
      const toSecond = Math.ceil(toMs / 1000 / stepSeconds) * stepSeconds;
      const steps = (toSecond - fromSecond) / stepSeconds;
      if (steps < 1 || steps > MAX_STEPS) {
        throw new RequestError('invalid_request', `from, to and step must come to 1 to ${MAX_STEPS} steps`);
      }
      const sourceIds = template.services.map((service) => service.source_id);
      const counted = await templateCounts({ sourceIds, fromSecond, toSecond, stepSeconds });
      const columns: [number[], number[]] = [
        Array.from({ length: steps }, (_, i) => fromSecond + i * stepSeconds),
        Array.from({ length: steps }, () => 0),
      ];
      for (const { template_id, t, count } of counted.counts) {
        const at = Math.floor((t - fromSecond) / stepSeconds);
        if (template_id === template.template_id && at >= 0 && at < steps) columns[1][at] += count;
      }
      return { ...template, step_seconds: stepSeconds, columns };
    },
  });

  api.route({
    method: 'PATCH',
    url: '/v1/templates/:id',
    config: { scope: 'policy.write', afterReplay: true },
    schema: {
      summary: 'Name or pin a template, merge others into it by hand, or split such ones off again',
      params: ParamsSchema,
      body: TemplatePatchSchema,
      response: { 200: TemplateSchema },
    },
    handler: async (request) => found(await templates.patch(request.params.id, request.body, callerOf(request))),
  });
}

function found(template: Template | null): Template {
  if (template === null) throw new RequestError('not_found', 'there is no template with this id');
  return template;
}
