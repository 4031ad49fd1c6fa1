import {
  BatchActionSchema,
  ChannelIdSchema,
  ExplainRequestSchema,
  HookBodySchema,
  IncidentActionSchema,
  LineFilterSchema,
  MaintenanceWindowSchema,
  MAX_LINES_PER_SECOND,
  RuleBodySchema,
  SEVERITIES,
  DRAWN_SIGNALS,
  SilenceCreateSchema,
  SourcePatchSchema,
  TemplatePatchSchema,
  TemplateQuerySchema,
} from '@sentinellog/shared';
import { z } from 'zod';
import type { CallName, Calls } from '../bridge/calls.ts';
import { DesktopSettingsSchema, ExtraWindowSchema } from './desktop-schemas.ts';

const agentId = z.string().min(1).max(64);
const incidentId = z.string().min(1).max(64);
const hookId = z.string().min(1).max(64);
const key = z.string().min(8).max(64);
/** Rules, hooks and windows are called by ids of the agent's making, or by names of a person's. */
const existing = z.strictObject({ id: z.string().min(1).max(64), version: z.number().int() });
/** What an agent takes as one document (1 MB). */
const MAX_DOCUMENT_CHARS = 1024 * 1024;
const templateId = z.string().min(1).max(64);
const explanationId = z.string().min(1).max(64);
const nothing = z.void();
const instantMs = z.number().min(0).max(8.64e15);

/**
 * What the page may send with each call. Text that a person types is only bounded here: whether it is a good address or
 * token is said in words by the call itself.
 */
export const CALL_SCHEMAS: { readonly [Name in CallName]: z.ZodType<Calls[Name][0]> } = {
  listAgents: nothing,
  addAgent: z.strictObject({ url: z.string().max(4096), token: z.string().max(4096) }),
  removeAgent: z.strictObject({ agentId }),
  retryAgent: z.strictObject({ agentId }),
  heartbeats: z.strictObject({
    agentId,
    // They travel in a query string: 200 ids of 36 characters stay under the usual 16 KiB of headers.
    sources: z.array(z.string().min(1).max(200)).max(200),
    signal: z.enum(DRAWN_SIGNALS),
    fromMs: instantMs,
    toMs: instantMs,
    stepSeconds: z.number().int().min(1).max(86_400),
  }),
  anomalies: z.strictObject({ agentId, fromMs: instantMs, toMs: instantMs }),
  anomaly: z.strictObject({ agentId, eventId: z.string().min(1).max(64) }),
  patchSource: z.strictObject({ agentId, sourceId: z.string().min(1).max(64), patch: SourcePatchSchema }),
  me: z.strictObject({ agentId }),
  incident: z.strictObject({ agentId, incidentId }),
  actOnIncident: z.strictObject({
    agentId,
    incidentId,
    version: z.number().int(),
    key,
    action: IncidentActionSchema,
  }),
  actOnIncidents: z.strictObject({ agentId, key, ...BatchActionSchema.shape }),
  timeline: z.strictObject({
    agentId,
    incidentId: incidentId.nullable(),
    cursor: z.string().max(200).nullable(),
    limit: z.number().int().min(1).max(1000),
  }),
  alertSummary: z.strictObject({ agentId }),
  healthMap: z.strictObject({ agentId }),
  rules: z.strictObject({ agentId }),
  saveRule: z.strictObject({ agentId, existing: existing.nullable(), rule: RuleBodySchema }),
  removeRule: z.strictObject({ agentId, existing }),
  importRules: z.strictObject({
    agentId,
    document: z.string().min(1).max(MAX_DOCUMENT_CHARS),
    mode: z.enum(['preview', 'apply']),
  }),
  dryRunRule: z.strictObject({ agentId, rule: RuleBodySchema }),
  silences: z.strictObject({ agentId }),
  endSilence: z.strictObject({ agentId, silenceId: z.string().min(1).max(64) }),
  windows: z.strictObject({ agentId }),
  saveWindow: z.strictObject({ agentId, existing: existing.nullable(), window: MaintenanceWindowSchema }),
  removeWindow: z.strictObject({ agentId, existing }),
  explainRouting: z.strictObject({
    agentId,
    question: z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('incident'), incidentId }),
      z.strictObject({
        type: z.literal('example'),
        example: z.strictObject({
          services: z.array(z.string().min(1).max(256)).min(1).max(50),
          severity: z.enum(SEVERITIES),
          tags: z.array(z.string().max(64)).max(50),
        }),
      }),
    ]),
  }),
  hooks: z.strictObject({ agentId }),
  saveHook: z.strictObject({ agentId, existing: existing.nullable(), hook: HookBodySchema }),
  hookRuns: z.strictObject({ agentId, hookId }),
  previewHook: z.strictObject({ agentId, incidentId, hookId }),
  runHook: z.strictObject({ agentId, incidentId, hookId, key, confirm: z.string().max(16).nullable() }),
  explain: z.strictObject({ agentId, explanationId, request: ExplainRequestSchema }),
  stopExplaining: z.strictObject({ explanationId }),
  templates: z.strictObject({ agentId, query: TemplateQuerySchema }),
  template: z.strictObject({
    agentId,
    templateId,
    fromMs: instantMs,
    toMs: instantMs,
    stepSeconds: z.number().int().min(1).max(86_400),
  }),
  patchTemplate: z.strictObject({ agentId, templateId, patch: TemplatePatchSchema }),
  createSilence: z.strictObject({ agentId, key, silence: SilenceCreateSchema }),
  sensitivityLadder: z.strictObject({ agentId, sourceId: z.string().min(1).max(64) }),
  watchLines: z.strictObject({
    agentIds: z.array(agentId).max(50),
    wish: z
      .strictObject({ filter: LineFilterSchema, rate: z.number().int().min(1).max(MAX_LINES_PER_SECOND) })
      .nullable(),
  }),
  watchSignal: z.strictObject({ signal: z.enum(DRAWN_SIGNALS) }),
  signOut: nothing,
  makeKey: z.strictObject({ agentId, name: z.string().min(1).max(100) }),
  keys: z.strictObject({ agentId }),
  // It goes into a header: visible ASCII only.
  sendTestLine: z.strictObject({ agentId, key: z.string().regex(/^[\x21-\x7e]{1,512}$/) }),
  makeSlackChannel: z.strictObject({ agentId, channelId: ChannelIdSchema, url: z.string().max(2000) }),
  testChannel: z.strictObject({ agentId, channelId: ChannelIdSchema }),
  desktop: nothing,
  setDesktop: DesktopSettingsSchema,
  labelAgent: z.strictObject({
    agentId,
    code: z.string().max(64).nullable(),
    colour: z.number().int().min(0).max(5),
  }),
  tryNotification: nothing,
  openWindow: ExtraWindowSchema,
};
