import { ROLE_SCOPES, ROLES, type Role } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import type { DeclaredRoute } from './route-scopes.ts';
import { aFakeAgent, bearer, TOKENS } from './testing/fake-agent.ts';

const CALLERS = ['anon', 'garbage', 'basic', 'ingest key', 'revoked', ...ROLES] as const;
type CallerKind = (typeof CALLERS)[number];

const HEADERS: Readonly<Record<CallerKind, Record<string, string>>> = {
  anon: {},
  garbage: bearer('slt_guess'),
  basic: { authorization: 'Basic YWRtaW46YWRtaW4=' },
  'ingest key': { 'x-sentinel-key': 'slk_valid', ...bearer('slk_valid') },
  revoked: bearer(TOKENS.revoked),
  viewer: bearer(TOKENS.viewer),
  operator: bearer(TOKENS.operator),
  admin: bearer(TOKENS.admin),
};

/** Public, as there is no token, but not open: the signature over the body is what lets one in. */
const SIGNED = /^\/v1\/callbacks\//;

function expectedOf(route: DeclaredRoute, caller: CallerKind): 'through' | 401 | 403 {
  if (SIGNED.test(route.url)) return 401;
  if (route.scope === 'public') return 'through';
  const role = ROLES.find((one): one is Role => one === caller);
  if (role === undefined) return 401;
  return ROLE_SCOPES[role].includes(route.scope) ? 'through' : 403;
}

function outcomeOf(route: DeclaredRoute, statusCode: number): 'through' | number {
  // Signing in without a token in the body is refused by the route itself; what counts here is the door.
  if (route.scope === 'public') return statusCode === 401 || statusCode === 403 ? statusCode : 'through';
  return statusCode === 401 || statusCode === 403 || statusCode === 429 ? statusCode : 'through';
}

describe('access to every route by every kind of caller', async () => {
  const { routes } = await aFakeAgent();

  it('knows the routes', () => {
    const own = routes.filter((route) => route.url.startsWith('/v1/')).map((route) => `${route.method} ${route.url}`);
    expect(own.filter((route) => !route.startsWith('HEAD')).toSorted()).toMatchInlineSnapshot(`
      [
        "DELETE /v1/alerts/policies/:id",
        "DELETE /v1/calendars/:id",
        "DELETE /v1/channels/:id",
        "DELETE /v1/escalations/:id",
        "DELETE /v1/hooks/:id",
        "DELETE /v1/keys/:id",
        "DELETE /v1/maintenance-windows/:id",
        "DELETE /v1/people/:id",
        "DELETE /v1/routing/:id",
        "DELETE /v1/runbooks/:id",
        "DELETE /v1/session",
        "DELETE /v1/silences/:id",
        "DELETE /v1/sources/:id/exclusions/:exclusion",
        "DELETE /v1/teams/:id",
        "DELETE /v1/tokens/:id",
        "GET /v1/agent",
        "GET /v1/alerts",
        "GET /v1/alerts/policies",
        "GET /v1/alerts/policies/:id",
        "GET /v1/alerts/policies/export",
        "GET /v1/alerts/summary",
        "GET /v1/anomalies",
        "GET /v1/anomalies/:id",
        "GET /v1/audit",
        "GET /v1/calendars",
        "GET /v1/calendars/:id",
        "GET /v1/channels",
        "GET /v1/clusters",
        "GET /v1/clusters/:id",
        "GET /v1/config/export",
        "GET /v1/dead-letters",
        "GET /v1/escalations",
        "GET /v1/escalations/:id",
        "GET /v1/export",
        "GET /v1/health/map",
        "GET /v1/heartbeats",
        "GET /v1/hooks",
        "GET /v1/hooks/:id",
        "GET /v1/hooks/:id/runs",
        "GET /v1/incidents",
        "GET /v1/incidents/:id",
        "GET /v1/incidents/:id/analysis/preview",
        "GET /v1/incidents/timeline",
        "GET /v1/keys",
        "GET /v1/maintenance-windows",
        "GET /v1/maintenance-windows/:id",
        "GET /v1/me",
        "GET /v1/openapi.json",
        "GET /v1/page-budgets",
        "GET /v1/people",
        "GET /v1/people/:id",
        "GET /v1/rejections",
        "GET /v1/routing",
        "GET /v1/routing-notices",
        "GET /v1/routing/:id",
        "GET /v1/runbooks",
        "GET /v1/runbooks/:id",
        "GET /v1/session",
        "GET /v1/silences",
        "GET /v1/sources",
        "GET /v1/sources/:id/baselines",
        "GET /v1/sources/:id/exclusions",
        "GET /v1/sources/:id/expectation",
        "GET /v1/teams",
        "GET /v1/teams/:id",
        "GET /v1/templates",
        "GET /v1/templates/:id",
        "GET /v1/tokens",
        "PATCH /v1/clusters/:id",
        "PATCH /v1/keys/:id",
        "PATCH /v1/sources/:id",
        "PATCH /v1/templates/:id",
        "POST /v1/agent/canary",
        "POST /v1/alerts/:id/ack",
        "POST /v1/alerts/:id/assign",
        "POST /v1/alerts/:id/merge",
        "POST /v1/alerts/:id/notes",
        "POST /v1/alerts/:id/reopen",
        "POST /v1/alerts/:id/resolve",
        "POST /v1/alerts/:id/severity",
        "POST /v1/alerts/:id/silence",
        "POST /v1/alerts/:id/unack",
        "POST /v1/alerts/:id/unsilence",
        "POST /v1/alerts/ackAll",
        "POST /v1/alerts/policies",
        "POST /v1/alerts/policies/import",
        "POST /v1/alerts/policies:dryrun",
        "POST /v1/alerts:batch",
        "POST /v1/anomalies/:id/verdict",
        "POST /v1/calendars",
        "POST /v1/callbacks/pagerduty/:id",
        "POST /v1/callbacks/slack",
        "POST /v1/channels",
        "POST /v1/channels/:id:test",
        "POST /v1/clusters:merge",
        "POST /v1/clusters:split",
        "POST /v1/config/import",
        "POST /v1/escalations",
        "POST /v1/hooks",
        "POST /v1/incidents/:id/ack",
        "POST /v1/incidents/:id/analysis",
        "POST /v1/incidents/:id/assign",
        "POST /v1/incidents/:id/merge",
        "POST /v1/incidents/:id/notes",
        "POST /v1/incidents/:id/remediate",
        "POST /v1/incidents/:id/reopen",
        "POST /v1/incidents/:id/resolve",
        "POST /v1/incidents/:id/severity",
        "POST /v1/incidents/:id/silence",
        "POST /v1/incidents/:id/unack",
        "POST /v1/incidents/:id/unsilence",
        "POST /v1/incidents:batch",
        "POST /v1/keys",
        "POST /v1/keys/:id:rotate",
        "POST /v1/maintenance-windows",
        "POST /v1/people",
        "POST /v1/ranges:explain",
        "POST /v1/routing",
        "POST /v1/routing:explain",
        "POST /v1/runbooks",
        "POST /v1/runbooks/import",
        "POST /v1/search",
        "POST /v1/session",
        "POST /v1/silences",
        "POST /v1/silences:preview",
        "POST /v1/sources/:id/baselines/:version/revert",
        "POST /v1/sources/:id/exclusions",
        "POST /v1/sources/:id/relearn",
        "POST /v1/sources/:id/sensitivity:preview",
        "POST /v1/teams",
        "POST /v1/tokens",
        "PUT /v1/alerts/policies/:id",
        "PUT /v1/calendars/:id",
        "PUT /v1/channels/:id",
        "PUT /v1/escalations/:id",
        "PUT /v1/hooks/:id",
        "PUT /v1/maintenance-windows/:id",
        "PUT /v1/people/:id",
        "PUT /v1/routing/:id",
        "PUT /v1/runbooks/:id",
        "PUT /v1/teams/:id",
      ]
    `);
  });

  for (const route of routes) {
    const { api, agent } = await aFakeAgent();
    for (const caller of CALLERS) {
      it(`${route.method} ${route.url} (${route.scope}) by ${caller}: ${expectedOf(route, caller)}`, async () => {
        agent.calls.length = 0;
        const answer = await api.inject({
          method: route.method as 'GET',
          url: route.url.replace(/:id\b/, '01996f00-0000-7000-8000-000000000009').replace(/:file.*/, 'icon.svg'),
          headers: HEADERS[caller],
        });
        expect(outcomeOf(route, answer.statusCode)).toBe(expectedOf(route, caller));
        if (expectedOf(route, caller) !== 'through') expect(agent.calls).toEqual([]);
      });
    }
  }
});
