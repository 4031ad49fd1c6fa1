import type { AgentHealth, AgentInfo, Anomaly, Rejection, Source } from '@sentinellog/shared';
import type { SavedAgent } from '../../bridge/calls.ts';
import type { BridgeEvent } from '../../bridge/events.ts';
import type { LastKnown } from '../../bridge/last-known.ts';

/** Bounds of what is kept of one agent; what goes over is let go, oldest first, and counted. */
const MAX_ANOMALIES = 2000;
const MAX_REJECTIONS = 200;

export interface ShownRejection {
  /** Counts up from 1 an agent: the row's identity. */
  readonly number: number;
  readonly rejection: Rejection;
}

/** Everything that is known of one agent, except its streaming numbers. */
export interface AgentView {
  readonly saved: SavedAgent;
  readonly info: AgentInfo | null;
  readonly health: AgentHealth | null;
  readonly sources: ReadonlyMap<string, Source>;
  /** By event id, in the order of arrival. */
  readonly anomalies: ReadonlyMap<string, Anomaly>;
  /** Newest first. */
  readonly rejections: readonly ShownRejection[];
  readonly rejectionsSeen: number;
  /** It has not said a word yet since this console started: what is shown was kept then. */
  readonly asOfMs: number | null;
  /** Messages that the agent dropped because this console was too slow. */
  readonly dropped: number;
}

/** The part of a last known state that is shown as the agent's own. */
export type Recalled = Pick<LastKnown, 'agentId' | 'atMs' | 'info' | 'sources' | 'anomalies'>;

export type Agents = ReadonlyMap<string, AgentView>;

function newAgent(saved: SavedAgent): AgentView {
  return {
    saved,
    info: null,
    health: null,
    sources: new Map(),
    anomalies: new Map(),
    rejections: [],
    rejectionsSeen: 0,
    asOfMs: null,
    dropped: 0,
  };
}

/** The agents after a new list: known ones keep what is known of them. */
export function listed(agents: Agents, list: readonly SavedAgent[]): Agents {
  return new Map(list.map((saved) => [saved.agentId, { ...(agents.get(saved.agentId) ?? newAgent(saved)), saved }]));
}

/** The agents with what one of them had said before this console started; what it has said since stands. */
export function recalled(agents: Agents, { agentId, atMs, info, sources, anomalies }: Recalled): Agents {
  const agent = agents.get(agentId);
  if (agent === undefined || agent.info !== null) return agents;
  return new Map(agents).set(agentId, {
    ...agent,
    info,
    sources: new Map(sources.map((source) => [source.source_id, source])),
    anomalies: new Map(anomalies.map((anomaly) => [anomaly.event_id, anomaly])),
    asOfMs: atMs,
  });
}

/** The agents after a batch of events; the batch is applied as one change, so that a storm is rendered once. */
export function applied(agents: Agents, events: readonly BridgeEvent[]): Agents {
  const next = new Map(agents);
  const batches = Map.groupBy(
    events.filter((event) => event.type !== 'agents' && event.type !== 'link' && event.type !== 'heartbeat'),
    (event) => event.agentId,
  );
  for (const [agentId, batch] of batches) {
    const agent = next.get(agentId);
    if (agent !== undefined) next.set(agentId, appliedToAgent(agent, batch));
  }
  return next;
}

type AgentEvent = Exclude<BridgeEvent, { type: 'agents' | 'link' | 'heartbeat' }>;

/** The maps are copied once a batch, not once an event: a storm of 2,000 anomalies stays linear. */
function appliedToAgent(agent: AgentView, events: readonly AgentEvent[]): AgentView {
  let { saved, info, health, rejectionsSeen, dropped, asOfMs } = agent;
  const touchesSources = events.some((event) => event.type === 'source' || event.type === 'snapshot');
  const touchesAnomalies = events.some((event) => event.type === 'anomaly' || event.type === 'snapshot');
  const sources = touchesSources ? new Map(agent.sources) : null;
  const anomalies = touchesAnomalies ? new Map(agent.anomalies) : null;
  const newRejections: ShownRejection[] = [];
  for (const event of events) {
    switch (event.type) {
      case 'connection':
        saved = { ...saved, connection: event.connection };
        break;
      case 'hello':
        info = event.agent;
        saved = { ...saved, name: event.agent.name, code: event.agent.code };
        break;
      case 'snapshot':
        sources?.clear();
        // What was open when it was kept may be over since: the agent names what is.
        if (asOfMs !== null) anomalies?.clear();
        asOfMs = null;
        for (const source of event.sources) sources?.set(source.source_id, source);
        for (const anomaly of event.anomalies) anomalies?.set(anomaly.event_id, anomaly);
        break;
      case 'source':
        sources?.set(event.source.source_id, event.source);
        break;
      case 'anomaly':
        anomalies?.set(event.anomaly.event_id, event.anomaly);
        break;
      case 'health':
        health = event.health;
        break;
      case 'rejection':
        rejectionsSeen++;
        newRejections.unshift({ number: rejectionsSeen, rejection: event.rejection });
        break;
      // Incidents have a desk of their own, explanations and lines the panel that asked for them.
      case 'incident':
      case 'explanation':
      case 'lines':
        break;
      case 'hookRun':
        // The desk of policies listens for itself.
        break;
      case 'gap':
        dropped += event.dropped;
        break;
    }
  }
  return {
    saved,
    info,
    health,
    sources: sources ?? agent.sources,
    anomalies: anomalies === null ? agent.anomalies : bounded(anomalies),
    rejections:
      newRejections.length === 0 ? agent.rejections : [...newRejections, ...agent.rejections].slice(0, MAX_REJECTIONS),
    rejectionsSeen,
    asOfMs,
    dropped,
  };
}

/** Over the bound the oldest that are over go first; open ones stay as long as there is anything else to let go. */
function bounded(anomalies: ReadonlyMap<string, Anomaly>): ReadonlyMap<string, Anomaly> {
  const excess = anomalies.size - MAX_ANOMALIES;
  if (excess <= 0) return anomalies;
  const dispensable = [...anomalies.values()].toSorted(
    (a, b) => Number(a.ended_at_ms === null) - Number(b.ended_at_ms === null) || a.started_at_ms - b.started_at_ms,
  );
  const gone = new Set(dispensable.slice(0, excess).map((anomaly) => anomaly.event_id));
  return new Map([...anomalies].filter(([id]) => !gone.has(id)));
}
