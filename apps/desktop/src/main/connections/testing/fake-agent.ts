import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AgentHealth, AgentMessage } from '@sentinellog/shared';
import { WebSocketServer, type WebSocket } from 'ws';

export const TOKEN = 'slt_right';

export type Answering = (request: IncomingMessage, response: ServerResponse) => void;

/** An agent's HTTP and stream on a real port, which says what a test tells it to. */
export interface FakeAgent {
  readonly url: string;
  readonly requests: readonly {
    readonly method: string;
    readonly url: string;
    readonly headers: IncomingMessage['headers'];
  }[];
  /** Answers this path from now on. */
  on(path: string, answering: Answering): void;
  /** To every open stream; text as it is. */
  say(message: AgentMessage | string): void;
  /** Cuts every stream without a word. */
  cut(): void;
  /** The tokens of the hellos so far. */
  readonly hellos: readonly string[];
  close(): Promise<void>;
}

export const json =
  (body: unknown, status = 200): Answering =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

const AGENT = { agent_id: 'agent-eu', name: 'Europe', code: 'EU', version: '0.1.0', started_at_ms: 1_760_000_000_000 };
export const HEALTH: AgentHealth = {
  now_ms: 1_760_000_000_000,
  state: 'ready',
  degraded: [],
  accepted_per_second: 100,
  rejected_per_second: 0,
  accepted_total: 1000,
  rejected_total: 0,
  late_total: 0,
  clamped_total: 0,
  duplicate_batches_total: 0,
  sources: 3,
  replay_pending_bytes: 0,
  journal_bytes: 4096,
  checkpoint_age_seconds: 1,
  event_loop_lag_ms: 1,
  rss_bytes: 100_000_000,
};

export async function startFakeAgent(): Promise<FakeAgent> {
  const answers = new Map<string, Answering>([
    ['/v1/me', json({ name: 'anna', role: 'viewer', scopes: ['read', 'alert.read', 'policy.read'] })],
    ['/v1/agent', json({ agent: AGENT, health: HEALTH })],
  ]);
  const requests: FakeAgent['requests'][number][] = [];
  const hellos: string[] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    requests.push({ method, url, headers });
    const answer = answers.get(url.split('?')[0] ?? '') ?? json(problem('not_found', 404), 404);
    if (headers.authorization === `Bearer ${TOKEN}`) answer(request, response);
    else json(problem('unauthenticated', 401), 401)(request, response);
  });
  const streams = new WebSocketServer({ server, path: '/v1/stream' });
  streams.on('connection', (socket) => socket.once('message', (data) => welcome(socket, data as Buffer, hellos)));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    hellos,
    on: (path, answering) => void answers.set(path, answering),
    say: (message) => {
      for (const socket of streams.clients)
        socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    },
    cut: () => {
      for (const socket of streams.clients) socket.terminate();
    },
    close: () => {
      for (const socket of streams.clients) socket.terminate();
      streams.close();
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

function welcome(socket: WebSocket, data: Buffer, hellos: string[]): void {
  const { token } = JSON.parse(data.toString('utf8')) as { token: string };
  hellos.push(token);
  if (token !== TOKEN) {
    socket.close(4401, 'the token is not accepted');
    return;
  }
  const hello: AgentMessage = {
    type: 'hello',
    protocol: 1,
    session: 'session-1',
    seq: 0,
    now_ms: Date.now(),
    agent: AGENT,
    role: 'viewer',
    scopes: ['read', 'alert.read', 'policy.read'],
  };
  socket.send(JSON.stringify(hello));
  socket.send(JSON.stringify({ type: 'snapshot', seq: 0, sources: [], anomalies: [] } satisfies AgentMessage));
}

export function problem(code: string, status: number, detail = 'no detail') {
  return {
    type: `https://sentinellog.dev/errors/${code}`,
    code,
    title: code,
    status,
    detail,
    retryable: false,
    request_id: 'r1',
  };
}
