import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  HELLO_TIMEOUT_MS,
  MAX_CLIENT_MESSAGE_BYTES,
  type AgentHealth,
  type AgentInfo,
  type Anomaly,
  type Beat,
  type Incident,
  type Rejection,
  type DrawnSignal,
  type Source,
} from '@sentinellog/shared';
import { WebSocketServer } from 'ws';
import type { Caller, TokenVerdict } from '../pipeline/caller.ts';
import type { FailureBucket } from '../pipeline/failure-bucket.ts';
import { isSameOrigin } from '../pipeline/same-origin.ts';
import type { AuthFailure, AuthFailureCounts } from '../telemetry/auth-failures.ts';
import type { Log } from '../telemetry/log.ts';
import { BeatSubscriptions } from './beat-subscriptions.ts';
import { LineSubscriptions, type OfferedLine, type SeenLines } from './line-subscriptions.ts';
import { MessageRing } from './message-ring.ts';
import { StreamConnection, type CloseReason, type SignIn, type StreamContext } from './stream-connection.ts';
import { refusalOf, refuseUpgrade } from './upgrade-check.ts';

export interface StreamLimits {
  readonly maxConnections: number;
  readonly helloTimeoutMs: number;
  /** How soon a revoked token is noticed, at the latest (reliability A3: 2 s). */
  readonly recheckMs: number;
  readonly probeMs: number;
}
export const DEFAULT_STREAM_LIMITS: StreamLimits = {
  maxConnections: 500,
  helloTimeoutMs: HELLO_TIMEOUT_MS,
  recheckMs: 1000,
  probeMs: 15_000,
};

export interface StreamDeps {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Random, new at each start of the agent: sequence numbers belong to it. */
  readonly session: string;
  readonly agent: () => AgentInfo;
  /** All sources, the anomalies of the last hour plus all open ones, and the incidents of the last day plus all open ones. */
  readonly snapshot: () => {
    readonly sources: readonly Source[];
    readonly anomalies: readonly Anomaly[];
    readonly incidents: readonly Incident[];
  };
  readonly tokens: {
    verify(presented: string): TokenVerdict;
    /** As things stand now; null once revoked. */
    current(tokenId: string): Caller | null;
  };
  /** The caller of a console session as things stand now. */
  readonly callerOfCookie: (cookieHeader: string | undefined) => Caller | null;
  /** Origins besides the agent's own whose pages may connect. */
  readonly allowedOrigins: readonly string[];
  readonly failures: FailureBucket;
  /** A console has shown a token that is good. */
  readonly onSignIn: (who: Caller & { readonly address: string; readonly via: 'stream' }) => void;
  readonly authFailures: AuthFailureCounts;
  readonly log: Log;
  /** 0 ≤ chance < 1: which lines of many a console is shown. */
  readonly chance: () => number;
  readonly limits?: StreamLimits;
}

/** What is published to everybody. `source`, `anomaly` and `incident` are numbered and never lost; the rest is live. */
export type Publication =
  | { readonly type: 'source'; readonly source: Source }
  | { readonly type: 'anomaly'; readonly anomaly: Anomaly }
  | { readonly type: 'incident'; readonly incident: Incident }
  | { readonly type: 'rejection'; readonly rejection: Rejection }
  | { readonly type: 'health'; readonly health: AgentHealth };

export interface Stream {
  /** For the `upgrade` event of the HTTP server. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  publish(publication: Publication): void;
  /** One tick of one signal; each reader gets the sources that it asked for. */
  publishBeats(signal: DrawnSignal, beats: readonly Beat[], nowMs: number): void;
  /** Log lines for whoever asked for them: `offer` each, then `deliver` what was kept of them, again and again. */
  readonly lines: {
    /** Nobody looks: nothing need be offered. */
    readonly isWanted: boolean;
    offer(line: OfferedLine): void;
    deliver(seen: SeenLines): void;
  };
  /** Plain numbers for `/metrics`. */
  readings(): {
    readonly clients: number;
    /** Subscriptions to heartbeats, over all clients. */
    readonly subscriptions: number;
    readonly dropped: Readonly<Record<string, number>>;
    readonly closed: Readonly<Record<string, number>>;
  };
  /** Says good-bye to everybody; safe to call twice. */
  close(): void;
}

/** The WebSocket `/v1/stream` (alias `/v1/events/stream`), as packages/shared/src/wire/messages.ts has it. */
export function createStream(deps: StreamDeps): Stream {
  const limits = deps.limits ?? DEFAULT_STREAM_LIMITS;
  const connections = new Set<StreamConnection>();
  const addresses = new WeakMap<StreamConnection, string>();
  const ring = new MessageRing();
  const beats = new BeatSubscriptions<StreamConnection>();
  const lines = new LineSubscriptions<StreamConnection>(deps.chance);
  const dropped = new Map<string, number>();
  const closed = new Map<string, number>();
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_CLIENT_MESSAGE_BYTES,
    // Compressing hostile input costs memory, and a bomb costs more (reliability A19).
    perMessageDeflate: false,
  });

  const context: StreamContext = {
    session: deps.session,
    ring,
    beats,
    lines,
    now: deps.now,
    agent: deps.agent,
    snapshot: () => {
      const { sources, anomalies, incidents } = deps.snapshot();
      return { sources: [...sources], anomalies: [...anomalies], incidents: [...incidents] };
    },
    onDropped: (topic) => count(dropped, topic),
    onMistake: (err) => deps.log.error({ event: 'stream.mistake', err }, 'a stream message could not be answered'),
    onClosed: (connection, reason, caller) => {
      connections.delete(connection);
      if (reason === 'client') return;
      count(closed, reason);
      const failure = AUTH_FAILURE_OF[reason];
      if (failure)
        deps.authFailures.count({
          reason: failure,
          address: addresses.get(connection) ?? '',
          caller: caller ?? undefined,
        });
      deps.log.warn({ event: 'stream.closed', reason, token_id: caller?.tokenId }, 'stream connection closed');
    },
  };

  const recheck = setInterval(() => {
    for (const connection of connections) connection.recheck(limits.helloTimeoutMs);
  }, limits.recheckMs);
  const probe = setInterval(() => {
    for (const connection of connections) connection.probe();
  }, limits.probeMs);
  recheck.unref();
  probe.unref();

  function signIn(request: IncomingMessage, token: string): SignIn {
    if (token === '') {
      // A page of another origin may be allowed to connect, with a token; the cookie speaks for our own page only.
      const { cookie, origin, host } = request.headers;
      const credential = () => deps.callerOfCookie(cookie);
      if (isSameOrigin(origin, host) && credential() !== null) return { type: 'ok', credential };
      return { type: 'refused', reason: 'unauthenticated', detail: 'sign in first' };
    }
    const verdict = deps.tokens.verify(token);
    if (verdict.type === 'ok') {
      const { tokenId, name, role } = verdict;
      deps.onSignIn({ tokenId, name, role, address: request.socket.remoteAddress ?? '', via: 'stream' });
      return { type: 'ok', credential: () => deps.tokens.current(verdict.tokenId) };
    }
    if (!deps.failures.admit(request.socket.remoteAddress ?? '')) {
      return { type: 'refused', reason: 'flood', detail: 'too many wrong tokens from this address: wait a minute' };
    }
    const detail = verdict.type === 'revoked' ? 'this token has been revoked' : 'this token is not known here';
    return { type: 'refused', reason: 'unauthenticated', detail };
  }

  return {
    handleUpgrade(request, socket, head) {
      socket.on('error', () => socket.destroy());
      const refusal = refusalOf(request, deps.allowedOrigins);
      if (refusal) {
        if (refusal.code === 'forbidden') {
          deps.authFailures.count({ reason: 'origin', address: request.socket.remoteAddress ?? '' });
          deps.log.warn(
            { event: 'access.denied', reason: 'origin', remote: request.socket.remoteAddress },
            'stream refused',
          );
        }
        refuseUpgrade(socket, refusal);
        return;
      }
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        const connection = new StreamConnection(webSocket, context, (token) => signIn(request, token));
        connections.add(connection);
        addresses.set(connection, request.socket.remoteAddress ?? '');
        if (connections.size > limits.maxConnections) {
          connection.close('full', `this agent takes ${limits.maxConnections} consoles at a time: try again later`);
        }
      });
    },

    publish(publication) {
      switch (publication.type) {
        case 'source':
        case 'anomaly':
        case 'incident': {
          const { seq, text } = ring.append((number) => JSON.stringify({ ...publication, seq: number }));
          for (const connection of connections) connection.numbered(seq, text);
          return;
        }
        case 'rejection':
        case 'health': {
          const text = JSON.stringify(publication);
          for (const connection of connections) connection.health(text);
          return;
        }
      }
    },

    publishBeats(signal, tick, nowMs) {
      beats.deliver(signal, tick, nowMs, (connection, message) => connection.heartbeat(message));
    },

    lines: {
      get isWanted() {
        return lines.size > 0;
      },
      offer: (line) => lines.offer(line),
      deliver: (seen) => lines.deliver(seen, (connection, message) => connection.lines(message)),
    },

    readings: () => ({
      clients: connections.size,
      subscriptions: beats.size,
      dropped: Object.fromEntries(dropped),
      closed: Object.fromEntries(closed),
    }),

    close() {
      clearInterval(recheck);
      clearInterval(probe);
      for (const connection of connections) connection.goAway();
      sockets.close();
    },
  };
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** The reasons that say something about the caller's rights. */
const AUTH_FAILURE_OF: Readonly<Partial<Record<CloseReason, AuthFailure>>> = {
  unauthenticated: 'unknown',
  forbidden: 'scope',
  hello_timeout: 'hello_timeout',
};
