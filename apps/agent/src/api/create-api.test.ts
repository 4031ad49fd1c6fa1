import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProblemSchema, RequestError } from '@sentinellog/shared';
import fastify from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../telemetry/log.ts';
import type { Api } from './api.ts';
import { requireScopes } from './route-scopes.ts';
import { aFakeAgent, bearer, HEALTH, TOKENS } from './testing/fake-agent.ts';

const admin = bearer(TOKENS.admin);

describe('a route without a scope', () => {
  it.each([
    ['nothing', '{}'],
    ['a scope that does not exist', '{"scope":"everything"}'],
  ])('stops the start: it says %s', (_what, config) => {
    const api: Api = fastify({ loggerInstance: createLog('silent') }).withTypeProvider<ZodTypeProvider>();
    requireScopes(api);
    const register = () => api.get('/v1/open-by-oversight', { config: JSON.parse(config) }, () => 'secret');
    expect(register).toThrow(/route GET \/v1\/open-by-oversight declares no scope/);
  });
});

describe('every error', () => {
  it.each([
    ['an unknown path', { url: '/v1/nothing' }, 404, 'not_found'],
    ['an unknown method', { method: 'PUT', url: '/v1/sources' }, 405, 'method_not_allowed'],
    ['an unknown method of one object', { method: 'POST', url: '/v1/anomalies/abc' }, 405, 'method_not_allowed'],
    ['no credential', { url: '/v1/sources', headers: {} }, 401, 'unauthenticated'],
    ['a wrong token', { url: '/v1/sources', headers: bearer('slt_guess') }, 401, 'unauthenticated'],
    ['too small a role', { url: '/v1/keys', headers: bearer(TOKENS.viewer) }, 403, 'forbidden'],
    ['an id that is no id', { url: '/v1/anomalies/..%2f..%2fetc%2fpasswd' }, 404, 'not_found'],
    ['an id with a NUL', { url: '/v1/anomalies/%00' }, 404, 'not_found'],
    ['an id as long as a book', { url: `/v1/anomalies/${'9'.repeat(3000)}` }, 404, 'not_found'],
    ['a broken percent sign', { url: '/v1/anomalies/%zz' }, 400, 'invalid_request'],
    ['an unknown query field', { url: '/v1/heartbeats?stepp=1s' }, 400, 'invalid_request'],
    ['a step that is none', { url: '/v1/heartbeats?step=fast' }, 400, 'invalid_request'],
    ['a time that is none', { url: '/v1/heartbeats?from=yesterday' }, 400, 'invalid_request'],
    ['a range the wrong way round', { url: '/v1/heartbeats?from=2000&to=1000' }, 400, 'invalid_request'],
    ['a source that is not known', { url: '/v1/heartbeats?source=nobody' }, 404, 'not_found'],
    ['a page of a billion', { url: '/v1/anomalies?limit=1000000000' }, 400, 'invalid_request'],
    ['half a JSON body', { method: 'POST', url: '/v1/keys', payload: '{"name":' }, 400, 'invalid_json'],
    ['no body', { method: 'POST', url: '/v1/keys', payload: '' }, 400, 'invalid_json'],
    [
      'a body of another kind',
      { method: 'POST', url: '/v1/keys', payload: '<a/>', type: 'text/xml' },
      415,
      'unsupported_media_type',
    ],
    [
      'a body that is too large',
      { method: 'POST', url: '/v1/keys', payload: `"${'x'.repeat(70_000)}"` },
      413,
      'body_too_large',
    ],
    [
      'an unknown body field',
      { method: 'POST', url: '/v1/keys', payload: '{"name":"a","hash":"x"}' },
      400,
      'invalid_request',
    ],
    [
      'a poisoned body',
      { method: 'POST', url: '/v1/keys', payload: '{"name":"a","__proto__":{"role":"admin"}}' },
      400,
      'invalid_json',
    ],
    ['a body of another shape', { method: 'POST', url: '/v1/keys', payload: '["a"]' }, 400, 'invalid_request'],
    [
      'a role that does not exist',
      { method: 'POST', url: '/v1/tokens', payload: '{"name":"a","role":"root"}' },
      400,
      'invalid_request',
    ],
    [
      'a time zone that does not exist',
      { method: 'PATCH', url: '/v1/sources/x', payload: '{"time_zone":"Mars/Base"}' },
      400,
      'invalid_request',
    ],
    [
      'a source id to change it by that is none',
      { method: 'PATCH', url: '/v1/sources/x', payload: '{"sensitivity":"low"}' },
      404,
      'not_found',
    ],
    ['the last admin token', { method: 'DELETE', url: '/v1/tokens/tok-admin' }, 400, 'invalid_request'],
    ['a key to revoke that is none', { method: 'DELETE', url: '/v1/keys/other' }, 404, 'not_found'],
  ] as const)('is a problem document: %s', async (_what, request, status, code) => {
    const { api } = await aFakeAgent();
    const answer = await api.inject({
      method: 'method' in request ? request.method : 'GET',
      url: request.url,
      headers: {
        ...('headers' in request ? request.headers : admin),
        ...('payload' in request && { 'content-type': 'type' in request ? request.type : 'application/json' }),
      },
      ...('payload' in request && { payload: request.payload }),
    });
    expect(answer.headers['content-type']).toBe('application/problem+json');
    const body = ProblemSchema.parse(answer.json());
    expect([answer.statusCode, body.code, body.status]).toEqual([status, code, status]);
    expect(body.request_id).toBe(answer.headers['x-request-id']);
    expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Bearer realm="sentinellog"' : undefined);
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    await api.close();
  });

  it('never says back what was sent', async () => {
    const { api } = await aFakeAgent();
    const marked = 'x<script>marked';
    const answers = await Promise.all([
      api.inject({ url: `/v1/${encodeURIComponent(marked)}`, headers: admin }),
      api.inject({ url: `/v1/heartbeats?source=${encodeURIComponent(marked)}`, headers: admin }),
      api.inject({ url: `/v1/heartbeats?${encodeURIComponent(marked)}=1`, headers: admin }),
      api.inject({
        method: 'POST',
        url: '/v1/keys',
        headers: admin,
        payload: { [marked]: marked, name: marked.repeat(20) },
      }),
      api.inject({ method: 'POST', url: '/v1/tokens', headers: admin, payload: { name: 'a', role: marked } }),
      api.inject({ method: 'POST', url: '/v1/session', payload: { token: marked } }),
    ]);
    for (const answer of answers) {
      expect(answer.statusCode).toBeGreaterThanOrEqual(400);
      expect(answer.body).not.toContain('marked');
    }
    await api.close();
  });

  it('of the agent itself is logged in full and answered without a word about the inside', async () => {
    const { api, agent } = await aFakeAgent({
      keys: {
        list: () => Promise.reject(new Error('relation "ingest_keys" does not exist')),
        create: () => Promise.reject(new Error('unused')),
        rotate: () => Promise.reject(new Error('unused')),
        limit: () => Promise.reject(new Error('unused')),
        revoke: () => Promise.reject(new Error('unused')),
      },
    });
    const answer = await api.inject({ url: '/v1/keys', headers: admin });
    expect(answer.json()).toMatchObject({ status: 500, code: 'internal', retryable: false });
    expect(answer.body).not.toContain('ingest_keys');
    expect(agent.logLines.join('')).toContain('ingest_keys');
    await api.close();
  });

  it('that passes by itself may be tried again after a second', async () => {
    const { api, agent } = await aFakeAgent();
    agent.storeDown = true;
    const answer = await api.inject({ url: '/v1/anomalies', headers: admin });
    expect(answer.json()).toMatchObject({
      status: 503,
      code: 'storage_unavailable',
      retryable: true,
      retry_after_ms: 1000,
    });
    expect(answer.headers['retry-after']).toBe('1');
    await api.close();
  });

  it('is a problem document on the bare socket too, when the bytes are not HTTP', async () => {
    let server: Server | undefined;
    const { api } = await aFakeAgent({ serverFactory: (handler) => (server = createServer(handler)) });
    await api.listen({ host: '127.0.0.1', port: 0 });
    const address = server!.address();
    if (address === null || typeof address === 'string') throw new Error('not listening on a port');
    const socket = connect(address.port, '127.0.0.1');
    socket.end('SSH-2.0-OpenSSH_9.2\r\n\r\n');
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    await once(socket, 'close');
    const [head, body] = text.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 400 Bad Request/);
    expect(ProblemSchema.parse(JSON.parse(body)).code).toBe('invalid_request');
    await api.close();
  });
});

describe('turning a caller away', () => {
  it('is logged with who and where, and counted by reason', async () => {
    const { api, agent, authFailures } = await aFakeAgent();
    await api.inject({ url: '/v1/keys', headers: bearer(TOKENS.viewer) });
    await api.inject({ url: '/v1/keys', headers: bearer(TOKENS.revoked) });
    await api.inject({ url: '/v1/keys' });
    expect(agent.logLines.map((line) => JSON.parse(line)).filter((line) => line.event !== undefined)).toMatchObject([
      {
        event: 'access.denied',
        request_id: 'req-1',
        reason: 'scope',
        route: '/v1/keys',
        token_id: 'tok-viewer',
        role: 'viewer',
      },
      { event: 'access.denied', reason: 'revoked', route: '/v1/keys' },
      { event: 'access.denied', reason: 'missing', route: '/v1/keys' },
    ]);
    expect(authFailures.all).toMatchObject({ scope: 1, revoked: 1, missing: 1 });
    await api.close();
  });

  it('ends in 429 for an address that keeps guessing, while a right token still gets in', async () => {
    const { api } = await aFakeAgent();
    const statuses: number[] = [];
    for (let i = 0; i < 12; i++) {
      statuses.push((await api.inject({ url: '/v1/me', headers: bearer(`slt_guess_${i}`) })).statusCode);
    }
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429]);
    expect((await api.inject({ url: '/v1/me', headers: admin })).statusCode).toBe(200);
    await api.close();
  });
});

describe('probes', () => {
  it('say alive, ready and degraded, each for itself', async () => {
    const { api, agent } = await aFakeAgent();
    expect((await api.inject('/livez')).json()).toEqual({ status: 'alive' });
    expect((await api.inject('/readyz')).json()).toEqual({ status: 'ready', degraded: [] });
    agent.health = { ...HEALTH, state: 'degraded', degraded: ['postgres'] };
    expect((await api.inject('/readyz')).json()).toEqual({ status: 'degraded', degraded: ['postgres'] });
    agent.notReady = ['the journal volume is 93 % full', 'the agent is draining'];
    const unready = await api.inject('/readyz');
    expect(unready.json()).toMatchObject({
      status: 503,
      code: 'not_ready',
      detail: 'the journal volume is 93 % full; the agent is draining',
    });
    expect((await api.inject('/livez')).statusCode).toBe(200);
    expect((await api.inject('/metrics')).headers['content-type']).toMatch(/^text\/plain/);
    await api.close();
  });
});

describe('resources', () => {
  it('tell the caller who they are and what they may do', async () => {
    const { api } = await aFakeAgent();
    const answer = await api.inject({ url: '/v1/me', headers: bearer(TOKENS.operator) });
    expect(answer.json()).toEqual({
      name: 'Otto',
      role: 'operator',
      scopes: ['read', 'alert.read', 'policy.read', 'alert.write'],
    });
    await api.close();
  });

  it('change a source in the name of the caller', async () => {
    const { api, agent } = await aFakeAgent();
    const answer = await api.inject({
      method: 'PATCH',
      url: '/v1/sources/01996f00-0000-7000-8000-000000000001',
      headers: admin,
      payload: { sensitivity: 'low', time_zone: 'Europe/Berlin' },
    });
    expect(answer.json()).toMatchObject({ sensitivity: 'low', time_zone: 'Europe/Berlin' });
    expect(agent.calls).toMatchObject([{ actor: 'Ada', patch: { sensitivity: 'low', time_zone: 'Europe/Berlin' } }]);
    await api.close();
  });

  it('list templates of a source, and the past of one as columns', async () => {
    const { api } = await aFakeAgent();
    const get = (url: string) => api.inject({ url, headers: bearer(TOKENS.viewer) });
    expect((await get('/v1/templates?source=payment-service&order=rarest')).json()).toMatchObject({ total: 1 });
    expect((await get('/v1/templates?source=nobody')).statusCode).toBe(404);
    const past = await get('/v1/templates/00c0ffee00c0ffee?from=1767225600000&to=1767225900000&step=1m');
    expect(past.json()).toMatchObject({
      step_seconds: 60,
      columns: [
        [1_767_225_600, 1_767_225_660, 1_767_225_720, 1_767_225_780, 1_767_225_840],
        [3, 0, 0, 0, 4],
      ],
    });
    expect((await get('/v1/templates/00c0ffee00c0ffee?step=1fortnight')).statusCode).toBe(400);
    expect((await get('/v1/templates/00c0ffee00c0ffee?from=0&step=1s')).statusCode).toBe(400);
    expect((await get('/v1/templates/ffffffffffffffff')).statusCode).toBe(404);
    await api.close();
  });

  it('show a new key once, pinned to the source it was made for', async () => {
    const { api, agent } = await aFakeAgent();
    const made = await api.inject({
      method: 'POST',
      url: '/v1/keys',
      headers: admin,
      payload: { name: 'orders', source: 'order-service' },
    });
    expect(made.statusCode).toBe(201);
    expect(made.json()).toMatchObject({ key: 'slk_only_once', service: 'order-service' });
    expect(agent.calls).toEqual([{ input: { name: 'orders', service: 'order-service' }, actor: 'Ada' }]);
    expect((await api.inject({ url: '/v1/keys', headers: admin })).body).not.toContain('slk_');
    expect((await api.inject({ method: 'DELETE', url: '/v1/keys/key-1', headers: admin })).statusCode).toBe(204);
    await api.close();
  });

  it('rotate a key with a grace of a day, or of as long as is asked for', async () => {
    const { api, agent } = await aFakeAgent();
    const rotate = (payload: object) =>
      api.inject({ method: 'POST', url: '/v1/keys/key-1:rotate', headers: admin, payload });
    const made = await rotate({});
    expect([made.statusCode, made.json()]).toMatchObject([201, { key_id: 'key-3', key: 'slk_successor' }]);
    expect((await rotate({ grace_hours: 0 })).statusCode).toBe(201);
    expect((await rotate({ grace_hours: 721 })).statusCode).toBe(400);
    expect(agent.calls).toEqual([
      { rotate: 'key-1', graceMs: 86_400_000 },
      { rotate: 'key-1', graceMs: 0 },
    ]);
    const unknown = { method: 'POST', url: '/v1/keys/other:rotate', headers: admin, payload: {} } as const;
    expect((await api.inject(unknown)).statusCode).toBe(404);
    await api.close();
  });

  it('change the limits of a key, and nothing else of it', async () => {
    const { api, agent } = await aFakeAgent();
    const patch = (payload: object) => api.inject({ method: 'PATCH', url: '/v1/keys/key-1', headers: admin, payload });
    expect((await patch({ events_per_second: 500, bytes_per_day: null })).statusCode).toBe(200);
    expect(agent.calls).toEqual([{ limit: 'key-1', limits: { events_per_second: 500, bytes_per_day: null } }]);
    expect((await patch({ events_per_second: 0 })).statusCode).toBe(400);
    expect((await patch({ tenant: 'other' })).statusCode).toBe(400);
    await api.close();
  });

  it('pass a page of anomalies on, with its bounds and cursor', async () => {
    const { api, agent } = await aFakeAgent();
    const answer = await api.inject({
      url: '/v1/anomalies?source=payment-service&from=2026-01-01T00:00:00Z&to=1767229200000&limit=5&cursor=abc',
      headers: admin,
    });
    expect(answer.json()).toMatchObject({ next_cursor: 'next', anomalies: [{ service: 'payment-service' }] });
    expect(agent.calls).toEqual([
      {
        limit: 5,
        sourceId: '01996f00-0000-7000-8000-000000000001',
        fromMs: 1_767_225_600_000,
        toMs: 1_767_229_200_000,
        cursor: 'abc',
      },
    ]);
    await api.close();
  });

  it('show an anomaly with at least five minutes of heartbeat on either side, in steps of its window', async () => {
    const { api, agent } = await aFakeAgent();
    const answer = await api.inject({
      url: '/v1/anomalies/01996f00-0000-7000-8000-00000000000a',
      headers: admin,
    });
    expect(answer.json()).toMatchObject({ deviation_score: 14.2, step_seconds: 10, receipt: { z: 14.2 } });
    expect(agent.cuts).toMatchObject([{ level: 0, fromSecond: 1_767_229_190 - 300, toSecond: 1_767_229_200 + 300 }]);
    await api.close();
  });

  it('have no anomaly where the store has none', async () => {
    const { api, agent } = await aFakeAgent();
    agent.anomaly = null;
    const url = '/v1/anomalies/01996f00-0000-7000-8000-00000000000a';
    expect((await api.inject({ url, headers: admin })).statusCode).toBe(404);
    await api.close();
  });

  it('list what was refused', async () => {
    const { api } = await aFakeAgent();
    const letters = await api.inject({ url: '/v1/dead-letters?limit=5', headers: admin });
    expect(letters.json()).toMatchObject({ dead_letters: [{ id: 7, code: 'schema_violation' }], next_cursor: null });
    const answer = await api.inject({ url: '/v1/rejections', headers: admin });
    expect(answer.json()).toMatchObject({ rejections: [{ code: 'invalid_json', remote: '203.0.113.7' }] });
    await api.close();
  });

  it('are described, each with its scope, in the OpenAPI document and on the page for people', async () => {
    const { api, routes } = await aFakeAgent();
    const document = (await api.inject('/v1/openapi.json')).json<{
      openapi: string;
      paths: Record<string, Record<string, { 'x-scope': string; summary: string }>>;
    }>();
    expect(document.openapi).toBe('3.1.0');
    const page = await api.inject('/docs');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    for (const { method, url, scope } of routes.filter(
      (route) => route.url.startsWith('/v1/') && route.method !== 'HEAD',
    )) {
      const operation = document.paths[url.replaceAll(/\/:(\w+)/g, '/{$1}')]?.[method.toLowerCase()];
      expect(operation, `${method} ${url}`).toMatchObject({ 'x-scope': scope });
      expect(page.body).toContain(`${method} ${url}`);
    }
    await api.close();
  });
});

describe('the browser console', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'console-'));
    await mkdir(join(directory, 'web', 'assets'), { recursive: true });
    await writeFile(join(directory, 'web', 'index.html'), '<!doctype html><title>SentinelLog</title>');
    await writeFile(join(directory, 'web', 'assets', 'main-B7x2.js'), 'export {};');
    await writeFile(join(directory, 'web', 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    await writeFile(join(directory, 'web', '.env'), 'SECRET=outside');
    await writeFile(join(directory, 'web', 'assets', '.map'), 'left outside the build by mistake');
    await writeFile(join(directory, 'secret.txt'), 'outside');
  });
  afterAll(() => rm(directory, { recursive: true }));
  const withConsole = () => aFakeAgent({ consoleDirectory: join(directory, 'web') });

  it('comes with a policy that allows its own files and nothing inline, and is never cached', async () => {
    const { api } = await withConsole();
    const page = await api.inject('/');
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('SentinelLog');
    expect(page.headers['cache-control']).toBe('no-store');
    expect(page.headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
        "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    );
    await api.close();
  });

  it('lets hashed files be kept for ever and icons for an hour', async () => {
    const { api } = await withConsole();
    const script = await api.inject('/assets/main-B7x2.js');
    expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(script.headers['content-type']).toMatch(/javascript/);
    expect((await api.inject('/icon.svg')).headers['cache-control']).toBe('public, max-age=3600');
    await api.close();
  });

  it.each([
    '/assets/../../secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/assets/....//secret.txt',
    '/assets/%00',
    '/assets//etc/passwd',
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/.env',
    '/assets/.map',
    '/index.html%00.svg',
  ])('gives nothing from outside its folder: %s', async (url) => {
    const { api } = await withConsole();
    const answer = await api.inject(url);
    expect([400, 403, 404]).toContain(answer.statusCode);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.body).not.toContain('outside');
    await api.close();
  });

  it('says how to build it when it is not there', async () => {
    const { api } = await aFakeAgent();
    const page = await api.inject('/');
    expect(page.statusCode).toBe(503);
    expect(page.body).toContain('npm run build');
    await api.close();
  });
});

describe('a console session', () => {
  const host = '127.0.0.1:7700';
  const own = { host, origin: `http://${host}` };

  async function signedIn(token: string = TOKENS.admin) {
    const fake = await aFakeAgent();
    const answer = await fake.api.inject({ method: 'POST', url: '/v1/session', headers: own, payload: { token } });
    const setCookie = String(answer.headers['set-cookie']);
    return { ...fake, answer, setCookie, cookie: setCookie.split(';')[0] };
  }

  it('is a cookie that scripts cannot read and other sites cannot send, and is not the token', async () => {
    const { api, answer, setCookie } = await signedIn();
    expect(answer.json()).toMatchObject({ name: 'Ada', role: 'admin' });
    expect(setCookie).toMatch(
      /^sentinellog_0000000000ff=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/,
    );
    expect(setCookie).not.toContain(TOKENS.admin);
    await api.close();
  });

  it('reads, and changes things from its own page only', async () => {
    const { api, cookie } = await signedIn();
    const change = { method: 'POST', url: '/v1/keys', payload: { name: 'a' } } as const;
    expect((await api.inject({ url: '/v1/me', headers: { host, cookie } })).json()).toMatchObject({ name: 'Ada' });
    expect((await api.inject({ url: '/v1/session', headers: { host, cookie } })).json()).toMatchObject({ name: 'Ada' });
    expect((await api.inject({ ...change, headers: { ...own, cookie } })).statusCode).toBe(201);
    expect((await api.inject({ ...change, headers: { host, cookie } })).statusCode).toBe(403);
    const otherPort = { host, origin: 'http://127.0.0.1:9999', cookie };
    expect((await api.inject({ ...change, headers: otherPort })).statusCode).toBe(403);
    await api.close();
  });

  it('ends by signing out, by twelve hours, and with its token', async () => {
    const out = await signedIn();
    const signOut = { method: 'DELETE', url: '/v1/session' } as const;
    expect((await out.api.inject({ ...signOut, headers: { host, cookie: out.cookie } })).statusCode).toBe(403);
    const cleared = await out.api.inject({ ...signOut, headers: { ...own, cookie: out.cookie } });
    expect([cleared.statusCode, cleared.headers['set-cookie']]).toEqual([204, expect.stringContaining('Max-Age=0')]);
    const me = (fake: Awaited<ReturnType<typeof signedIn>>) =>
      fake.api.inject({ url: '/v1/me', headers: { host, cookie: fake.cookie } });
    expect((await me(out)).json()).toMatchObject({ code: 'unauthenticated' });

    const late = await signedIn();
    late.agent.nowMs += 12 * 3600 * 1000 - 1;
    expect((await me(late)).statusCode).toBe(200);
    late.agent.nowMs += 1;
    expect((await me(late)).statusCode).toBe(401);
    // A page that asks before it signs in has made no mistake.
    const asked = await late.api.inject({ url: '/v1/session', headers: { host, cookie: late.cookie } });
    expect([asked.statusCode, asked.body]).toEqual([204, '']);

    const revoked = await signedIn();
    revoked.agent.revoked.add('tok-admin');
    expect((await me(revoked)).statusCode).toBe(401);
    await Promise.all([out.api.close(), late.api.close(), revoked.api.close()]);
  });

  it('is not started by a wrong token, by another site, or by guessing on and on', async () => {
    const { api, answer } = await signedIn('slt_guess');
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['set-cookie']).toBeUndefined();
    const signIn = { method: 'POST', url: '/v1/session' } as const;
    const fromElsewhere = { host, origin: 'https://evil.test' };
    const elsewhere = await api.inject({ ...signIn, headers: fromElsewhere, payload: { token: TOKENS.admin } });
    expect(elsewhere.statusCode).toBe(403);
    for (let i = 0; i < 9; i++) await api.inject({ ...signIn, headers: own, payload: { token: 'slt_guess' } });
    const tooMany = await api.inject({ ...signIn, headers: own, payload: { token: 'slt_guess' } });
    expect(tooMany.json()).toMatchObject({ status: 429, code: 'rate_limited', retryable: true });
    await api.close();
  });

  it('does not sign out whoever has no session', async () => {
    const { api } = await aFakeAgent();
    expect((await api.inject({ method: 'DELETE', url: '/v1/session' })).statusCode).toBe(204);
    await api.close();
  });
});

describe('an error of a resource', () => {
  it('keeps its code when the store says what is wrong', async () => {
    const { api } = await aFakeAgent({
      anomalies: {
        page: () => Promise.reject(new RequestError('invalid_request', 'the cursor is not one of ours')),
        one: () => Promise.resolve(null),
      },
    });
    const answer = await api.inject({ url: '/v1/anomalies?cursor=zzz', headers: admin });
    expect(answer.json()).toMatchObject({ status: 400, detail: 'the cursor is not one of ours' });
    await api.close();
  });
});
