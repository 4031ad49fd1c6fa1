import type { AgentMessage, ClientMessage } from '@sentinellog/shared';
import { aSource, anAnomaly } from '@sentinellog/shared/testing';
import { describe, expect, it } from 'vitest';
import { AgentConnection, type ConnectionEvent, type SocketHandlers } from './agent-connection.ts';
import { MAX_AGENT_MESSAGE_LENGTH } from './parse-agent-message.ts';

const START_MS = 1_767_229_200_000;

class FakeSocket {
  readonly sent: ClientMessage[] = [];
  readonly handlers: SocketHandlers;
  closedWith: number | null = null;

  constructor(handlers: SocketHandlers) {
    this.handlers = handlers;
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(code: number): void {
    this.closedWith = code;
  }
  says(message: AgentMessage): void {
    this.handlers.onMessage(JSON.stringify(message));
  }
}

/** A connection on a fake clock, with every socket that it opened and every event that it reported. */
function aConnection({ canDial = true } = {}) {
  let nowMs = START_MS;
  let timers: { atMs: number; run: () => void }[] = [];
  const sockets: FakeSocket[] = [];
  const events: ConnectionEvent[] = [];
  const connection = new AgentConnection({
    openSocket: (_url, handlers) => {
      if (!canDial) throw new SyntaxError('The URL is invalid');
      const socket = new FakeSocket(handlers);
      sockets.push(socket);
      return socket;
    },
    url: 'wss://eu.example:8400/v1/stream',
    token: () => 'slt_viewer',
    now: () => nowMs,
    setTimer: (run, ms) => {
      const timer = { atMs: nowMs + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    random: () => 0.5,
    onEvent: (event) => events.push(event),
  });
  const advance = (ms: number) => {
    const untilMs = nowMs + ms;
    for (;;) {
      const next = timers.filter((timer) => timer.atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      timers = timers.filter((timer) => timer !== next);
      nowMs = next.atMs;
      next.run();
    }
    nowMs = untilMs;
  };
  return {
    connection,
    events,
    sockets,
    advance,
    socket: () => sockets.at(-1)!,
    pendingTimers: () => timers.length,
    states: () => events.filter((event) => event.type === 'connection').map((event) => event.connection.type),
  };
}

function hello(overrides: Partial<AgentMessage & { type: 'hello' }> = {}): AgentMessage & { type: 'hello' } {
  return {
    type: 'hello',
    protocol: 1,
    session: 'session-a',
    seq: 0,
    now_ms: START_MS + 40,
    agent: { agent_id: 'agent-eu', name: 'prod-eu', code: 'EU', version: '0.1.0', started_at_ms: START_MS - 60_000 },
    role: 'viewer',
    scopes: ['read'],
    ...overrides,
  };
}

function opened() {
  const fixture = aConnection();
  fixture.connection.start();
  fixture.socket().handlers.onOpen();
  fixture.socket().says(hello());
  return fixture;
}

const SNAPSHOT: AgentMessage = { type: 'snapshot', seq: 7, sources: [aSource()], anomalies: [] };

describe('AgentConnection', () => {
  it('says hello with its token, then subscribes to heartbeats, anomalies, incidents and health', () => {
    const { socket, states } = opened();
    expect(socket().sent).toEqual([
      { type: 'hello', protocol: 1, token: 'slt_viewer' },
      { type: 'subscribe', id: 'heartbeats-1', topic: 'heartbeats', signal: 'volume' },
      { type: 'subscribe', id: 'anomalies', topic: 'anomalies' },
      { type: 'subscribe', id: 'incidents', topic: 'incidents' },
      { type: 'subscribe', id: 'health', topic: 'health' },
    ]);
    expect(states()).toEqual(['connecting', 'open']);
  });

  it('reports role, scopes and how far the clock of the agent is off', () => {
    const { connection } = opened();
    expect(connection.state).toEqual({
      type: 'open',
      sinceMs: START_MS,
      role: 'viewer',
      scopes: ['read'],
      skewMs: 40,
    });
  });

  it('passes the snapshot, sources, anomalies, heartbeats, health and rejections on', () => {
    const { socket, events } = opened();
    socket().says(SNAPSHOT);
    socket().says({ type: 'anomaly', seq: 8, anomaly: anAnomaly() });
    socket().says({
      type: 'heartbeat',
      id: 'heartbeats-1',
      signal: 'volume',
      now_ms: START_MS + 1000,
      beats: [{ source_id: aSource().source_id, t: 1_767_229_200, value: 210, mean: 208, lower: 160, upper: 256 }],
    });
    expect(events.slice(-3).map((event) => event.type)).toEqual(['snapshot', 'anomaly', 'heartbeat']);
  });

  it('resumes its session after a break and counts each numbered message once', () => {
    const { socket, events, advance } = opened();
    socket().says(SNAPSHOT);
    socket().says({ type: 'anomaly', seq: 8, anomaly: anAnomaly() });
    socket().handlers.onClose(1006, '');
    advance(500);
    socket().handlers.onOpen();
    expect(socket().sent[0]).toMatchObject({ type: 'hello', resume: { session: 'session-a', seq: 8 } });
    socket().says(hello());
    socket().says({ type: 'anomaly', seq: 8, anomaly: anAnomaly() });
    socket().says({ type: 'anomaly', seq: 9, anomaly: anAnomaly({ state: 'recovered' }) });
    expect(events.filter((event) => event.type === 'anomaly')).toHaveLength(2);
  });

  it('starts the count anew when the agent has restarted with another session', () => {
    const { socket, events, advance } = opened();
    socket().says(SNAPSHOT);
    socket().handlers.onClose(1006, '');
    advance(500);
    socket().handlers.onOpen();
    socket().says(hello({ session: 'session-b' }));
    socket().says({ ...SNAPSHOT, seq: 0 });
    socket().says({ type: 'anomaly', seq: 1, anomaly: anAnomaly() });
    expect(events.filter((event) => event.type === 'anomaly')).toHaveLength(1);
  });

  it('reconnects with growing waits and is offline after a minute, still trying', () => {
    const { socket, sockets, advance, connection, states } = opened();
    socket().handlers.onClose(1006, '');
    expect(connection.state).toMatchObject({ type: 'reconnecting', attempt: 1, nextAtMs: START_MS + 500 });
    for (const waitMs of [500, 1000, 2000, 5000, 10_000]) {
      advance(waitMs);
      socket().handlers.onError('connect ECONNREFUSED 10.0.0.7:8400');
      socket().handlers.onClose(1006, '');
    }
    expect(connection.state).toMatchObject({ type: 'reconnecting', reason: 'connect ECONNREFUSED 10.0.0.7:8400' });
    advance(30_000);
    socket().handlers.onClose(1006, '');
    expect(connection.state).toMatchObject({ type: 'reconnecting', attempt: 7 });
    advance(60_000 - 48_500);
    expect(connection.state).toMatchObject({ type: 'offline', downSinceMs: START_MS });
    advance(18_500);
    socket().handlers.onOpen();
    socket().says(hello());
    expect(sockets).toHaveLength(8);
    expect(states().at(-1)).toBe('open');
  });

  it('keeps the growing waits for an agent that opens and falls at once', () => {
    const { socket, advance, connection } = opened();
    for (const waitMs of [500, 1000, 2000]) {
      socket().handlers.onClose(1011, 'starting');
      advance(waitMs);
      socket().handlers.onOpen();
      socket().says(hello());
    }
    socket().handlers.onClose(1011, 'starting');
    expect(connection.state).toMatchObject({ type: 'reconnecting', attempt: 4, reason: 'starting' });
  });

  it('forgets earlier failures once a connection has lasted ten seconds', () => {
    const { socket, advance, connection } = opened();
    socket().handlers.onClose(1006, '');
    advance(500);
    socket().handlers.onOpen();
    socket().says(hello());
    advance(10_000);
    socket().handlers.onClose(1006, '');
    expect(connection.state).toMatchObject({ type: 'reconnecting', attempt: 1 });
  });

  it.each([
    [4401, 'the token is not accepted'],
    [4403, 'the token may not read this agent'],
    [4400, 'does not speak protocol 1'],
  ])('does not try again after close code %i, and says what to do', (code, words) => {
    const { socket, sockets, advance, connection, pendingTimers } = opened();
    socket().handlers.onClose(code, '');
    expect(connection.state).toMatchObject({ type: 'refused', reason: expect.stringContaining(words) });
    advance(600_000);
    expect(sockets).toHaveLength(1);
    expect(pendingTimers()).toBe(0);
  });

  it('tries a refused agent again when asked to', () => {
    const { socket, sockets, connection } = opened();
    socket().handlers.onClose(4401, '');
    connection.retryNow();
    expect(sockets).toHaveLength(2);
    expect(connection.state.type).toBe('connecting');
  });

  it('tries at once when asked to, without waiting for the back-off or dialling twice', () => {
    const { socket, sockets, connection, advance } = opened();
    socket().handlers.onClose(1006, '');
    connection.retryNow();
    connection.retryNow();
    expect(sockets).toHaveLength(2);
    advance(1000);
    expect(sockets).toHaveLength(2);
  });

  it('refuses an agent of another protocol', () => {
    const fixture = aConnection();
    fixture.connection.start();
    fixture.socket().handlers.onOpen();
    fixture.socket().says(hello({ protocol: 2 }));
    expect(fixture.connection.state).toMatchObject({ type: 'refused', reason: expect.stringContaining('protocol 2') });
  });

  it('refuses an address that cannot be dialled', () => {
    const { connection } = aConnection({ canDial: false });
    connection.start();
    expect(connection.state).toMatchObject({ type: 'refused', reason: expect.stringContaining('The URL is invalid') });
  });

  it('gives up waiting for a hello after ten seconds', () => {
    const { connection, socket, advance } = aConnection();
    connection.start();
    socket().handlers.onOpen();
    advance(10_000);
    expect(connection.state).toMatchObject({ type: 'reconnecting', reason: 'no answer within 10 s' });
    expect(socket().closedWith).toBe(1000);
  });

  it('notices a line that went dead without a close', () => {
    const { connection, advance } = opened();
    advance(30_000);
    expect(connection.state).toMatchObject({ type: 'reconnecting', reason: 'nothing heard for 30 s' });
  });

  it('survives a few bad messages and counts them', () => {
    const { socket, connection, events } = opened();
    const before = events.length;
    for (const bad of ['{', '{"type":"explode"}', '[]', '"' + 'x'.repeat(MAX_AGENT_MESSAGE_LENGTH) + '"']) {
      socket().handlers.onMessage(bad);
    }
    socket().handlers.onMessage(new Uint8Array(3));
    expect(connection.badMessages).toBe(5);
    expect(connection.state.type).toBe('open');
    expect(events.slice(before).map((event) => event.type)).toEqual(['gap', 'gap', 'gap', 'gap', 'gap']);
  });

  it('refuses an agent that keeps sending bad messages', () => {
    const { socket, connection } = opened();
    for (let i = 0; i < 6; i++) socket().handlers.onMessage('<html>502 Bad Gateway</html>');
    expect(connection.state).toMatchObject({ type: 'refused', reason: expect.stringContaining('not_json') });
  });

  it('hangs up on a storm of messages', () => {
    const { socket, connection } = opened();
    const pong = JSON.stringify({ type: 'pong', t: START_MS, now_ms: START_MS });
    for (let i = 0; i <= 10_000; i++) socket().handlers.onMessage(pong);
    expect(connection.state).toMatchObject({ type: 'reconnecting' });
  });

  it('ignores state that comes before the hello', () => {
    const { connection, socket, events } = aConnection();
    connection.start();
    socket().handlers.onOpen();
    socket().says({ type: 'anomaly', seq: 1, anomaly: anAnomaly() });
    expect(events.map((event) => event.type)).toEqual(['connection']);
  });

  it('changes the signal of the heartbeats, and keeps it over a reconnect', () => {
    const { connection, socket, events, advance } = opened();
    connection.watch('error_rate');
    expect(socket().sent.slice(-2)).toEqual([
      { type: 'unsubscribe', id: 'heartbeats-1' },
      { type: 'subscribe', id: 'heartbeats-2', topic: 'heartbeats', signal: 'error_rate' },
    ]);
    socket().says({ type: 'heartbeat', id: 'heartbeats-1', signal: 'volume', now_ms: START_MS, beats: [] });
    expect(events.some((event) => event.type === 'heartbeat')).toBe(false);
    socket().handlers.onClose(1006, '');
    advance(500);
    socket().handlers.onOpen();
    socket().says(hello());
    expect(socket().sent[1]).toMatchObject({ topic: 'heartbeats', signal: 'error_rate' });
  });

  it('follows a clock of the agent that moves', () => {
    const { connection, socket } = opened();
    socket().says({ type: 'pong', t: START_MS, now_ms: START_MS + 5000 });
    expect(connection.state).toMatchObject({ type: 'open', skewMs: 5000 });
  });

  it('takes no offset of clocks from a way that was too slow to tell', () => {
    const { connection, socket, advance } = opened();
    advance(8000);
    socket().says({ type: 'pong', t: START_MS, now_ms: START_MS });
    expect(connection.state).toMatchObject({ type: 'open', skewMs: 40 });
  });

  it('says nothing more once stopped, whatever still arrives', () => {
    const { connection, socket, events, pendingTimers } = opened();
    const last = socket();
    const before = events.length;
    connection.stop();
    connection.stop();
    last.says(SNAPSHOT);
    last.handlers.onClose(1006, '');
    expect(events).toHaveLength(before);
    expect(last.closedWith).toBe(1000);
    expect(pendingTimers()).toBe(0);
  });
});
