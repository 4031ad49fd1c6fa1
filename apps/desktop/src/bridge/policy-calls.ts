import {
  HealthMapSchema,
  HookListSchema,
  HookPreviewSchema,
  HookRunListSchema,
  HookRunSchema,
  HookSchema,
  MaintenanceWindowSchema,
  RevisionSchema,
  RoutingExplanationSchema,
  RuleDryRunSchema,
  RuleImportAnswerSchema,
  RuleListSchema,
  RuleSchema,
  SilenceListSchema,
  SilenceSchema,
  UpcomingSchema,
  type HealthMap,
  type Hook,
  type HookBody,
  type HookPreview,
  type HookRun,
  type MaintenanceWindow,
  type RoutingExplanation,
  type Rule,
  type RuleBody,
  type RuleDryRun,
  type RuleImportAnswer,
  type Severity,
  type Silence,
} from '@sentinellog/shared';
import { z } from 'zod';
import type { AgentCall } from './incident-calls.ts';

/** Which state of an object a change was made from; null for an object that is to be made. */
export interface Existing {
  readonly id: string;
  readonly version: number;
}

export interface RoutingExample {
  readonly services: readonly string[];
  readonly severity: Severity;
  readonly tags: readonly string[];
}

/** About an incident that there is, or one as it might be. */
export type RoutingQuestion =
  | { readonly type: 'incident'; readonly incidentId: string }
  | { readonly type: 'example'; readonly example: RoutingExample };

export interface HookRequest {
  readonly incidentId: string;
  readonly hookId: string;
}

export interface HookOrder extends HookRequest {
  /** Idempotency key: a retry carries the same one and runs nothing twice. */
  readonly key: string;
  /** The cluster's code, where the hook is protected. */
  readonly confirm: string | null;
}

const ShownWindowSchema = MaintenanceWindowSchema.extend({ ...RevisionSchema.shape, next: UpcomingSchema });
/** A maintenance window, whose version it is, and when it is next in effect. */
export type ShownWindow = z.infer<typeof ShownWindowSchema>;

/** An answer without a body. */
const NOTHING = z.undefined().transform(() => null);

export function healthMapCall(): AgentCall<HealthMap> {
  return { method: 'GET', path: '/v1/health/map', schema: HealthMapSchema };
}

export function rulesCall(): AgentCall<readonly Rule[]> {
  return { method: 'GET', path: '/v1/alerts/policies', schema: RuleListSchema.transform(({ rules }) => rules) };
}

export function saveRuleCall(existing: Existing | null, rule: RuleBody): AgentCall<Rule> {
  return saveCall('/v1/alerts/policies', existing, rule, RuleSchema);
}

export function removeRuleCall(existing: Existing): AgentCall<null> {
  return removeCall('/v1/alerts/policies', existing);
}

/** `preview` changes nothing; `apply` is all or nothing. */
export function importRulesCall(document: string, mode: 'preview' | 'apply'): AgentCall<RuleImportAnswer> {
  const path = `/v1/alerts/policies/import?mode=${mode}`;
  return { method: 'POST', path, body: { document }, schema: RuleImportAnswerSchema };
}

/** Over the last seven days. */
export function dryRunRuleCall(rule: RuleBody): AgentCall<RuleDryRun> {
  return { method: 'POST', path: '/v1/alerts/policies:dryrun', body: { rule }, schema: RuleDryRunSchema };
}

export function silencesCall(): AgentCall<readonly Silence[]> {
  return { method: 'GET', path: '/v1/silences', schema: SilenceListSchema.transform(({ silences }) => silences) };
}

/** The answer is the silence's bill. */
export function endSilenceCall(silenceId: string): AgentCall<Silence> {
  return { method: 'DELETE', path: `/v1/silences/${encodeURIComponent(silenceId)}`, schema: SilenceSchema };
}

export function windowsCall(): AgentCall<readonly ShownWindow[]> {
  const schema = z.object({ windows: z.array(ShownWindowSchema) }).transform(({ windows }) => windows);
  return { method: 'GET', path: '/v1/maintenance-windows', schema };
}

export function saveWindowCall(existing: Existing | null, window: MaintenanceWindow): AgentCall<ShownWindow> {
  return saveCall('/v1/maintenance-windows', existing, window, ShownWindowSchema);
}

export function removeWindowCall(existing: Existing): AgentCall<null> {
  return removeCall('/v1/maintenance-windows', existing);
}

export function explainRoutingCall(question: RoutingQuestion): AgentCall<RoutingExplanation> {
  const body = question.type === 'incident' ? { incident_id: question.incidentId } : { example: question.example };
  return { method: 'POST', path: '/v1/routing:explain', body, schema: RoutingExplanationSchema };
}

export function hooksCall(): AgentCall<readonly Hook[]> {
  return { method: 'GET', path: '/v1/hooks', schema: HookListSchema.transform(({ hooks }) => hooks) };
}

export function saveHookCall(existing: Existing | null, hook: HookBody): AgentCall<Hook> {
  return saveCall('/v1/hooks', existing, hook, HookSchema);
}

export function hookRunsCall(hookId: string): AgentCall<readonly HookRun[]> {
  const path = `/v1/hooks/${encodeURIComponent(hookId)}/runs?limit=20`;
  return { method: 'GET', path, schema: HookRunListSchema.transform(({ runs }) => runs) };
}

export function previewHookCall({ incidentId, hookId }: HookRequest): AgentCall<HookPreview> {
  const path = `/v1/incidents/${encodeURIComponent(incidentId)}/remediate?dryRun=1`;
  return { method: 'POST', path, body: { hook_id: hookId }, schema: HookPreviewSchema };
}

/** Answered line by line: every state of the run, as it comes about. */
export function runHookCall({ incidentId, hookId, key, confirm }: HookOrder): AgentCall<HookRun> {
  return {
    method: 'POST',
    path: `/v1/incidents/${encodeURIComponent(incidentId)}/remediate`,
    body: { hook_id: hookId, ...(confirm === null ? {} : { confirm }) },
    headers: { 'idempotency-key': key },
    schema: HookRunSchema,
  };
}

function saveCall<T>(url: string, existing: Existing | null, body: unknown, schema: z.ZodType<T>): AgentCall<T> {
  if (existing === null) return { method: 'POST', path: url, body, schema };
  const path = `${url}/${encodeURIComponent(existing.id)}`;
  return { method: 'PUT', path, body, headers: { 'if-match': String(existing.version) }, schema };
}

function removeCall(url: string, { id, version }: Existing): AgentCall<null> {
  const path = `${url}/${encodeURIComponent(id)}`;
  return { method: 'DELETE', path, headers: { 'if-match': String(version) }, schema: NOTHING };
}
