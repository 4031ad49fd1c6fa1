import type { DrawnSignal } from '@sentinellog/shared';
import { createStore } from 'zustand/vanilla';
import type { ConsoleBridge } from '../../bridge/calls.ts';
import type { HeartbeatFeed } from './heartbeat-feed.ts';

/** Ids travel in a query string; more sources than this show their past when they are isolated or scoped to. */
const MAX_SOURCES_A_REQUEST = 100;

/** How the stored past of one agent stands on the screen. */
export type History =
  | { readonly type: 'loading' }
  | { readonly type: 'ready'; readonly atMs: number }
  | { readonly type: 'failed'; readonly detail: string; readonly retryable: boolean; readonly atMs: number };

export interface HistoryRequest {
  readonly agentId: string;
  /** Ids in the order in which they matter. */
  readonly sources: readonly string[];
  readonly signal: DrawnSignal;
  readonly rangeSeconds: number;
  readonly stepSeconds: number;
  /** By the agent's clock. */
  readonly nowMs: number;
}

/** How many of the last steps are asked for again: the live ones were estimates (heartbeat-feed.ts). */
const TAIL_STEPS = 10;

/** Fetches the stored past into the feed; an answer that comes after the question has changed is thrown away. */
export class HistoryLoader {
  readonly states = createStore<ReadonlyMap<string, History>>(() => new Map());
  readonly #bridge: Pick<ConsoleBridge, 'heartbeats'>;
  readonly #feed: HeartbeatFeed;
  readonly #now: () => number;
  readonly #latest = new Map<string, number>();
  #requests = 0;

  constructor(bridge: Pick<ConsoleBridge, 'heartbeats'>, feed: HeartbeatFeed, now: () => number) {
    this.#bridge = bridge;
    this.#feed = feed;
    this.#now = now;
  }

  async load(request: HistoryRequest): Promise<void> {
    const { agentId } = request;
    const number = ++this.#requests;
    this.#latest.set(agentId, number);
    this.#set(agentId, { type: 'loading' });
    const answer = await this.#ask(request);
    if (this.#latest.get(agentId) !== number) return;
    const atMs = this.#now();
    if (answer.ok) {
      this.#feed.takeHistory(agentId, answer.value);
      this.#set(agentId, { type: 'ready', atMs });
    } else {
      const { detail, retryable } = answer.error;
      this.#set(agentId, { type: 'failed', detail, retryable, atMs });
    }
  }

  /** The agent's own figures for the last steps, in silence: when it fails, the estimates stay. */
  async refreshTail(request: HistoryRequest): Promise<void> {
    await this.#fill({ ...request, rangeSeconds: TAIL_STEPS * request.stepSeconds });
  }

  /** As `load`, but what is on the screen stays as it is until the answer is there, and if it fails. */
  async refresh(request: HistoryRequest): Promise<void> {
    if (await this.#fill(request)) this.#set(request.agentId, { type: 'ready', atMs: this.#now() });
  }

  async #fill(request: HistoryRequest): Promise<boolean> {
    const number = this.#latest.get(request.agentId);
    const answer = await this.#ask(request);
    const isWanted = answer.ok && this.#latest.get(request.agentId) === number;
    if (isWanted) this.#feed.takeHistory(request.agentId, answer.value);
    return isWanted;
  }

  #ask({ agentId, sources, signal, rangeSeconds, stepSeconds, nowMs }: HistoryRequest) {
    const stepMs = stepSeconds * 1000;
    return this.#bridge.heartbeats({
      agentId,
      sources: sources.length > MAX_SOURCES_A_REQUEST ? sources.slice(0, MAX_SOURCES_A_REQUEST) : [],
      signal,
      fromMs: Math.floor((nowMs - rangeSeconds * 1000) / stepMs) * stepMs,
      toMs: Math.floor(nowMs / stepMs) * stepMs,
      stepSeconds,
    });
  }

  forget(agentId: string): void {
    this.#latest.delete(agentId);
    const states = new Map(this.states.getState());
    states.delete(agentId);
    this.states.setState(states, true);
  }

  #set(agentId: string, history: History): void {
    this.states.setState(new Map(this.states.getState()).set(agentId, history), true);
  }
}
