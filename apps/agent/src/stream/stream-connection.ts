import {
  CLIENT_MESSAGE_SCOPES,
  ClientMessageSchema,
  CLOSE_CODES,
  PROTOCOL_VERSION,
  ROLE_SCOPES,
  type AgentMessage,
  type ClientMessage,
} from '@sentinellog/shared';
import { WebSocket } from 'ws';
import type { Caller } from '../pipeline/caller.ts';
import type { BeatSubscriptions } from './beat-subscriptions.ts';
import type { LineSubscriptions } from './line-subscriptions.ts';
import { MessageBudget } from './message-budget.ts';
import type { MessageRing } from './message-ring.ts';
import { Outbox } from './outbox.ts';

/** A reader that does not even take the close frame is cut off after this long. */
const CLOSE_GRACE_MS = 1000;
const MAX_SUBSCRIPTIONS = 100;
/** Source ids over all subscriptions of one connection: a tenant's worth. */
const MAX_SUBSCRIBED_SOURCES = 10_000;

/** Why the agent closed a connection; the same word is in the log and the metric. */
export type CloseReason =
  | 'unauthenticated'
  | 'forbidden'
  | 'protocol'
  | 'flood'
  | 'slow'
  | 'hello_timeout'
  | 'full'
  | 'dead'
  | 'internal';

const CLOSE_CODE_OF: Readonly<Record<Exclude<CloseReason, 'dead'>, number>> = {
  // RFC 6455 §7.4.1: the server met something unexpected.
  internal: 1011,
  unauthenticated: CLOSE_CODES.unauthenticated,
  forbidden: CLOSE_CODES.forbidden,
  protocol: CLOSE_CODES.protocol,
  flood: CLOSE_CODES.tooMany,
  full: CLOSE_CODES.tooMany,
  slow: CLOSE_CODES.slow,
  // Like 408, not 401: a console that was held up by its network may come back by itself.
  hello_timeout: CLOSE_CODES.slow,
};

/** A way in that can be asked again: null once it no longer holds. */
export type Credential = () => Caller | null;
export type SignIn =
  | { readonly type: 'ok'; readonly credential: Credential }
  | { readonly type: 'refused'; readonly reason: 'unauthenticated' | 'flood'; readonly detail: string };

/** What a connection needs of the stream it belongs to. */
export interface StreamContext {
  /** Names this run of the agent: sequence numbers of another run mean nothing. */
  readonly session: string;
  readonly ring: MessageRing;
  readonly beats: BeatSubscriptions<StreamConnection>;
  readonly lines: LineSubscriptions<StreamConnection>;
  readonly now: () => number;
  readonly agent: () => (AgentMessage & { type: 'hello' })['agent'];
  readonly snapshot: () => Pick<AgentMessage & { type: 'snapshot' }, 'sources' | 'anomalies' | 'incidents'>;
  readonly onDropped: (topic: string) => void;
  readonly onMistake: (error: unknown) => void;
  readonly onClosed: (connection: StreamConnection, reason: CloseReason | 'client', caller: Caller | null) => void;
}

/** One console on the stream, from its hello on. */
export class StreamConnection {
  readonly #socket: WebSocket;
  readonly #context: StreamContext;
  readonly #signIn: (token: string) => SignIn;
  readonly #openedAtMs: number;
  readonly #outbox: Outbox;
  readonly #budget: MessageBudget;
  /** Subscription id → how many source ids it holds. */
  readonly #subscriptions = new Map<string, { readonly topic: Topic; readonly sources: number }>();
  #credential: Credential | null = null;
  #caller: Caller | null = null;
  #sentSeq = 0;
  #answered = true;
  #closed = false;

  /** @param signIn judges the hello's token; an empty one stands for the cookie of the upgrade request */
  constructor(socket: WebSocket, context: StreamContext, signIn: (token: string) => SignIn) {
    this.#socket = socket;
    this.#context = context;
    this.#signIn = signIn;
    this.#openedAtMs = context.now();
    this.#budget = new MessageBudget(this.#openedAtMs);
    this.#outbox = new Outbox(socket, {
      onDropped: context.onDropped,
      onOverflow: () => this.close('slow', 'too far behind: reconnect for a snapshot'),
    });
    socket.on('message', (data: Buffer, isBinary) => {
      try {
        this.#hear(data, isBinary);
      } catch (error) {
        // A mistake in answering one console must not take the agent and all the others down.
        context.onMistake(error);
        this.close('internal', 'this is a mistake of the agent; its log has the details');
      }
    });
    socket.on('ping', () => this.#spend());
    socket.on('pong', () => {
      this.#answered = true;
    });
    // A close always follows, and says what there is to say.
    socket.on('error', () => this.#over('protocol'));
    socket.on('close', () => this.#over('client'));
  }

  get isOpen(): boolean {
    return this.#caller !== null && !this.#closed;
  }

  /** Sends a numbered message to whoever follows them. */
  numbered(seq: number, text: string): void {
    if (!this.isOpen || !this.#followsNumbered()) return;
    this.#sentSeq = seq;
    this.#outbox.must(text);
  }

  /** Sends the agent's state or a rejection to whoever watches its health. */
  health(text: string): void {
    if (this.isOpen && this.#follows('health')) this.#outbox.may('health', text);
  }

  heartbeat(message: Buffer): void {
    if (this.isOpen) this.#outbox.may('heartbeats', message);
  }

  /** A sample of log lines: the next one replaces it. */
  lines(message: string): void {
    if (this.isOpen) this.#outbox.may('lines', message);
  }

  /** Looks again whether the caller may still be here: called every second. */
  recheck(helloTimeoutMs: number): void {
    if (this.#credential === null) {
      if (this.#context.now() - this.#openedAtMs >= helloTimeoutMs) {
        this.close('hello_timeout', `say hello within ${helloTimeoutMs} ms`);
      }
      return;
    }
    const caller = this.#credential();
    if (caller === null) {
      this.close('unauthenticated', 'the token was revoked or the session has ended: sign in again');
    } else if (this.#subscriptions.size > 0 && !ROLE_SCOPES[caller.role].includes('read')) {
      this.close('forbidden', `the role ${caller.role} may not read`);
    } else {
      this.#caller = caller;
    }
  }

  /** Half-open connections show by not answering: called every 15 s. */
  probe(): void {
    if (!this.#answered) {
      this.#over('dead');
      this.#socket.terminate();
      return;
    }
    this.#answered = false;
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping();
  }

  close(reason: Exclude<CloseReason, 'dead'>, detail: string): void {
    if (this.#closed) return;
    this.#over(reason);
    this.#hangUp(CLOSE_CODE_OF[reason], detail);
  }

  /** The agent stops: the console comes back by itself. */
  goAway(): void {
    this.#over('client');
    this.#hangUp(1001, 'the agent is stopping');
  }

  #hangUp(code: number, detail: string): void {
    this.#socket.close(code, detail);
    setTimeout(() => this.#socket.terminate(), CLOSE_GRACE_MS).unref();
  }

  #over(reason: CloseReason | 'client'): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#context.beats.remove(this);
    this.#context.lines.remove(this);
    this.#context.onClosed(this, reason, this.#caller);
  }

  #spend(): boolean {
    this.#answered = true;
    if (this.#budget.spend(this.#context.now())) return true;
    this.close('flood', 'too many messages: 20 a second');
    return false;
  }

  #hear(data: Buffer, isBinary: boolean): void {
    if (this.#closed || !this.#spend()) return;
    const message = isBinary ? null : parse(data);
    if (this.#credential === null) {
      this.#welcome(message);
      return;
    }
    if (message === null) {
      this.#say({ type: 'error', code: 'invalid_request', detail: 'this is no message of the protocol' });
      return;
    }
    this.recheck(Number.POSITIVE_INFINITY);
    const scope = CLIENT_MESSAGE_SCOPES[message.type];
    if (this.#closed || this.#caller === null) return;
    if (scope !== 'public' && !ROLE_SCOPES[this.#caller.role].includes(scope)) {
      this.#say({ type: 'error', code: 'forbidden', detail: `${message.type} needs the scope ${scope}` });
      return;
    }
    this.#answer(message);
  }

  #answer(message: ClientMessage): void {
    switch (message.type) {
      case 'hello':
        this.#say({ type: 'error', code: 'invalid_request', detail: 'hello was said already' });
        return;
      case 'subscribe':
        this.#subscribe(message);
        return;
      case 'unsubscribe':
        this.#subscriptions.delete(message.id);
        this.#context.beats.remove(this, message.id);
        this.#context.lines.remove(this, message.id);
        return;
      case 'ping':
        this.#say({ type: 'pong', t: message.t, now_ms: this.#context.now() });
        return;
    }
  }

  #welcome(message: ClientMessage | null): void {
    if (message?.type !== 'hello') {
      this.close('protocol', 'the first message must be hello');
      return;
    }
    if (message.protocol !== PROTOCOL_VERSION) {
      this.close('protocol', `this agent speaks protocol ${PROTOCOL_VERSION}: update the older of the two`);
      return;
    }
    const signIn = this.#signIn(message.token);
    const caller = signIn.type === 'ok' ? signIn.credential() : null;
    if (signIn.type !== 'ok' || caller === null) {
      const refused =
        signIn.type === 'refused' ? signIn : { reason: 'unauthenticated' as const, detail: 'sign in again' };
      this.close(refused.reason, refused.detail);
      return;
    }
    this.#credential = signIn.credential;
    this.#caller = caller;
    const { session, ring, now, agent } = this.#context;
    this.#say({
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      session,
      seq: ring.seq,
      now_ms: now(),
      agent: agent(),
      role: caller.role,
      scopes: [...ROLE_SCOPES[caller.role]],
    });
    if (!ROLE_SCOPES[caller.role].includes('read')) return;
    const isSameRun = message.resume?.session === session;
    this.#catchUp(isSameRun ? (message.resume?.seq ?? -1) : -1);
  }

  /** Replays what came after `seq`, or sends the state as it is where that is no longer possible. */
  #catchUp(seq: number): void {
    const { ring, snapshot } = this.#context;
    const missed = ring.after(seq);
    if (missed === undefined) this.#say({ type: 'snapshot', seq: ring.seq, ...snapshot() });
    else for (const { text } of missed) this.#outbox.must(text);
    this.#sentSeq = ring.seq;
  }

  #subscribe(message: ClientMessage & { type: 'subscribe' }): void {
    const sources = message.topic === 'heartbeats' ? (message.sources?.length ?? 0) : 0;
    const subscribed = [...this.#subscriptions.values()].reduce((sum, one) => sum + one.sources, 0);
    if (this.#subscriptions.has(message.id)) {
      this.#say({ type: 'error', code: 'conflict', detail: 'a subscription of this id exists: unsubscribe it first' });
      return;
    }
    if (this.#subscriptions.size >= MAX_SUBSCRIPTIONS || subscribed + sources > MAX_SUBSCRIBED_SOURCES) {
      const detail = `one connection may hold ${MAX_SUBSCRIPTIONS} subscriptions and ${MAX_SUBSCRIBED_SOURCES} sources`;
      this.#say({ type: 'error', code: 'rate_limited', detail });
      return;
    }
    const followed = this.#followsNumbered();
    this.#subscriptions.set(message.id, { topic: message.topic, sources });
    this.#say({ type: 'subscribed', id: message.id });
    switch (message.topic) {
      case 'heartbeats':
        this.#context.beats.add(this, message.id, message.signal, message.sources);
        return;
      case 'lines':
        this.#context.lines.add(this, message.id, message.filter, message.rate);
        return;
      case 'anomalies':
      case 'incidents':
        // Whatever was raised since the hello: nobody followed yet, and it must not be missed.
        if (!followed) this.#catchUp(this.#sentSeq);
        return;
      case 'health':
        return;
    }
  }

  /** One sequence carries sources, anomalies and incidents: whoever follows any of them gets all, and can see a gap. */
  #followsNumbered(): boolean {
    return this.#follows('anomalies') || this.#follows('incidents');
  }

  #follows(topic: Topic): boolean {
    for (const subscription of this.#subscriptions.values()) if (subscription.topic === topic) return true;
    return false;
  }

  #say(message: AgentMessage): void {
    this.#outbox.must(JSON.stringify(message));
  }
}

type Topic = (ClientMessage & { type: 'subscribe' })['topic'];

function parse(data: Buffer): ClientMessage | null {
  try {
    const result = ClientMessageSchema.safeParse(JSON.parse(data.toString()));
    return result.success ? result.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
