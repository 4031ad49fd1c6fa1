import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AgentHealth, type Anomaly, type Incident, type Beat, type Source } from '@sentinellog/shared';
import { anAnomaly, anIncident, aSource } from '@sentinellog/shared/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Caller } from '../pipeline/caller.ts';
import { FailureBucket, LOGIN_LENIENCY } from '../pipeline/failure-bucket.ts';
import { AuthFailureCounts } from '../telemetry/auth-failures.ts';
import { createLog } from '../telemetry/log.ts';
import { createStream, DEFAULT_STREAM_LIMITS, type StreamLimits } from './create-stream.ts';
import { FakeConsole } from './testing/fake-console.ts';

const VERA: Caller = { tokenId: 'tok-vera', name: 'Vera', role: 'viewer' };
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A stream on a real server; `callers` is who may come in, by token, and can be changed as it goes. */
async function aStream(
  limits: Partial<StreamLimits> = {},
  allowedOrigins: readonly string[] = [],
  { unlimitedTalk = false } = {},
) {
  let fastClockMs = Date.now();
  const callers = new Map<string, Caller>([['slt_vera', VERA]]);
  const sessions = new Map<string, Caller>([['session=vera', VERA]]);
  const state = { sources: [aSource()] as Source[], anomalies: [] as Anomaly[], incidents: [] as Incident[] };
  const authFailures = new AuthFailureCounts();
  const stream = createStream({
    // A clock that leaps lets a console say as much as it likes.
    now: () => (unlimitedTalk ? (fastClockMs += 1000) : Date.now()),
    session: 'run-1',
    agent: () => ({ agent_id: 'agent-1', name: 'Test', code: 'EU', version: '0.1.0', started_at_ms: 0 }),
    snapshot: () => state,
    tokens: {
      verify: (token) => {
        const caller = callers.get(token);
        return caller ? { type: 'ok', ...caller } : { type: 'unknown' };
      },
      current: (tokenId) => [...callers.values()].find((caller) => caller.tokenId === tokenId) ?? null,
    },
    callerOfCookie: (cookie) => sessions.get(cookie ?? '') ?? null,
    allowedOrigins,
    failures: new FailureBucket(() => 0, LOGIN_LENIENCY),
    authFailures,
    onSignIn: () => undefined,
    log: createLog('silent'),
    chance: () => 0.5,
    limits: { ...DEFAULT_STREAM_LIMITS, recheckMs: 20, ...limits },
  });
  const server = createServer();
  server.on('upgrade', (request, socket, head) => stream.handleUpgrade(request, socket, head));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  const host = `127.0.0.1:${address.port}`;
  cleanups.push(() => {
    stream.close();
    server.close();
    server.closeAllConnections();
  });

  const dial = (options: ConstructorParameters<typeof FakeConsole>[1] = {}, path = '/v1/stream') => {
    const console = new FakeConsole(`ws://${host}${path}`, options);
    cleanups.push(() => console.close());
    return console;
  };
  /** A console that has said hello and follows anomalies. */
  const follow = async (resume?: { session: string; seq: number }) => {
    const console = await dial().opened();
    console.hello('slt_vera', resume);
    console.subscribe('anomalies');
    await console.until('subscribed');
    return console;
  };
  return { stream, callers, sessions, state, authFailures, host, dial, follow };
}

function anomalyNo(n: number): Anomaly {
  return anAnomaly({ event_id: `01996f00-0000-7000-8000-${String(n).padStart(12, '0')}` });
}

function beatsOf(count: number, second = 0): Beat[] {
  return Array.from({ length: count }, (_, i) => ({
    source_id: `source-${i}`,
    t: second,
    value: i,
    mean: 1.5,
    lower: 0,
    upper: 9,
  }));
}

describe('getting onto the stream', () => {
  it.each(['/v1/stream', '/v1/events/stream', '/v1/stream?x=1'])(
    'works at %s, with a hello, and starts with a snapshot',
    async (path) => {
      const { dial, state } = await aStream();
      state.anomalies = [anomalyNo(1)];
      state.incidents = [anIncident()];
      const console = await dial({}, path).opened();
      console.hello('slt_vera');
      await console.until('snapshot');
      expect(console.got('hello')).toMatchObject([
        {
          session: 'run-1',
          seq: 0,
          role: 'viewer',
          scopes: ['read', 'alert.read', 'policy.read'],
          agent: { code: 'EU' },
        },
      ]);
      expect(console.got('snapshot')).toEqual([
        { type: 'snapshot', seq: 0, sources: [aSource()], anomalies: [anomalyNo(1)], incidents: [anIncident()] },
      ]);
    },
  );

  it('is over without a hello in time', async () => {
    const { dial, authFailures } = await aStream({ helloTimeoutMs: 40 });
    const console = await dial().opened();
    expect(await console.closed).toMatchObject({ code: 4408, reason: expect.stringContaining('hello') });
    expect(authFailures.of('hello_timeout')).toBe(1);
  });

  it('is refused to a wrong token, and to more guesses after ten', async () => {
    const { dial } = await aStream();
    const codes: number[] = [];
    for (let i = 0; i < 12; i++) {
      const console = await dial().opened();
      console.hello(`slt_guess_${i}`);
      codes.push((await console.closed).code);
      expect(console.messages).toEqual([]);
    }
    expect(codes).toEqual([...Array<number>(10).fill(4401), 4429, 4429]);
  });

  it.each([
    ['http://evil.test', 403],
    ['null', 403],
    ['http://127.0.0.1:1', 403],
  ])('is refused to pages of %s before a word is said', async (origin, status) => {
    const { dial, authFailures } = await aStream();
    expect(await dial({ headers: { origin } }).refused()).toBe(status);
    expect(authFailures.of('origin')).toBe(1);
  });

  it('is open to pages of the agent itself and of configured origins', async () => {
    const { dial, host } = await aStream({}, ['https://ops.example.com']);
    for (const origin of [`http://${host}`, 'https://ops.example.com']) {
      const console = await dial({ headers: { origin } }).opened();
      console.hello('slt_vera');
      await console.until('hello');
    }
  });

  it('is nowhere else', async () => {
    const { dial } = await aStream();
    expect(await dial({}, '/v1/sources').refused()).toBe(404);
  });

  it("needs no token from the agent's own page with a session, and does from any other", async () => {
    const { dial, host } = await aStream({}, ['https://ops.example.com']);
    const cookie = 'session=vera';
    const own = await dial({ headers: { origin: `http://${host}`, cookie } }).opened();
    own.hello('');
    await own.until('hello');

    const strangers = [{ origin: 'https://ops.example.com', cookie }, { cookie }, { origin: `http://${host}` }];
    for (const headers of strangers) {
      const console = await dial({ headers }).opened();
      console.hello('');
      expect((await console.closed).code).toBe(4401);
    }
  });

  it.each([
    ['another message first', JSON.stringify({ type: 'ping', t: 1 })],
    ['another protocol', JSON.stringify({ type: 'hello', protocol: 2, token: 'slt_vera' })],
    ['an unknown field', JSON.stringify({ type: 'hello', protocol: 1, token: 'slt_vera', role: 'admin' })],
    ['no JSON', 'GET / HTTP/1.1'],
    ['bytes', Buffer.from([1, 2, 3])],
  ])('is over after %s', async (_what, data) => {
    const { dial } = await aStream();
    const console = await dial().opened();
    console.sayRaw(data);
    expect((await console.closed).code).toBe(4400);
  });

  it('is limited to so many at a time', async () => {
    const { dial, stream } = await aStream({ maxConnections: 2 });
    await dial().opened();
    await dial().opened();
    const third = await dial().opened();
    expect((await third.closed).code).toBe(4429);
    expect(stream.readings()).toMatchObject({ clients: 2, closed: { full: 1 } });
  });
});

describe('staying on the stream', () => {
  it('ends when the token is revoked', async () => {
    const { follow, callers } = await aStream();
    const console = await follow();
    callers.clear();
    expect((await console.closed).code).toBe(4401);
  });

  it('ends when the session of the page ends', async () => {
    const { dial, host, sessions } = await aStream();
    const console = await dial({ headers: { origin: `http://${host}`, cookie: 'session=vera' } }).opened();
    console.hello('');
    await console.until('hello');
    sessions.clear();
    expect((await console.closed).code).toBe(4401);
  });

  it('ends by a flood of messages, also of WebSocket pings', async () => {
    const { follow } = await aStream();
    const talker = await follow();
    for (let i = 0; i < 100; i++) talker.say({ type: 'ping', t: i });
    expect((await talker.closed).code).toBe(4429);
    expect(talker.got('pong').length).toBeLessThanOrEqual(50);

    const pinger = await follow();
    for (let i = 0; i < 100; i++) pinger.pingFrame();
    expect((await pinger.closed).code).toBe(4429);
  });

  it('ends by one message that is too large', async () => {
    const { follow } = await aStream();
    const console = await follow();
    console.sayRaw(Buffer.alloc(300 * 1024, 'x'));
    expect((await console.closed).code).toBe(1009);
  });

  it('survives a message that is not of the protocol, which is answered', async () => {
    const { follow } = await aStream();
    const console = await follow();
    console.sayRaw('{"type":"subscribe","id":"x","topic":"secrets"}');
    await console.until('error');
    console.say({ type: 'ping', t: 7 });
    await console.until('pong');
    expect(console.got('pong')).toMatchObject([{ t: 7 }]);
  });

  it('takes a hundred subscriptions and ten thousand sources, not more', async () => {
    const { follow } = await aStream();
    const console = await follow();
    const sources = Array.from({ length: 6000 }, (_, i) => `source-${i}`);
    console.say({ type: 'subscribe', id: 'a', topic: 'heartbeats', signal: 'volume', sources });
    console.say({ type: 'subscribe', id: 'b', topic: 'heartbeats', signal: 'volume', sources });
    console.say({ type: 'subscribe', id: 'a', topic: 'health' });
    await console.until('error', 2);
    expect(console.got('subscribed').map((message) => message.id)).toEqual(['anomalies', 'a']);
    expect(console.got('error').map((message) => message.code)).toEqual(['rate_limited', 'conflict']);
  });

  it('takes no more than a hundred subscriptions', async () => {
    const { follow, stream } = await aStream({}, [], { unlimitedTalk: true });
    const console = await follow();
    for (let i = 0; i < 100; i++) console.say({ type: 'subscribe', id: `s${i}`, topic: 'health' });
    await console.until('error');
    expect(console.got('subscribed')).toHaveLength(100);
    expect(stream.readings().clients).toBe(1);
  });

  it('ends, and only for this console, by a mistake of the agent', async () => {
    const { dial, follow, state } = await aStream();
    const healthy = await follow();
    Object.defineProperty(state, 'sources', {
      get: () => {
        throw new Error('the directory is broken');
      },
    });
    const console = await dial().opened();
    console.hello('slt_vera');
    expect((await console.closed).code).toBe(1011);
    healthy.say({ type: 'ping', t: 1 });
    await healthy.until('pong');
  });

  it('ends for a console that no longer answers', async () => {
    const { dial, stream } = await aStream({ probeMs: 30 });
    const console = await dial({ autoPong: false }).opened();
    console.hello('slt_vera');
    await console.until('snapshot');
    await vi.waitUntil(() => stream.readings().clients === 0, { timeout: 10_000 });
    expect(stream.readings().closed).toEqual({ dead: 1 });
  });

  it('ends with a good-bye when the agent stops', async () => {
    const { follow, stream } = await aStream();
    const console = await follow();
    stream.close();
    expect((await console.closed).code).toBe(1001);
  });
});

describe('what comes over the stream', () => {
  it('is every anomaly and source, numbered, for those who follow', async () => {
    const { follow, dial, stream } = await aStream();
    const console = await follow();
    const other = await dial().opened();
    other.hello('slt_vera');
    await other.until('snapshot');
    stream.publish({ type: 'source', source: aSource() });
    stream.publish({ type: 'anomaly', anomaly: anomalyNo(1) });
    await console.until('anomaly');
    expect(console.got('source')).toMatchObject([{ seq: 1, source: { service: 'payment-service' } }]);
    expect(console.got('anomaly')).toMatchObject([{ seq: 2, anomaly: { event_id: anomalyNo(1).event_id } }]);
    expect(other.messages.map((message) => message.type)).toEqual(['hello', 'snapshot']);
  });

  it('is also what was raised between the hello and the subscription', async () => {
    const { dial, stream } = await aStream();
    const console = await dial().opened();
    console.hello('slt_vera');
    await console.until('snapshot');
    stream.publish({ type: 'anomaly', anomaly: anomalyNo(1) });
    console.subscribe('anomalies');
    await console.until('anomaly');
    stream.publish({ type: 'anomaly', anomaly: anomalyNo(2) });
    await console.until('anomaly', 2);
    expect(console.got('anomaly').map((message) => message.seq)).toEqual([1, 2]);
  });

  it('is every incident, in one sequence with the anomalies, also for those who follow only one of the two', async () => {
    const { dial, stream } = await aStream();
    const console = await dial().opened();
    console.hello('slt_vera');
    await console.until('snapshot');
    stream.publish({ type: 'incident', incident: anIncident() });
    console.subscribe('incidents');
    await console.until('incident');
    stream.publish({ type: 'anomaly', anomaly: anomalyNo(1) });
    stream.publish({ type: 'incident', incident: anIncident({ state: 'ACK', version: 2 }) });
    await console.until('incident', 2);
    expect(console.got('incident').map(({ seq, incident }) => `${seq} ${incident.state}`)).toEqual(['1 OPEN', '3 ACK']);
    expect(console.got('anomaly').map(({ seq }) => seq)).toEqual([2]);
  });

  it('is health and rejections for those who watch the health', async () => {
    const { dial, stream } = await aStream();
    const console = await dial().opened();
    console.hello('slt_vera');
    await console.until('snapshot');
    console.subscribe('health');
    await console.until('subscribed');
    const health: AgentHealth = {
      now_ms: 1,
      state: 'degraded',
      degraded: ['postgres'],
      accepted_per_second: 0,
      rejected_per_second: 0,
      accepted_total: 0,
      rejected_total: 0,
      late_total: 0,
      clamped_total: 0,
      duplicate_batches_total: 0,
      sources: 0,
      replay_pending_bytes: 0,
      journal_bytes: 0,
      checkpoint_age_seconds: 0,
      event_loop_lag_ms: 0,
      rss_bytes: 0,
    };
    stream.publish({ type: 'health', health });
    await console.until('health');
    expect(console.got('health')).toEqual([{ type: 'health', health }]);
  });

  it('is the beats of the sources that were asked for, under the subscription id, until it ends', async () => {
    const { dial, stream } = await aStream();
    const console = await dial().opened();
    console.hello('slt_vera');
    console.say({ type: 'subscribe', id: 'one', topic: 'heartbeats', signal: 'volume', sources: ['source-1'] });
    console.say({ type: 'subscribe', id: 'all', topic: 'heartbeats', signal: 'volume' });
    console.say({ type: 'subscribe', id: 'errors', topic: 'heartbeats', signal: 'error_rate' });
    await console.until('subscribed', 3);
    stream.publishBeats('volume', beatsOf(3), 99);
    await console.until('heartbeat', 2);
    expect(console.got('heartbeat')).toEqual([
      { type: 'heartbeat', id: 'one', signal: 'volume', now_ms: 99, beats: [beatsOf(3)[1]] },
      { type: 'heartbeat', id: 'all', signal: 'volume', now_ms: 99, beats: beatsOf(3) },
    ]);
    console.say({ type: 'unsubscribe', id: 'all' });
    console.say({ type: 'ping', t: 0 });
    await console.until('pong');
    stream.publishBeats('volume', beatsOf(2), 100);
    await console.until('heartbeat', 3);
    expect(console.got('heartbeat').map((message) => message.id)).toEqual(['one', 'all', 'one']);
    expect(stream.readings().subscriptions).toBe(2);
    console.close();
    await vi.waitUntil(() => stream.readings().clients === 0, { timeout: 10_000 });
    expect(stream.readings().subscriptions).toBe(0);
  });
});

describe('a console that comes back', () => {
  it('gets exactly what it missed', async () => {
    const { follow, stream } = await aStream();
    const console = await follow();
    stream.publish({ type: 'anomaly', anomaly: anomalyNo(1) });
    await console.until('anomaly');
    console.close();
    stream.publish({ type: 'anomaly', anomaly: anomalyNo(2) });
    stream.publish({ type: 'source', source: aSource() });
    const again = await follow({ session: 'run-1', seq: 1 });
    stream.publish({ type: 'anomaly', anomaly: anomalyNo(4) });
    await again.until('anomaly', 2);
    expect(again.got('snapshot')).toEqual([]);
    const numbered = again.messages.filter((message) => message.type === 'anomaly' || message.type === 'source');
    expect(numbered.map((message) => message.seq)).toEqual([2, 3, 4]);
  });

  it.each([
    ['from another run of the agent', { session: 'run-0', seq: 2000 }],
    ['from before the ring begins', { session: 'run-1', seq: 1 }],
    ['from the future', { session: 'run-1', seq: 99_999 }],
    ['without ever having had a snapshot', { session: 'run-1', seq: -1 }],
  ])('gets a snapshot when it comes %s', async (_how, resume) => {
    const { follow, stream } = await aStream();
    for (let i = 0; i < 2005; i++) stream.publish({ type: 'source', source: aSource() });
    const console = await follow(resume);
    await console.until('snapshot');
    expect(console.got('snapshot')).toMatchObject([{ seq: 2005 }]);
    expect(console.got('source')).toEqual([]);
  });
});

describe('a console that does not read', () => {
  it('loses heartbeats, is told how many, and never misses an anomaly; others notice nothing', async () => {
    const { follow, stream } = await aStream();
    const [slow, other] = [await follow(), await follow()];
    for (const console of [slow, other]) {
      console.say({ type: 'subscribe', id: 'all', topic: 'heartbeats', signal: 'volume' });
      await console.until('subscribed', 2);
    }
    slow.stopReading();
    let ticks = 0;
    let anomalies = 0;
    // Until the system's own buffers and ours are full, and then some.
    while ((stream.readings().dropped['heartbeats'] ?? 0) < 20 && ticks < 500) {
      stream.publishBeats('volume', beatsOf(2000, ++ticks), 0);
      stream.publish({ type: 'anomaly', anomaly: anomalyNo(++anomalies) });
      await other.until('heartbeat', ticks);
    }
    expect(stream.readings().closed).toEqual({});
    expect(other.got('gap')).toEqual([]);

    slow.readAgain();
    await slow.until('gap');
    const dropped = stream.readings().dropped['heartbeats'];
    expect(slow.got('gap')).toEqual([{ type: 'gap', topic: 'heartbeats', dropped }]);
    expect(slow.got('heartbeat')).toHaveLength(ticks - dropped);
    expect(slow.got('anomaly').map((message) => message.seq)).toEqual(
      Array.from({ length: anomalies }, (_, i) => i + 1),
    );
    stream.publishBeats('volume', beatsOf(1), 0);
    await slow.until('heartbeat', ticks - dropped + 1);
  }, 60_000);
});
