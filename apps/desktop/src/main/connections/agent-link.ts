import type { DrawnSignal } from '@sentinellog/shared';
import { AgentConnection, type AgentConnectionOptions, type ConnectionEvent } from '../../bridge/agent-connection.ts';
import type { LineWish } from '../../bridge/calls.ts';
import type { BridgeEvent, ConnectionState } from '../../bridge/events.ts';
import { WindowBudget } from '../../bridge/window-budget.ts';
import { AgentPicture } from './agent-picture.ts';
import { BeatMerger } from './beat-merger.ts';

/** Sources, anomalies, rejections and the like: what one agent may put on the page in a second, whatever it claims. */
const MAX_EVENTS_PER_SECOND = 500;

export interface LinkOptions extends Pick<AgentConnectionOptions, 'openSocket' | 'now' | 'setTimer' | 'random'> {
  readonly agentId: string;
  readonly streamUrl: string;
  readonly token: () => string;
  readonly send: (event: BridgeEvent) => void;
}

/** One agent's stream on its way to the page: slowed to what a page can take, and remembered for one that comes later. */
export class AgentLink {
  readonly #agentId: string;
  readonly #send: (event: BridgeEvent) => void;
  readonly #now: () => number;
  readonly #connection: AgentConnection;
  readonly #beats: BeatMerger;
  readonly #picture = new AgentPicture();
  readonly #budget = new WindowBudget(MAX_EVENTS_PER_SECOND, 1000);
  #dropped = 0;

  constructor({ agentId, streamUrl, token, send, openSocket, now, setTimer, random }: LinkOptions) {
    this.#agentId = agentId;
    this.#send = send;
    this.#now = now;
    this.#connection = new AgentConnection({
      url: streamUrl,
      openSocket,
      token,
      now,
      setTimer,
      random,
      onEvent: (event) => this.#take(event),
    });
    this.#beats = new BeatMerger({
      now,
      setTimer,
      send,
      onDropped: (dropped) => send({ type: 'gap', agentId, topic: 'heartbeats', dropped }),
    });
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  start(): void {
    this.#connection.start();
  }

  stop(): void {
    this.#connection.stop();
    this.#beats.stop();
  }

  retryNow(): void {
    this.#connection.retryNow();
  }

  watch(signal: DrawnSignal): void {
    this.#connection.watch(signal);
  }

  watchLines(wish: LineWish | null): void {
    this.#connection.watchLines(wish);
  }

  /** Tells a fresh page where this agent stands. */
  replay(): void {
    for (const event of this.#picture.events()) this.#send(withAgentId(event, this.#agentId));
  }

  #take(event: ConnectionEvent): void {
    this.#picture.take(event);
    switch (event.type) {
      case 'heartbeat':
        this.#beats.add({ ...event, agentId: this.#agentId });
        return;
      // States and snapshots are few by construction, and everything else rests on them.
      case 'connection':
      case 'hello':
      case 'snapshot':
        this.#send(withAgentId(event, this.#agentId));
        return;
      case 'source':
      case 'anomaly':
      case 'incident':
      case 'health':
      case 'lines':
      case 'rejection':
      case 'gap':
        this.#sendWithinBudget(event);
        return;
    }
  }

  /** What is over the budget is in the picture and in the agent's own lists; the page hears how much it missed. */
  #sendWithinBudget(event: ConnectionEvent): void {
    if (!this.#budget.spend(this.#now())) {
      this.#dropped++;
      return;
    }
    if (this.#dropped > 0) {
      this.#send({ type: 'gap', agentId: this.#agentId, topic: 'events', dropped: this.#dropped });
      this.#dropped = 0;
    }
    this.#send(withAgentId(event, this.#agentId));
  }
}

function withAgentId(event: ConnectionEvent, agentId: string): BridgeEvent {
  return { ...event, agentId };
}
