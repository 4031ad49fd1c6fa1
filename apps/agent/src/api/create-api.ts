import type { IncomingMessage, RequestListener, Server } from 'node:http';
import fastify, { LogController, type FastifyError, type FastifyRequest } from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { AuthFailureCounts } from '../telemetry/auth-failures.ts';
import type { Log } from '../telemetry/log.ts';
import { type AccessDeps, checkAccess } from './access-check.ts';
import { AccessDenied } from './access-denied.ts';
import { type AgentStatusDeps, agentStatusRoutes } from './agent-status.ts';
import { type AlertDeps, alertRoutes } from './alerts.ts';
import { type AnalysisDesk, analysisRoutes } from './analysis.ts';
import { type AnomalyDeps, anomalyRoutes } from './anomalies.ts';
import type { Api } from './api.ts';
import { type ClusterDesk, clusterRoutes } from './clusters.ts';
import { type AuditDeps, auditRoutes } from './audit.ts';
import { type CallbackDesk, callbackRoutes } from './callbacks.ts';
import { type ChannelDesk, channelRoutes } from './channels.ts';
import { type BaselineDeps, baselineRoutes } from './baselines.ts';
import { consoleFiles } from './console-files.ts';
import { type DeadLetterDeps, deadLetterRoutes } from './dead-letters.ts';
import { docsRoutes } from './docs-page.ts';
import { type HealthMapDeps, healthMapRoutes } from './health-map.ts';
import { escalationRoutes } from './escalations.ts';
import { type ExplainDeps, explainRoutes } from './explain.ts';
import { type ExportDesk, exportRoutes } from './export.ts';
import { heartbeatRoutes } from './heartbeats.ts';
import { type IdempotencyDeps, keepAnswers } from './idempotency.ts';
import { type IncidentDeps, incidentRoutes } from './incidents.ts';
import { type KeyDesk, keyRoutes } from './keys.ts';
import { type LadderDeps, ladderRoutes } from './ladder.ts';
import { type HookDesk, hookRoutes } from './hooks.ts';
import { maintenanceWindowRoutes, type WindowCalendar } from './maintenance-windows.ts';
import { meRoutes } from './me.ts';
import { describeApi, openapiRoutes } from './openapi.ts';
import { policyRoutes, type RuleDesk } from './policies.ts';
import { peopleRoutes } from './people.ts';
import { type ProbeDeps, probeRoutes } from './probes.ts';
import { answerClientError, answerError, answerNotFound } from './problem-answers.ts';
import { type RejectionDeps, rejectionRoutes } from './rejections.ts';
import { compileValidator } from './request-validation.ts';
import { type DeclaredRoute, requireScopes } from './route-scopes.ts';
import { type RunbookDesk, runbookRoutes } from './runbooks.ts';
import { type ConfigDesk, type RecordExport, routingConfigRoutes } from './routing-config.ts';
import type { DocumentDesk } from './routing-documents.ts';
import { type RoutingDesk, routingRoutes } from './routing.ts';
import { setSecurityHeaders } from './security-headers.ts';
import { type SearchDesk, searchRoutes } from './search.ts';
import { type SignInDeps, sessionRoutes } from './sessions.ts';
import { type SilenceDesk, silenceRoutes } from './silences.ts';
import { type SourceDirectory, sourceRoutes } from './sources.ts';
import { type TemplateDeps, templateRoutes } from './templates.ts';
import { type TimelineDeps, timelineRoutes } from './timeline.ts';
import { type TokenDesk, tokenRoutes } from './tokens.ts';
import { type VerdictDeps, verdictRoutes } from './verdicts.ts';

/** No body of this API is long; logs go to the ingest front, which has limits of its own. */
const MAX_BODY_BYTES = 64 * 1024;

export interface ApiDeps
  extends AccessDeps,
    AgentStatusDeps,
    AlertDeps,
    AnomalyDeps,
    ExplainDeps,
    AuditDeps,
    BaselineDeps,
    DeadLetterDeps,
    HealthMapDeps,
    IdempotencyDeps,
    IncidentDeps,
    LadderDeps,
    ProbeDeps,
    RejectionDeps,
    SignInDeps,
    Omit<TemplateDeps, 'sources'>,
    TimelineDeps,
    VerdictDeps {
  readonly serverFactory: (handler: RequestListener) => Server;
  readonly log: Log;
  readonly authFailures: AuthFailureCounts;
  /** A new request id: unguessable is not needed, unique is. */
  readonly newRequestId: () => string;
  readonly status: AgentStatusDeps['status'] & ProbeDeps['status'];
  readonly sources: SourceDirectory;
  readonly clusters: ClusterDesk;
  readonly keys: KeyDesk;
  readonly accessTokens: TokenDesk;
  readonly analysis: AnalysisDesk;
  readonly hooks: HookDesk;
  readonly rules: RuleDesk;
  readonly runbooks: RunbookDesk;
  readonly channels: ChannelDesk;
  readonly callbacks: CallbackDesk;
  readonly documents: DocumentDesk;
  readonly recordExport: RecordExport;
  readonly routing: RoutingDesk & SilenceDesk & WindowCalendar & ConfigDesk;
  readonly rawSearch: SearchDesk & ExportDesk;
  /** Resolves once the journal has been read back after a start; RequestError('storage_unavailable') when that takes too long. */
  readonly caughtUp: () => Promise<void>;
  /** Where the built browser console lies; it may not exist yet. */
  readonly consoleDirectory: string;
}

/**
 * The agent's HTTP API and browser console, ready to take requests from the server that `serverFactory` gives.
 * Deps reject with RequestError('storage_unavailable') when the database cannot answer.
 */
export async function createApi(deps: ApiDeps): Promise<Api> {
  return (await buildApi(deps)).api;
}

/** As `createApi`, with the list of its routes: access tests are generated from it. */
export async function buildApi(deps: ApiDeps): Promise<{ api: Api; routes: readonly DeclaredRoute[] }> {
  const api: Api = fastify({
    serverFactory: (handler) => deps.serverFactory(handler),
    loggerInstance: deps.log,
    // Denials and mistakes are logged where they happen; a line for each request would drown them.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: () => deps.newRequestId(),
    requestIdHeader: false,
    bodyLimit: MAX_BODY_BYTES,
    // Whatever is in flight is answered; agent.ts decides how long a stop may take.
    return503OnClosing: false,
    clientErrorHandler: answerClientError,
    // A path that cannot be decoded reaches no route and so no hook.
    frameworkErrors: (error, request, reply) => {
      setSecurityHeaders(request, reply);
      answerError(deps.authFailures, error, request, reply);
    },
  }).withTypeProvider<ZodTypeProvider>();

  const routes = requireScopes(api);
  api.setValidatorCompiler(compileValidator);
  api.setSerializerCompiler(serializerCompiler);
  api.setErrorHandler<FastifyError>((error, request, reply) => answerError(deps.authFailures, error, request, reply));
  api.setNotFoundHandler((request, reply) => answerNotFound(routes, request, reply));
  api.decorateRequest('caller', null);
  api.addHook('onRequest', async (request, reply) => {
    setSecurityHeaders(request, reply);
    if (request.is404) return;
    const decision = checkAccess(deps, request.routeOptions.config.scope, accessRequestOf(request));
    if (decision.type === 'deny') throw new AccessDenied(decision);
    request.caller = decision.caller;
  });
  api.addHook('preHandler', async (request) => {
    if (request.routeOptions.config.afterReplay === true) await deps.caughtUp();
  });

  keepAnswers(api, deps);

  await describeApi(api, deps.status.info().version);
  probeRoutes(api, deps);
  meRoutes(api);
  sessionRoutes(api, deps);
  agentStatusRoutes(api, deps);
  sourceRoutes(api, deps);
  heartbeatRoutes(api, deps);
  anomalyRoutes(api, deps);
  verdictRoutes(api, deps);
  baselineRoutes(api, deps);
  ladderRoutes(api, deps);
  timelineRoutes(api, deps);
  incidentRoutes(api, deps);
  alertRoutes(api, deps);
  healthMapRoutes(api, deps);
  auditRoutes(api, deps);
  templateRoutes(api, deps);
  clusterRoutes(api, deps);
  explainRoutes(api, deps);
  searchRoutes(api, deps);
  exportRoutes(api, deps);
  rejectionRoutes(api, deps);
  deadLetterRoutes(api, deps);
  keyRoutes(api, deps);
  tokenRoutes(api, deps);
  analysisRoutes(api, deps);
  hookRoutes(api, deps);
  policyRoutes(api, deps);
  runbookRoutes(api, deps);
  channelRoutes(api, deps);
  await callbackRoutes(api, deps);
  routingRoutes(api, deps);
  escalationRoutes(api, deps);
  peopleRoutes(api, deps);
  maintenanceWindowRoutes(api, deps);
  silenceRoutes(api, deps);
  routingConfigRoutes(api, deps);
  openapiRoutes(api);
  docsRoutes(api, routes);
  await consoleFiles(api, deps.consoleDirectory);
  await api.ready();
  return { api, routes };
}

function accessRequestOf(request: FastifyRequest & { readonly raw: IncomingMessage }) {
  const { authorization, cookie, origin, host } = request.headers;
  return { method: request.method, address: request.ip, authorization, cookie, origin, host };
}
