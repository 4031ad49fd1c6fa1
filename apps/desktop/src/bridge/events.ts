import type {
  AgentHealth,
  AgentInfo,
  Anomaly,
  Beat,
  ExplainMessage,
  HookRun,
  Incident,
  LiveLine,
  Rejection,
  Role,
  Scope,
  DrawnSignal,
  Source,
} from '@sentinellog/shared';
import type { LinkTarget } from './link-target.ts';

/** How a connection is, as a closed union; the screens say it in words, never by colour alone (ux §2.2). */
export type ConnectionState =
  | { readonly type: 'connecting' }
  | {
      readonly type: 'open';
      readonly sinceMs: number;
      readonly role: Role;
      readonly scopes: readonly Scope[];
      readonly skewMs: number;
    }
  | {
      readonly type: 'reconnecting';
      readonly attempt: number;
      readonly nextAtMs: number;
      readonly downSinceMs: number;
      readonly reason: string;
    }
  /** Down for more than 60 s; still trying. */
  | { readonly type: 'offline'; readonly downSinceMs: number; readonly nextAtMs: number; readonly reason: string }
  /** What trying again cannot cure: wrong token, wrong protocol, not an agent. */
  | { readonly type: 'refused'; readonly reason: string };

/** From whatever holds the connections to the screen. `heartbeat` is high-rate and must not enter React state. */
export type BridgeEvent =
  | { readonly type: 'connection'; readonly agentId: string; readonly connection: ConnectionState }
  | { readonly type: 'agents'; readonly agents: readonly string[] }
  /** A notification or a link was pressed: go there, and do nothing else. */
  | { readonly type: 'link'; readonly target: LinkTarget }
  | { readonly type: 'hello'; readonly agentId: string; readonly agent: AgentInfo }
  | {
      readonly type: 'snapshot';
      readonly agentId: string;
      readonly sources: readonly Source[];
      readonly anomalies: readonly Anomaly[];
      /** Absent when the agent keeps no incidents. */
      readonly incidents?: readonly Incident[];
    }
  | { readonly type: 'source'; readonly agentId: string; readonly source: Source }
  | { readonly type: 'anomaly'; readonly agentId: string; readonly anomaly: Anomaly }
  | { readonly type: 'incident'; readonly agentId: string; readonly incident: Incident }
  | {
      readonly type: 'heartbeat';
      readonly agentId: string;
      readonly signal: DrawnSignal;
      readonly nowMs: number;
      readonly beats: readonly Beat[];
    }
  | { readonly type: 'health'; readonly agentId: string; readonly health: AgentHealth }
  /** A state of an automation hook's run that was asked for here. */
  | { readonly type: 'hookRun'; readonly agentId: string; readonly run: HookRun }
  | { readonly type: 'rejection'; readonly agentId: string; readonly rejection: Rejection }
  /** What an explanation that was asked for has found so far. */
  | {
      readonly type: 'explanation';
      readonly agentId: string;
      readonly explanationId: string;
      readonly message: ExplainMessage;
    }
  | {
      readonly type: 'lines';
      readonly agentId: string;
      readonly lines: readonly LiveLine[];
      /** How many matched; more than `lines` where they are a sample, one in `sampled`. */
      readonly matched: number;
      readonly sampled: number;
    }
  | { readonly type: 'gap'; readonly agentId: string; readonly topic: string; readonly dropped: number };
