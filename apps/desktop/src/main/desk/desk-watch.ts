import type { Incident } from '@sentinellog/shared';
import { deskStatus, type DeskAgent, type DeskStatus } from '../../bridge/desk-status.ts';
import type { BridgeEvent, ConnectionState } from '../../bridge/events.ts';

/** As many as an agent's picture holds; the oldest makes room. */
const MAX_INCIDENTS = 2000;

interface Watched {
  readonly name: string;
  readonly code: string;
  connection: ConnectionState;
  /** null while no beat with a value has come. */
  newestSecond: number | null;
  degraded: readonly string[];
  incidents: Map<string, Incident> | null;
}

/**
 * The main process's own view of all clusters. The tray and the badge stand on this, not on a page: a page may be closed,
 * frozen or dead, and the tray would go on showing its last word.
 */
export class DeskWatch {
  readonly #agents = new Map<string, Watched>();

  take(event: BridgeEvent): void {
    if (event.type === 'agents' || event.type === 'link') return;
    const agent = this.#agents.get(event.agentId);
    if (agent === undefined) return;
    switch (event.type) {
      case 'connection':
        agent.connection = event.connection;
        return;
      case 'snapshot':
        agent.incidents = event.incidents === undefined ? null : new Map();
        for (const incident of event.incidents ?? []) put(agent, incident);
        return;
      case 'incident':
        put(agent, event.incident);
        return;
      case 'heartbeat':
        for (const { t, value } of event.beats) {
          if (value !== null && t > (agent.newestSecond ?? -1)) agent.newestSecond = t;
        }
        return;
      case 'health':
        agent.degraded = event.health.degraded;
        return;
      case 'hello':
      case 'source':
      case 'anomaly':
      case 'rejection':
      case 'gap':
      case 'hookRun':
      case 'explanation':
      case 'lines':
        return;
      default:
        event satisfies never;
    }
  }

  /** Who there is, whenever the list has changed; what is known of those that stay is kept. */
  list(
    agents: readonly {
      readonly agentId: string;
      readonly name: string;
      readonly code: string;
      readonly connection: ConnectionState;
    }[],
  ): void {
    const before = new Map(this.#agents);
    this.#agents.clear();
    for (const { agentId, name, code, connection } of agents) {
      const known = before.get(agentId);
      this.#agents.set(agentId, {
        newestSecond: known?.newestSecond ?? null,
        degraded: known?.degraded ?? [],
        incidents: known?.incidents ?? null,
        name,
        code,
        connection,
      });
    }
  }

  /** null: an agent that is no longer, or not yet, in the list. */
  codeOf(agentId: string): string | null {
    return this.#agents.get(agentId)?.code ?? null;
  }

  status(nowMs: number): DeskStatus {
    return deskStatus(
      [...this.#agents].map(([agentId, agent]): DeskAgent => {
        const { name, code, connection, newestSecond, degraded, incidents } = agent;
        const skewMs = connection.type === 'open' ? connection.skewMs : 0;
        const dataAgeMs = newestSecond === null ? null : Math.max(0, nowMs + skewMs - (newestSecond + 1) * 1000);
        return {
          agentId,
          code,
          pulse: { name, connection, dataAgeMs, degraded },
          incidents: incidents === null ? null : [...incidents.values()],
        };
      }),
      nowMs,
    );
  }
}

function put(agent: Watched, incident: Incident): void {
  agent.incidents ??= new Map();
  agent.incidents.delete(incident.incident_id);
  agent.incidents.set(incident.incident_id, incident);
  if (agent.incidents.size <= MAX_INCIDENTS) return;
  const oldest = agent.incidents.keys().next();
  if (!oldest.done) agent.incidents.delete(oldest.value);
}
