import { createServer } from 'node:http';
import {
  type AccessToken,
  type AgentHealth,
  type Anomaly,
  AUDIT_GENESIS,
  type CanaryReport,
  type ChannelView,
  type Cluster,
  type DeadLetter,
  type Incident,
  type IncidentDetail,
  type IngestKey,
  RequestError,
  type Role,
  type Silence,
  type Template,
} from '@sentinellog/shared';
import { aHook, aHookRun, anAnomaly, anIncident, aRule, aRunbook, aSource } from '@sentinellog/shared/testing';
import type { Caller } from '../../pipeline/caller.ts';
import { FailureBucket, LOGIN_LENIENCY } from '../../pipeline/failure-bucket.ts';
import { AuthFailureCounts } from '../../telemetry/auth-failures.ts';
import { createLog } from '../../telemetry/log.ts';
import { Metrics } from '../../telemetry/metrics.ts';
import { type ApiDeps, buildApi } from '../create-api.ts';
import type { HeartbeatCutQuery } from '../heartbeat-query.ts';
import type { IncidentActor } from '../incident-actions.ts';
import { MemoryIdempotency } from './memory-idempotency.ts';
import { SessionBook } from '../session-book.ts';

/** 1 January 2026, 01:00 UTC. */
export const NOW_MS = 1_767_229_200_000;

export const TOKENS = {
  viewer: 'slt_viewer',
  operator: 'slt_operator',
  admin: 'slt_admin',
  revoked: 'slt_revoked',
} as const;

const CALLERS: Readonly<Record<string, Caller>> = {
  [TOKENS.viewer]: { tokenId: 'tok-viewer', name: 'Vera', role: 'viewer' },
  [TOKENS.operator]: { tokenId: 'tok-operator', name: 'Otto', role: 'operator' },
  [TOKENS.admin]: { tokenId: 'tok-admin', name: 'Ada', role: 'admin' },
};

const A_DEAD_LETTER: DeadLetter = {
  id: 7,
  at_ms: NOW_MS,
  key_id: 'key-1',
  code: 'schema_violation',
  detail: 'the field "level" is missing',
  event: '{"service":"cart"}',
};

export const HEALTH: AgentHealth = {
  now_ms: NOW_MS,
  state: 'ready',
  degraded: [],
  accepted_per_second: 120,
  rejected_per_second: 0,
  accepted_total: 2000,
  rejected_total: 10,
  late_total: 0,
  clamped_total: 0,
  duplicate_batches_total: 0,
  sources: 1,
  replay_pending_bytes: 0,
  journal_bytes: 4096,
  checkpoint_age_seconds: 1.5,
  event_loop_lag_ms: 2,
  rss_bytes: 90_000_000,
};

const CANARY: CanaryReport = { state: 'ok', ran_at_ms: NOW_MS, blind_since_ms: null, trials: [], stalled: null };
const NO_COUNTS = { P1: 0, P2: 0, P3: 0, P4: 0 };

function detailOf(incident: Incident): IncidentDetail {
  return { incident, anomalies: [], timeline: [], correlated: [], runbooks: [], analyses: [], similar: [] };
}

function aToken(tokenId: string, role: Role): AccessToken {
  return { token_id: tokenId, name: 'Ada', role, created_at_ms: NOW_MS, last_used_ms: null, revoked_at_ms: null };
}

function aChannel(): ChannelView {
  return {
    channel_id: 'slack-ops',
    name: 'Slack #ops',
    enabled: true,
    failover: null,
    settings: { kind: 'slack_webhook' },
    secrets: ['url'],
    origin: 'api',
    version: 3,
    status: { state: 'ok', detail: '', pending: 0, oldest_pending_seconds: 0, last_sent_ms: null },
  };
}

function aTemplate(): Template {
  return {
    template_id: '00c0ffee00c0ffee',
    text: 'order <*> handled in <*> ms',
    name: null,
    pinned: false,
    cluster_id: '00c0ffee00c0ffee',
    first_seen_ms: NOW_MS,
    last_seen_ms: NOW_MS,
    count: 7,
    levels: { debug: 0, info: 7, warn: 0, error: 0, fatal: 0, other: 0 },
    services: [{ source_id: aSource().source_id, service: 'payment-service', count: 7 }],
    examples: ['order 17 handled in 23 ms'],
  };
}

function aCluster(): Cluster {
  const { template_id, text, count, levels, first_seen_ms, last_seen_ms } = aTemplate();
  return {
    cluster_id: template_id,
    name: 'Orders handled',
    is_named: true,
    pinned: false,
    templates: [{ template_id, text, count }],
    count,
    levels,
    services: [{ service: 'payment-service', count }],
    first_seen_ms,
    last_seen_ms,
  };
}

/** A search whose answer is there already. */
function aRun(pieces: readonly string[]) {
  return {
    async *pieces() {
      for (const piece of pieces) yield Buffer.from(piece);
      return { events: pieces.length, damagedBlocks: 0 };
    },
  };
}
const NO_LIMITS = { events_per_second: null, bytes_per_day: null };

function aKey(keyId: string): IngestKey {
  const times = { created_at_ms: NOW_MS, last_used_ms: null, revoked_at_ms: null };
  return { key_id: keyId, name: 'fluent-bit', tenant: 'default', service: null, ...NO_LIMITS, ...times };
}

const REVISION = { version: 1, updated_at_ms: NOW_MS, updated_by: 'Ada' };

function aSilence(): Silence {
  return {
    silence_id: '01996f00-0000-7000-8000-00000000005e',
    scope: { kind: 'service', service: 'payment-service' },
    reason: 'deploy of 4.2',
    created_by: 'Otto',
    starts_at_ms: NOW_MS,
    ends_at_ms: null,
    ended_at_ms: null,
    ended_because: null,
    hid: { alerts: 0, notices: 0, peak_score: 0 },
  };
}

/** An API over an agent that has one source, one anomaly and the tokens above; everything it was asked is written down. */
export async function aFakeAgent(overrides: Partial<ApiDeps> = {}) {
  const agent = {
    nowMs: NOW_MS,
    health: HEALTH,
    notReady: [] as string[],
    revoked: new Set<string>(),
    anomaly: anAnomaly() as Anomaly | null,
    storeDown: false,
    replaying: false,
    /** What the desk of incidents does. */
    act: ((): Incident => anIncident({ version: 2 })) as (...asked: Parameters<IncidentActor['act']>) => Incident,
    calls: [] as unknown[],
    cuts: [] as HeartbeatCutQuery[],
    logLines: [] as string[],
  };
  const answer = <T>(call: unknown, value: T): Promise<T> => {
    agent.calls.push(call);
    if (agent.storeDown) throw new RequestError('storage_unavailable', 'PostgreSQL does not answer');
    return Promise.resolve(value);
  };
  let entropy = 0;
  const authFailures = new AuthFailureCounts();
  const currentCaller = (tokenId: string) =>
    agent.revoked.has(tokenId) ? null : (Object.values(CALLERS).find((caller) => caller.tokenId === tokenId) ?? null);

  const deps: ApiDeps = {
    serverFactory: (handler) => createServer(handler),
    log: createLog('info', { write: (line: string) => void agent.logLines.push(line) }),
    authFailures,
    onSignIn: (who) => void agent.calls.push({ signedIn: who }),
    recordExport: (what, { name }) => answer({ recordExport: what, name }, undefined),
    newRequestId: () => `req-${++entropy}`,
    now: () => agent.nowMs,
    tokens: {
      verify: (presented) => {
        if (presented === TOKENS.revoked) return { type: 'revoked' };
        const caller = CALLERS[presented];
        return caller && currentCaller(caller.tokenId) ? { type: 'ok', ...caller } : { type: 'unknown' };
      },
    },
    sessions: new SessionBook({
      now: () => agent.nowMs,
      randomBytes: (length) => Buffer.alloc(length, ++entropy),
      agentId: '01996f00-0000-7000-8000-0000000000ff',
      currentCaller,
    }),
    failures: new FailureBucket(() => agent.nowMs, LOGIN_LENIENCY),
    metrics: new Metrics(),
    status: {
      info: () => ({ agent_id: 'agent-1', name: 'Test', code: 'EU', version: '0.1.0', started_at_ms: NOW_MS }),
      health: () => agent.health,
      notReadyBecause: () => agent.notReady,
    },
    sources: {
      list: () => [aSource()],
      patch: (id, patch, actor) =>
        answer({ patch, id, actor: actor.name }, id === aSource().source_id ? aSource(patch as object) : null),
    },
    heartbeats: {
      heartbeatCut: (query) => {
        agent.cuts.push(query);
        return answer('heartbeatCut', { blocks: [], bounds: [], expected: [], blind: [] });
      },
      latencyMinutes: () => Promise.resolve([]),
    },
    anomalies: {
      page: (query) => answer(query, { anomalies: [anAnomaly()], nextCursor: 'next' }),
      one: () => answer('one', agent.anomaly),
    },
    deadLetters: {
      page: (limit, cursor) => answer({ limit, cursor }, { letters: [A_DEAD_LETTER], nextCursor: null }),
      counted: () => ({ schema_violation: 1 }),
    },
    verdicts: { judge: (id, verdict) => answer({ id, verdict }, agent.anomaly && { ...agent.anomaly, verdict }) },
    exclusions: {
      exclusionsOf: () => [],
      exclude: (source_id, asked, actor) =>
        answer(
          { asked },
          { exclusion_id: 'x', source_id, ...asked, created_by: actor.name, created_at_ms: agent.nowMs },
        ),
      include: (_source, id) => answer(`include ${id}`, id === 'x'),
    },
    canary: { report: () => CANARY, run: () => answer('canary', CANARY) },
    expectation: (query) => answer(query, null),
    baselines: {
      versions: (id) => answer(`versions ${id}`, []),
      revert: (id) => answer(`revert ${id}`, null),
      relearn: (source_id) =>
        answer(`relearn ${source_id}`, { source_id, from_ms: 0, to_ms: 1, seconds: 1, version_before: 'v' }),
    },
    ladder: { preview: (id) => answer(`ladder ${id}`, null) },
    templates: {
      list: () => ({ templates: [aTemplate()], total: 1 }),
      one: (id) => (id === aTemplate().template_id ? aTemplate() : null),
      patch: (id, patch, actor) =>
        answer({ patch, id, actor: actor.name }, id === aTemplate().template_id ? aTemplate() : null),
    },
    clusters: {
      list: () => ({ clusters: [aCluster()], total: 1 }),
      one: (clusterId) => (clusterId === aCluster().cluster_id ? aCluster() : null),
      patch: (clusterId, patch, actor) => answer({ patch: clusterId, body: patch, actor: actor.name }, aCluster()),
      merge: (clusterId, others, actor) => answer({ merge: clusterId, others, actor: actor.name }, aCluster()),
      split: (clusterId, templates, actor) => answer({ split: clusterId, templates, actor: actor.name }, aCluster()),
    },
    topClusters: () => Promise.resolve([]),
    explainer: {
      async *explain(request) {
        await answer({ explain: request }, null);
        yield { type: 'done', took_ms: 3 } as const;
      },
    },
    templateCounts: (query) =>
      answer(query, {
        fromSecond: query.fromSecond,
        toSecond: query.toSecond,
        counts: [
          { template_id: aTemplate().template_id, t: query.fromSecond, count: 3 },
          { template_id: 'ffffffffffffffff', t: query.fromSecond, count: 9 },
          { template_id: aTemplate().template_id, t: query.toSecond - query.stepSeconds, count: 4 },
        ],
      }),
    rawSearch: {
      search: (request) => answer(request, aRun(['{"type":"done"}\n'])),
      export: (query, isGzipped, caller) =>
        answer({ query, isGzipped, by: caller.name }, aRun(['{"message":"one"}\n', '{"message":"two"}\n'])),
    },
    rejections: {
      recent: () => [
        {
          at_ms: NOW_MS,
          protocol: 'http',
          remote: '203.0.113.7',
          key_id: null,
          code: 'invalid_json',
          detail: 'line 17 is not JSON',
          events: 1,
          errors: [],
        },
      ],
    },
    keys: {
      list: () => answer('list keys', [aKey('key-1')]),
      create: ({ name, service }, actor) =>
        answer(
          { input: { name, service }, actor: actor.name },
          { ...aKey('key-2'), name, service, key: 'slk_only_once' },
        ),
      rotate: (id, graceMs) =>
        answer({ rotate: id, graceMs }, id === 'key-1' ? { ...aKey('key-3'), key: 'slk_successor' } : undefined),
      limit: (id, limits) => answer({ limit: id, limits }, id === 'key-1' ? aKey(id) : undefined),
      revoke: (id) => answer(`revoke ${id}`, id === 'key-1'),
    },
    accessTokens: {
      list: () => answer('list tokens', [aToken('tok-admin', 'admin'), aToken('tok-viewer', 'viewer')]),
      create: (input) => answer(input, { ...aToken('tok-3', input.role), token: 'slt_only_once' }),
      revoke: (id) => answer(`revoke ${id}`, id === 'tok-viewer'),
    },
    incidents: {
      list: () => [anIncident()],
      page: (query) => answer(query, { items: [anIncident()], nextCursor: 'next' }),
      detail: (id) => answer(`incident ${id}`, id === anIncident().incident_id ? detailOf(anIncident()) : null),
    },
    incidentDesk: { act: (target, deed) => answer({ target, ...deed }, agent.act(target, deed)) },
    alerts: {
      page: (query) => answer(query, { items: anIncident().alerts, nextCursor: null }),
      summary: () => ({ by_severity: NO_COUNTS, by_service: [], oldest_unacked_ms: null, mtta_ms: null }),
    },
    timeline: { page: (query) => answer(query, { items: [], nextCursor: null }) },
    healthMap: () => ({ at_ms: NOW_MS, nodes: [], edges: [] }),
    audit: {
      entries: (query) => answer(query, []),
      head: () => answer('audit head', { seq: 0, hash: AUDIT_GENESIS }),
    },
    idempotency: new MemoryIdempotency(),
    analysis: {
      ask: (incidentId) =>
        answer(`ask ${incidentId}`, {
          by: 'claude',
          at_ms: NOW_MS,
          summary: 'Pool ran empty',
          hypotheses: [],
          affected_services: [],
          steps: [],
        }),
      preview: (incidentId) =>
        answer(`preview ${incidentId}`, { configured: true, system: '', user: '<facts>', redacted: {} }),
    },
    hooks: {
      list: () => answer('list hooks', [aHook()]),
      one: () => answer('one hook', aHook()),
      create: (body) => answer(body, aHook()),
      replace: (id) => answer(`replace ${id}`, aHook()),
      remove: (id) => answer(`remove ${id}`, true),
      runs: (id) => answer(`runs ${id}`, []),
      preview: (incidentId, hookId) =>
        answer(
          { incidentId, hookId },
          {
            method: 'POST',
            url: aHook().url,
            body: '{}',
            effect: 'restart',
            needs_code: null,
            cooldown_left_seconds: 0,
            refused_because: null,
            last_run: null,
          },
        ),
      run: async function* (incidentId, hookId) {
        yield await answer({ incidentId, hookId }, aHookRun());
      },
    },
    rules: {
      list: () => [aRule()],
      one: (id) => (id === aRule().rule_id ? aRule() : null),
      create: (body, actor) => answer({ body, actor: actor.name }, aRule(body)),
      replace: (id, body) => answer(`replace ${id}`, aRule(body)),
      remove: (id) => answer(`remove ${id}`, undefined),
      import: (document, mode) => answer({ document, mode }, { add: ['Error spike'], change: [], same: [] }),
      export: () => 'schemaVersion: 1\nrules: []\n',
      dryRun: () => answer('dry run', { fired: [], blindTo: [] }),
    },
    runbooks: {
      search: (query) => answer(query, [aRunbook()]),
      one: () => answer('one runbook', aRunbook()),
      create: (body) => answer(body, aRunbook()),
      replace: (id) => answer(`replace ${id}`, aRunbook()),
      remove: (id) => answer(`remove ${id}`, true),
      parse: () => aRunbook(),
    },
    channels: {
      list: () => answer('list channels', [aChannel()]),
      create: (input, actor) => answer({ input, actor }, aChannel()),
      replace: (id, input, version, actor) => answer({ id, input, version, actor }, aChannel()),
      remove: (id) => answer(`remove ${id}`, id === 'slack-ops'),
      test: (id) => answer(`test ${id}`, { ok: true, detail: 'Slack took the message', message_id: '1.2' }),
    },
    callbacks: {
      checkSlack: (signature) => (signature === 'v0=good' ? 'ok' : 'wrong'),
      slackClicked: (payload) => void agent.calls.push(payload),
      checkPagerDuty: (_id, signature) => (signature === 'v1=good' ? 'ok' : 'missing'),
      pagerDutySaid: (id, body) => answer({ id, body: Buffer.from(body).toString() }, 'done'),
    },
    documents: {
      list: () => [],
      one: () => undefined,
      create: (kind, body) => answer({ kind, body }, { ...body, ...REVISION }),
      replace: (kind, body, version) => answer({ kind, body, version }, { ...body, ...REVISION }),
      remove: (kind, id, version) => answer(`remove ${kind} ${id} ${version}`, true),
    },
    routing: {
      explainIncident: (incidentId) => answer(`explain ${incidentId}`, null),
      explainExample: (example, atMs = NOW_MS) => {
        agent.calls.push(example);
        return { at_ms: atMs, summary: 'Nobody.', rules: [], told: [], not_told: [], escalation: [] };
      },
      standings: () => [],
      notices: (limit) => answer(`notices ${limit}`, []),
      silences: () => [],
      createSilence: (input, caller) => answer({ input, by: caller.name }, aSilence()),
      endSilence: (silenceId) => answer(`end ${silenceId}`, silenceId === aSilence().silence_id ? aSilence() : null),
      previewSilence: (scope) => answer({ preview: scope }, { open: 3, last_24h: 41 }),
      upcoming: () => [],
      export: () => ({ schemaVersion: 1 }),
      importConfig: (config, mode, revision, caller) =>
        answer({ config, mode, revision, by: caller.name }, { mode, changes: [], warnings: [], revision: 7 }),
    },
    caughtUp: () =>
      agent.replaying
        ? Promise.reject(new RequestError('storage_unavailable', 'the journal is still being read back'))
        : Promise.resolve(),
    consoleDirectory: '/nonexistent',
    ...overrides,
  };
  const { api, routes } = await buildApi(deps);
  return { agent, api, routes, authFailures, deps };
}

export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}
