import {
  LadderAnswerSchema,
  SilenceSchema,
  TemplateDetailSchema,
  TemplateListSchema,
  TemplateSchema,
  type LadderAnswer,
  type Silence,
  type SilenceCreate,
  type Template,
  type TemplateDetail,
  type TemplateList,
  type TemplatePatch,
  type TemplateQuery,
} from '@sentinellog/shared';
import type { TemplateHistoryRange } from './calls.ts';
import type { AgentCall } from './incident-calls.ts';

export function templatesCall({ order, limit, ...optional }: TemplateQuery): AgentCall<TemplateList> {
  const query = [
    `order=${order}`,
    `limit=${limit}`,
    ...Object.entries(optional).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [`${name}=${encodeURIComponent(value)}`],
    ),
  ].join('&');
  return { method: 'GET', path: `/v1/templates?${query}`, schema: TemplateListSchema };
}

export function templateCall({
  templateId,
  fromMs,
  toMs,
  stepSeconds,
}: Omit<TemplateHistoryRange, 'agentId'>): AgentCall<TemplateDetail> {
  const query = `from=${Math.round(fromMs)}&to=${Math.round(toMs)}&step=${stepSeconds}s`;
  return {
    method: 'GET',
    path: `/v1/templates/${encodeURIComponent(templateId)}?${query}`,
    schema: TemplateDetailSchema,
  };
}

export function patchTemplateCall(templateId: string, patch: TemplatePatch): AgentCall<Template> {
  return {
    method: 'PATCH',
    path: `/v1/templates/${encodeURIComponent(templateId)}`,
    body: patch,
    schema: TemplateSchema,
  };
}

export function silenceCall(silence: SilenceCreate, key: string): AgentCall<Silence> {
  return {
    method: 'POST',
    path: '/v1/silences',
    body: silence,
    headers: { 'idempotency-key': key },
    schema: SilenceSchema,
  };
}

/** The last day, replayed by the detector at every σ. */
export function ladderCall(sourceId: string): AgentCall<LadderAnswer> {
  return {
    method: 'POST',
    path: `/v1/sources/${encodeURIComponent(sourceId)}/sensitivity:preview`,
    body: {},
    schema: LadderAnswerSchema,
  };
}
