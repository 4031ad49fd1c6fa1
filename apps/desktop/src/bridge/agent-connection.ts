import {
  type AgentMessage,
  type ClientMessage,
  CLOSE_CODES,
  PROTOCOL_VERSION,
  type DrawnSignal,
} from '@sentinellog/shared';
import type { LineWish } from './calls.ts';
import type { BridgeEvent, ConnectionState } from './events.ts';
import { parseAgentMessage } from './parse-agent-message.ts';
import { reconnectDelayMs } from './reconnect-delay.ts';
import { WindowBudget } from './window-budget.ts';

/** From dialling to the agent's hello. The agent itself waits 5 s for ours. */
const HELLO_DEADLINE_MS = 10_000;
const PING_INTERVAL_MS = 10_000;
/** Health comes every second; two missed pings and a half mean that the line is dead although nobody closed it. */
const SILENCE_LIMIT_MS = 25_000;
/** From when a connection that does not come back is called offline (ux §2.2). */
const OFFLINE_AFTER_MS = 60_000;
/** Only a connection that lasted this long starts the back-off anew: one that opens and falls must not spin. */
const SETTLED_AFTER_MS = 10_000;
/** A stream runs at 4 Hz plus anomalies; 10,000 of those in one second is a storm. */
const MAX_MESSAGES_PER_SECOND = 10_000;
const MAX_BAD_MESSAGES_PER_MINUTE = 5;
/** The offset of two clocks is known to half a round trip: of a longer one it would make every age on the screen wrong. */
const MAX_ROUND_TRIP_MS = 2000;
/** Smaller moves of the agent's clock are the network's jitter. */
const SKEW_STEP_MS = 250;

/** What the WebSocket of the browser, or `ws`, is wrapped into. */
export interface SocketLike {
  send(text: string): void;
  close(code: number, reason: string): void;
}

export interface SocketHandlers {
  onOpen(): void;
  /** Text as a string; anything else as it came (it is counted and dropped). */
  onMessage(data: unknown): void;
  /** What went wrong, in words, where the platform says it; a close follows. */
  onError(detail: string): void;
  onClose(code: number, reason: string): void;
}

type WithoutAgentId<Event> = Event extends unknown ? Omit<Event, 'agentId'> : never;
/** What a connection reports; whoever holds it adds the agent's id and passes it to the screen. */
export type ConnectionEvent = WithoutAgentId<
  Exclude<BridgeEvent, { type: 'agents' | 'explanation' | 'hookRun' | 'link' }>
>;

export interface AgentConnectionOptions {
  /** Opens a socket and reports through `handlers`; throws when the address cannot be dialled at all. */
  readonly openSocket: (url: string, handlers: SocketHandlers) => SocketLike;
  /** `ws://` or `wss://` … `/v1/stream`. */
  readonly url: string;
  /** Asked for at each attempt; empty where a cookie speaks for us. */
  readonly token: () => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Runs once after `ms`; returns what cancels it. */
  readonly setTimer: (run: () => void, ms: number) => () => void;
  /** 0 ≤ random < 1 */
  readonly random: () => number;
  readonly onEvent: (event: ConnectionEvent) => void;
}

/** The topic of the `gap` that reports a message which was not of the protocol: the console shows that something is missing. */
const BAD_MESSAGES = 'messages that this console does not know';

const FUTURE_BEATS = 'beats from the future';
/** A second is told after it has closed; this is for clocks that drift between two pings. */
const MAX_SECONDS_AHEAD = 5;

type TimerName = 'deadline' | 'retry' | 'offline' | 'ping' | 'settled';

/**
 * One agent's stream, kept alive: hello, subscriptions, resume after a break, back-off, and its own state as events.
 * Shared by the browser and Electron's main process; it touches neither sockets nor clocks that it was not given.
 */
export class AgentConnection {
  readonly #options: AgentConnectionOptions;
  readonly #timers = new Map<TimerName, () => void>();
  #state: ConnectionState = { type: 'connecting' };
  #running = false;
  #socket: SocketLike | null = null;
  /** Counts attempts to connect; a handler of an older socket finds another number and keeps quiet. */
  #generation = 0;
  #attempt = 0;
  #downSinceMs = 0;
  #lastHeardMs = 0;
  #lastError = '';
  #resume: { session: string; seq: number } | null = null;
  #signal: DrawnSignal = 'volume';
  #subscriptions = 0;
  #heartbeatsId: string | null = null;
  #lineWish: LineWish | null = null;
  #linesId: string | null = null;
  #badMessages = 0;
  #badBudget = new WindowBudget(MAX_BAD_MESSAGES_PER_MINUTE, 60_000);
  #rateBudget = new WindowBudget(MAX_MESSAGES_PER_SECOND, 1000);

  constructor(options: AgentConnectionOptions) {
    this.#options = options;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Messages that were not of the protocol and were dropped, since the start. */
  get badMessages(): number {
    return this.#badMessages;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#attempt = 0;
    this.#downSinceMs = this.#options.now();
    this.#report({ type: 'connecting' });
    this.#dial();
  }

  /** Ends for good and in silence. Safe to call twice, or before `start`. */
  stop(): void {
    this.#running = false;
    this.#hangUp(1000, 'the console closed the connection');
    this.#cancelTimers();
  }

  /** Tries again at once, also after a refusal; nothing happens while connected or dialling. */
  retryNow(): void {
    if (!this.#running || this.#socket !== null) return;
    this.#cancel('retry');
    if (this.#state.type === 'refused') {
      this.#downSinceMs = this.#options.now();
      this.#attempt = 0;
      this.#report({ type: 'connecting' });
    }
    this.#dial();
  }

  /** Which signal the live heartbeats carry, now and after every reconnect. */
  watch(signal: DrawnSignal): void {
    if (signal === this.#signal) return;
    this.#signal = signal;
    if (this.#state.type === 'open') this.#subscribeHeartbeats();
  }

  /** Which log lines come along, now and after every reconnect; none with null. */
  watchLines(wish: LineWish | null): void {
    this.#lineWish = wish;
    if (this.#state.type === 'open') this.#subscribeLines();
  }

  #dial(): void {
    const generation = ++this.#generation;
    const current = () => this.#running && this.#generation === generation;
    this.#lastError = '';
    this.#after('deadline', HELLO_DEADLINE_MS, () => this.#fail(`no answer within ${HELLO_DEADLINE_MS / 1000} s`));
    try {
      this.#socket = this.#options.openSocket(this.#options.url, {
        onOpen: () => {
          if (current()) this.#sayHello();
        },
        onMessage: (data) => {
          if (current()) this.#hear(data);
        },
        onError: (detail) => {
          if (current()) this.#lastError = detail;
        },
        onClose: (code, reason) => {
          if (current()) this.#closed(code, reason);
        },
      });
    } catch (error) {
      this.#refuse(`cannot open ${this.#options.url}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #sayHello(): void {
    const resume = this.#resume;
    this.#send({
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      token: this.#options.token(),
      ...(resume === null ? {} : { resume }),
    });
  }

  #hear(data: unknown): void {
    const nowMs = this.#options.now();
    this.#lastHeardMs = nowMs;
    if (!this.#rateBudget.spend(nowMs)) {
      this.#fail(`the agent sent more than ${MAX_MESSAGES_PER_SECOND.toLocaleString('en-US')} messages in a second`);
      return;
    }
    const parsed = parseAgentMessage(data);
    if (parsed.ok) {
      this.#take(parsed.message);
      return;
    }
    this.#badMessages++;
    if (this.#state.type === 'open') this.#emit({ type: 'gap', topic: BAD_MESSAGES, dropped: 1 });
    if (!this.#badBudget.spend(nowMs)) {
      this.#refuse(
        `the agent keeps sending what protocol ${PROTOCOL_VERSION} does not know (${parsed.reason}); check that the address is a SentinelLog agent of this console's version`,
      );
    }
  }

  #take(message: AgentMessage): void {
    if (this.#state.type !== 'open' && message.type !== 'hello' && message.type !== 'error') return;
    switch (message.type) {
      case 'hello':
        this.#welcome(message);
        return;
      case 'snapshot':
        this.#advance(message.seq);
        this.#emit({
          type: 'snapshot',
          sources: message.sources,
          anomalies: message.anomalies,
          ...(message.incidents === undefined ? {} : { incidents: message.incidents }),
        });
        return;
      case 'source':
        if (this.#isNew(message.seq)) this.#emit({ type: 'source', source: message.source });
        return;
      case 'anomaly':
        if (this.#isNew(message.seq)) this.#emit({ type: 'anomaly', anomaly: message.anomaly });
        return;
      case 'incident':
        if (this.#isNew(message.seq)) this.#emit({ type: 'incident', incident: message.incident });
        return;
      case 'heartbeat':
        // Beats of the subscription before the last change of signal may still be under way.
        if (message.signal !== this.#signal) return;
        this.#takeBeats(message);
        return;
      case 'health':
        this.#emit({ type: 'health', health: message.health });
        return;
      case 'lines':
        // Lines of a wish that has changed since may still be under way.
        if (message.id !== this.#linesId) return;
        this.#emit({ type: 'lines', lines: message.lines, matched: message.matched, sampled: message.sampled });
        return;
      case 'rejection':
        this.#emit({ type: 'rejection', rejection: message.rejection });
        return;
      case 'gap':
        this.#emit({ type: 'gap', topic: message.topic, dropped: message.dropped });
        return;
      case 'subscribed':
        return;
      case 'pong':
        if (this.#options.now() - message.t <= MAX_ROUND_TRIP_MS)
          this.#noteClock(message.now_ms - (message.t + this.#options.now()) / 2);
        return;
      case 'error':
        this.#lastError = message.detail;
        return;
    }
  }

  /** A beat from the future would make this agent look fresh for as long as it likes: it is dropped, and said to be. */
  #takeBeats({ signal, now_ms: nowMs, beats }: AgentMessage & { type: 'heartbeat' }): void {
    const skewMs = this.#state.type === 'open' ? this.#state.skewMs : 0;
    const latestSecond = (this.#options.now() + skewMs) / 1000 + MAX_SECONDS_AHEAD;
    const credible = beats.filter(({ t }) => t <= latestSecond);
    if (credible.length < beats.length) {
      this.#emit({ type: 'gap', topic: FUTURE_BEATS, dropped: beats.length - credible.length });
    }
    if (credible.length > 0) this.#emit({ type: 'heartbeat', signal, nowMs, beats: credible });
  }

  #welcome(hello: AgentMessage & { type: 'hello' }): void {
    if (hello.protocol !== PROTOCOL_VERSION) {
      this.#refuse(
        `the agent speaks protocol ${hello.protocol}, this console ${PROTOCOL_VERSION}: update the older of the two`,
      );
      return;
    }
    if (this.#resume?.session !== hello.session) this.#resume = { session: hello.session, seq: -1 };
    this.#cancel('deadline');
    this.#cancel('offline');
    this.#after('settled', SETTLED_AFTER_MS, () => {
      this.#attempt = 0;
    });
    this.#after('ping', PING_INTERVAL_MS, () => this.#ping());
    const nowMs = this.#options.now();
    this.#emit({ type: 'hello', agent: hello.agent });
    this.#report({
      type: 'open',
      sinceMs: nowMs,
      role: hello.role,
      scopes: hello.scopes,
      skewMs: Math.round(hello.now_ms - nowMs),
    });
    this.#heartbeatsId = null;
    this.#subscribeHeartbeats();
    this.#linesId = null;
    this.#subscribeLines();
    this.#send({ type: 'subscribe', id: 'anomalies', topic: 'anomalies' });
    this.#send({ type: 'subscribe', id: 'incidents', topic: 'incidents' });
    this.#send({ type: 'subscribe', id: 'health', topic: 'health' });
  }

  #subscribeHeartbeats(): void {
    if (this.#heartbeatsId !== null) this.#send({ type: 'unsubscribe', id: this.#heartbeatsId });
    this.#heartbeatsId = `heartbeats-${++this.#subscriptions}`;
    this.#send({ type: 'subscribe', id: this.#heartbeatsId, topic: 'heartbeats', signal: this.#signal });
  }

  #subscribeLines(): void {
    if (this.#linesId !== null) this.#send({ type: 'unsubscribe', id: this.#linesId });
    this.#linesId = null;
    if (this.#lineWish === null) return;
    this.#linesId = `lines-${++this.#subscriptions}`;
    this.#send({ type: 'subscribe', id: this.#linesId, topic: 'lines', ...this.#lineWish });
  }

  #ping(): void {
    const nowMs = this.#options.now();
    if (nowMs - this.#lastHeardMs > SILENCE_LIMIT_MS) {
      this.#fail(`nothing heard for ${Math.round((nowMs - this.#lastHeardMs) / 1000)} s`);
      return;
    }
    this.#send({ type: 'ping', t: nowMs });
    this.#after('ping', PING_INTERVAL_MS, () => this.#ping());
  }

  #noteClock(skewMs: number): void {
    const state = this.#state;
    if (state.type !== 'open' || Math.abs(skewMs - state.skewMs) < SKEW_STEP_MS) return;
    this.#report({ ...state, skewMs: Math.round(skewMs) });
  }

  /** A resume may replay what had already arrived; each stateful message counts once. */
  #isNew(seq: number): boolean {
    if (this.#resume === null || seq <= this.#resume.seq) return false;
    this.#advance(seq);
    return true;
  }

  #advance(seq: number): void {
    if (this.#resume !== null) this.#resume = { session: this.#resume.session, seq };
  }

  #closed(code: number, reason: string): void {
    const why = reason || this.#lastError;
    switch (code) {
      case CLOSE_CODES.unauthenticated:
        this.#refuse(why || 'the token is not accepted: create a new one and add the agent again');
        return;
      case CLOSE_CODES.forbidden:
        this.#refuse(why || 'the token may not read this agent: ask its administrator for the role viewer');
        return;
      case CLOSE_CODES.protocol:
        this.#refuse(why || `the agent does not speak protocol ${PROTOCOL_VERSION}: update the older of the two`);
        return;
      default:
        this.#fail(
          why || (code === 1006 ? 'the agent cannot be reached' : `the agent closed the connection (${code})`),
        );
    }
  }

  /** Down, but trying again may help. */
  #fail(reason: string): void {
    this.#hangUp(1000, reason);
    const nowMs = this.#options.now();
    if (this.#state.type === 'open') {
      this.#downSinceMs = nowMs;
      this.#cancel('settled');
      this.#cancel('ping');
    }
    this.#attempt++;
    const waitMs = reconnectDelayMs(this.#attempt, this.#options.random());
    this.#reportDown(nowMs + waitMs, reason);
    this.#after('retry', waitMs, () => this.#dial());
  }

  #reportDown(nextAtMs: number, reason: string): void {
    const downSinceMs = this.#downSinceMs;
    const offlineInMs = downSinceMs + OFFLINE_AFTER_MS - this.#options.now();
    if (offlineInMs <= 0) {
      this.#report({ type: 'offline', downSinceMs, nextAtMs, reason });
      return;
    }
    this.#report({ type: 'reconnecting', attempt: this.#attempt, nextAtMs, downSinceMs, reason });
    this.#after('offline', offlineInMs, () => {
      if (this.#state.type === 'reconnecting') {
        this.#report({
          type: 'offline',
          downSinceMs,
          nextAtMs: this.#state.nextAtMs,
          reason: this.#state.reason,
        });
      }
    });
  }

  /** What trying again cannot cure; it stays so until a person asks for another try. */
  #refuse(reason: string): void {
    this.#hangUp(1000, 'refused');
    this.#cancelTimers();
    this.#report({ type: 'refused', reason });
  }

  #hangUp(code: number, reason: string): void {
    this.#cancel('deadline');
    const socket = this.#socket;
    this.#socket = null;
    this.#generation++;
    // A close reason may hold 123 bytes (RFC 6455 §5.5); a longer one makes the socket throw.
    socket?.close(code, reason.slice(0, 40));
  }

  #send(message: ClientMessage): void {
    this.#socket?.send(JSON.stringify(message));
  }

  #report(connection: ConnectionState): void {
    this.#state = connection;
    this.#emit({ type: 'connection', connection });
  }

  #emit(event: ConnectionEvent): void {
    if (this.#running) this.#options.onEvent(event);
  }

  #after(name: TimerName, ms: number, run: () => void): void {
    this.#cancel(name);
    const cancel = this.#options.setTimer(() => {
      this.#timers.delete(name);
      run();
    }, ms);
    this.#timers.set(name, cancel);
  }

  #cancel(name: TimerName): void {
    this.#timers.get(name)?.();
    this.#timers.delete(name);
  }

  #cancelTimers(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }
}
