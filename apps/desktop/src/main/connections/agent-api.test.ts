import { MeSchema } from '@sentinellog/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askAgent } from './agent-api.ts';
import { networkFailure } from './network-failure.ts';
import { json, problem, startFakeAgent, TOKEN, type FakeAgent } from './testing/fake-agent.ts';

describe('asking an agent', () => {
  let agent: FakeAgent;
  beforeAll(async () => {
    agent = await startFakeAgent();
  });
  afterAll(() => agent.close());
  const ask = (path: string, token = TOKEN) =>
    askAgent(fetch, { origin: agent.url, token }, { method: 'GET', path, schema: MeSchema });

  it('gives what it answers, in its shape', async () => {
    expect(await ask('/v1/me')).toMatchObject({ ok: true, value: { name: 'anna', role: 'viewer' } });
    expect(agent.requests.at(-1)?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  it('tells a wrong token from everything else', async () => {
    expect(await ask('/v1/me', 'slt_wrong')).toMatchObject({
      ok: false,
      error: { code: 'wrong_token', retryable: false },
    });
  });

  it('passes on the agent’s own problems, cut to what a person reads', async () => {
    agent.on('/v1/problem', json(problem('overloaded', 503, 'x'.repeat(5000)), 503));
    const answer = await ask('/v1/problem');
    expect(answer).toMatchObject({ ok: false, error: { code: 'overloaded' } });
    expect(answer.ok ? '' : answer.error.detail).toHaveLength(301);
  });

  it.each([
    ['a page of some website', 200, '<!doctype html><title>Welcome to nginx!</title>'],
    ['JSON of another shape', 200, '{"name":5}'],
    ['a 404 of another server', 404, 'not found'],
    ['nothing', 200, ''],
  ])('recognises %s as not an agent', async (_what, status, body) => {
    agent.on('/v1/other', (_request, response) => response.writeHead(status).end(body));
    expect(await ask('/v1/other')).toMatchObject({ ok: false, error: { code: 'not_an_agent' } });
  });

  it('does not carry the token to where a redirect points', async () => {
    const thief = await startFakeAgent();
    agent.on('/v1/moved', (_request, response) => response.writeHead(302, { location: `${thief.url}/v1/me` }).end());
    expect(await ask('/v1/moved')).toMatchObject({ ok: false, error: { code: 'not_an_agent' } });
    expect(thief.requests).toEqual([]);
    await thief.close();
  });

  it('stops reading an answer without end', async () => {
    agent.on('/v1/endless', (_request, response) => {
      const chunk = Buffer.alloc(2 ** 20, ' ');
      const more = (): void => {
        while (response.write(chunk));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    expect(await ask('/v1/endless')).toMatchObject({ ok: false, error: { code: 'answer_too_large' } });
  });

  it('says that nothing listens, and that this may pass', async () => {
    const gone = await startFakeAgent();
    await gone.close();
    const answer = await askAgent(
      fetch,
      { origin: gone.url, token: TOKEN },
      { method: 'GET', path: '/v1/me', schema: MeSchema },
    );
    expect(answer).toMatchObject({ ok: false, error: { code: 'unreachable', retryable: true } });
    expect(answer.ok ? '' : answer.error.detail).toContain('nothing listens there');
  });
});

/** As fetch hides a socket's error. */
function hidden(code: string): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error('low'), { code }) });
}

describe('what went wrong on the network', () => {
  it.each([
    ['ENOTFOUND', 'unreachable', 'no such host'],
    ['ETIMEDOUT', 'timed_out', 'does not answer'],
    ['CERT_HAS_EXPIRED', 'tls', 'has expired'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', 'another host name'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls', 'self-signed'],
    ['ESOMETHINGNEW', 'unreachable', 'ESOMETHINGNEW'],
  ])('%s is %s', (code, expected, words) => {
    const { error } = networkFailure('https://eu.example.com', hidden(code));
    expect(error.code).toBe(expected);
    expect(error.detail).toContain(`https://eu.example.com: `);
    expect(error.detail).toContain(words);
  });

  it('is found among several tried addresses', () => {
    const each = Object.assign(new Error('low'), { code: 'ECONNREFUSED' });
    const { error } = networkFailure(
      'https://eu.example.com',
      new TypeError('fetch failed', { cause: new AggregateError([each]) }),
    );
    expect(error.detail).toContain('nothing listens there');
  });
});
