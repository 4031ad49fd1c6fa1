import type { AgentMessage } from '@sentinellog/shared';
import { aSource } from '@sentinellog/shared/testing';
import { describe, expect, it } from 'vitest';
import type { SocketHandlers } from '../bridge/agent-connection.ts';
import type { BridgeEvent } from '../bridge/events.ts';
import { BrowserBridge } from './browser-bridge.ts';

const ME = { name: 'admin', role: 'admin', scopes: ['read', 'admin'] };
const SIGN_IN_FIRST = {
  type: 'https://sentinellog.dev/errors/unauthenticated',
  code: 'unauthenticated',
  title: 'A valid key or token is needed',
  status: 401,
  detail: 'sign in first',
  retryable: false,
  request_id: 'r1',
};

type Answers = Record<string, () => Response>;

function aBridge(answers: Answers) {
  const asked: { readonly call: string; readonly body: unknown }[] = [];
  const sockets: { readonly url: string; readonly handlers: SocketHandlers; sent: unknown[] }[] = [];
  const events: BridgeEvent[] = [];
  const bridge = new BrowserBridge({
    origin: 'https://eu.example:8400',
    version: '0.1.0',
    fetch: async (path, init) => {
      const call = `${init.method} ${path}`;
      asked.push({ call, body: typeof init.body === 'string' ? JSON.parse(init.body) : undefined });
      const answer = Object.entries(answers).find(([start]) => call.startsWith(start))?.[1];
      if (answer === undefined) throw new TypeError('Failed to fetch');
      return answer();
    },
    openSocket: (url, handlers) => {
      const socket = { url, handlers, sent: [] as unknown[] };
      sockets.push(socket);
      return { send: (text) => socket.sent.push(JSON.parse(text)), close: () => undefined };
    },
    now: () => 1_767_229_200_000,
    setTimer: () => () => undefined,
    random: () => 0.5,
  });
  bridge.onEvent((event) => events.push(event));
  return { bridge, asked, sockets, events };
}

const NOBODY = () => new Response(null, { status: 204 });

const json =
  (body: unknown, status = 200) =>
  () =>
    Response.json(body, { status });
const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

const HELLO: AgentMessage = {
  type: 'hello',
  protocol: 1,
  session: 's',
  seq: 0,
  now_ms: 1_767_229_200_000,
  agent: { agent_id: 'a', name: 'frankfurt', code: 'FRA', version: '0.1.0', started_at_ms: 0 },
  role: 'admin',
  scopes: ['read'],
};

describe('BrowserBridge', () => {
  it('shows the door when there is no session', async () => {
    const { bridge, sockets } = aBridge({ 'GET /v1/session': NOBODY });
    expect(await bridge.listAgents()).toEqual([]);
    expect(sockets).toHaveLength(0);
  });

  it('goes on with the session of an earlier visit', async () => {
    const { bridge, sockets } = aBridge({ 'GET /v1/session': json(ME) });
    expect(await bridge.listAgents()).toMatchObject([{ agentId: 'this-agent', url: 'https://eu.example:8400' }]);
    expect(sockets[0]?.url).toBe('wss://eu.example:8400/v1/stream');
  });

  it('hands the token over once, for a cookie, and never to the stream', async () => {
    const { bridge, asked, sockets } = aBridge({ 'POST /v1/session': json(ME) });
    const answer = await bridge.addAgent({ url: '', token: 'slt_secret' });
    expect(answer.ok).toBe(true);
    expect(asked).toEqual([{ call: 'POST /v1/session', body: { token: 'slt_secret' } }]);
    sockets[0]!.handlers.onOpen();
    expect(sockets[0]!.sent).toEqual([{ type: 'hello', protocol: 1, token: '' }]);
  });

  it('passes on in words why a token was not taken', async () => {
    const { bridge, sockets } = aBridge({
      'POST /v1/session': json({ ...SIGN_IN_FIRST, detail: 'this access token is not known here' }, 401),
    });
    expect(await bridge.addAgent({ url: '', token: 'wrong' })).toEqual({
      ok: false,
      error: { code: 'unauthenticated', detail: 'this access token is not known here', retryable: false },
    });
    expect(sockets).toHaveLength(0);
  });

  it('names the agent as it names itself', async () => {
    const { bridge, sockets, events } = aBridge({ 'GET /v1/session': json(ME) });
    await bridge.listAgents();
    sockets[0]!.handlers.onOpen();
    sockets[0]!.handlers.onMessage(JSON.stringify(HELLO));
    expect(await bridge.listAgents()).toMatchObject([{ name: 'frankfurt', code: 'FRA', connection: { type: 'open' } }]);
    expect(
      events.every((event) => event.type === 'agents' || event.type === 'link' || event.agentId === 'this-agent'),
    ).toBe(true);
  });

  it('goes back to the door when the session has ended', async () => {
    let signedIn = true;
    const { bridge, sockets, events } = aBridge({
      'GET /v1/session': () => (signedIn ? Response.json(ME) : NOBODY()),
    });
    await bridge.listAgents();
    signedIn = false;
    sockets[0]!.handlers.onClose(4401, 'sign in first');
    await settle();
    expect(events.at(-1)).toEqual({ type: 'agents', agents: [] });
    expect(await bridge.listAgents()).toEqual([]);
  });

  it('signs out at the agent first, and stays when that fails', async () => {
    const offline = aBridge({ 'GET /v1/session': json(ME) });
    await offline.bridge.listAgents();
    expect(await offline.bridge.signOut()).toMatchObject({ ok: false, error: { code: 'unreachable' } });
    expect(offline.events.some((event) => event.type === 'agents')).toBe(false);
    const online = aBridge({
      'GET /v1/session': json(ME),
      'DELETE /v1/session': () => new Response(null, { status: 204 }),
    });
    await online.bridge.listAgents();
    expect(await online.bridge.signOut()).toEqual({ ok: true, value: null });
  });

  it('asks for heartbeats in the words of the API', async () => {
    const { bridge, asked } = aBridge({});
    const answer = await bridge.heartbeats({
      agentId: 'this-agent',
      sources: ['a', 'b'],
      signal: 'error_rate',
      fromMs: 1000,
      toMs: 61_000,
      stepSeconds: 60,
    });
    expect(asked[0]?.call).toBe('GET /v1/heartbeats?signal=error_rate&from=1000&to=61000&step=60s&source=a&source=b');
    expect(answer).toMatchObject({ ok: false, error: { code: 'unreachable', retryable: true } });
  });

  it('trusts no answer that is not of the contract', async () => {
    const { bridge } = aBridge({ 'PATCH /v1/sources/': json({ ...aSource(), sensitivity: 'extreme' }) });
    const answer = await bridge.patchSource({ agentId: 'this-agent', sourceId: 'p', patch: { sensitivity: 'high' } });
    expect(answer).toMatchObject({ ok: false, error: { code: 'invalid_answer' } });
  });

  it('survives a proxy that answers with a page', async () => {
    const { bridge } = aBridge({ 'GET /v1/anomalies': () => new Response('<h1>502</h1>', { status: 502 }) });
    expect(await bridge.anomalies({ agentId: 'this-agent', fromMs: 0, toMs: 1 })).toEqual({
      ok: false,
      error: { code: 'http_502', detail: 'The agent answered with status 502', retryable: false },
    });
  });
});
