/**
 * What the renderer may ask for: the whole contract between the console's screen and whatever holds the connections.
 * Two implementations: Electron (preload → main) and the browser (web/). The renderer never sees a socket or a token.
 */
import type { Anomaly, HeartbeatAnswer, Signal, Source, SourcePatch } from '@sentinellog/shared';
import type { BridgeEvent, ConnectionState } from './events.ts';

export interface SavedAgent {
  readonly agentId: string;
  readonly name: string;
  /** Short cluster code, 1-6 characters, shown on every row. */
  readonly code: string;
  readonly url: string;
  /** Index into the six cluster line colours. */
  readonly colour: number;
  readonly connection: ConnectionState;
  /** False when the access token is forgotten as soon as the console closes, for want of a key store. Absent: kept. */
  readonly tokenKept?: boolean;
}

export interface NewAgent {
  readonly url: string;
  readonly token: string;
}

/** A call never throws across the bridge: it says what failed and what to do. */
export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: CallError };
export interface CallError {
  readonly code: string;
  readonly detail: string;
  readonly retryable: boolean;
}

export interface HeartbeatRange {
  readonly agentId: string;
  /** Ids; empty stands for every source of the agent. */
  readonly sources: readonly string[];
  readonly signal: Signal;
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepSeconds: number;
}

export interface AnomalyRange {
  readonly agentId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** One entry a call: name → [argument, result]. Adding one here makes the compiler ask for it in every process. */
export interface Calls {
  listAgents: [void, readonly SavedAgent[]];
  addAgent: [NewAgent, Answer<SavedAgent>];
  removeAgent: [{ agentId: string }, Answer<null>];
  retryAgent: [{ agentId: string }, Answer<null>];
  heartbeats: [HeartbeatRange, Answer<HeartbeatAnswer>];
  /** The newest 1,000 anomalies of a range; the stream itself only brings those of the last hour and open ones. */
  anomalies: [AnomalyRange, Answer<readonly Anomaly[]>];
  anomaly: [{ agentId: string; eventId: string }, Answer<Anomaly>];
  patchSource: [{ agentId: string; sourceId: string; patch: SourcePatch }, Answer<Source>];
  /** Which signal the live heartbeats carry; one subscription an agent. */
  watchSignal: [{ signal: Signal }, Answer<null>];
  signOut: [void, Answer<null>];
}
export type CallName = keyof Calls;

export const CALL_NAMES = [
  'listAgents',
  'addAgent',
  'removeAgent',
  'retryAgent',
  'heartbeats',
  'anomalies',
  'anomaly',
  'patchSource',
  'watchSignal',
  'signOut',
] as const satisfies readonly CallName[];

export type ConsoleBridge = {
  readonly [Name in CallName]: (argument: Calls[Name][0]) => Promise<Calls[Name][1]>;
} & {
  /** `browser` cannot hold several agents or keep a token beyond its session; screens say so plainly. */
  readonly platform: 'electron' | 'browser';
  readonly version: string;
  /** Returns what stops the listening. */
  onEvent(listener: (event: BridgeEvent) => void): () => void;
};
