import type { AgentHealth, AgentInfo, Anomaly, Incident, Rejection, Source } from '@sentinellog/shared';
import type { ConnectionEvent } from '../../bridge/agent-connection.ts';

/** The agent knows 10,000 sources a tenant at most; the newest anomalies and rejections fill every list of the page. */
const MAX_SOURCES = 10_001;
const MAX_ANOMALIES = 2000;
const MAX_INCIDENTS = 2000;
const MAX_REJECTIONS = 100;

/**
 * What an agent has told so far. A window that opens or reloads later would otherwise see nothing until the next
 * reconnect, because the stream sends its snapshot only once.
 */
export class AgentPicture {
  #agent: AgentInfo | null = null;
  #health: AgentHealth | null = null;
  #hasSnapshot = false;
  readonly #sources = new Map<string, Source>();
  readonly #anomalies = new Map<string, Anomaly>();
  /** null until an agent has said that it keeps incidents. */
  #incidents: Map<string, Incident> | null = null;
  readonly #rejections: Rejection[] = [];

  take(event: ConnectionEvent): void {
    switch (event.type) {
      case 'hello':
        this.#agent = event.agent;
        return;
      case 'snapshot':
        this.#hasSnapshot = true;
        this.#sources.clear();
        this.#anomalies.clear();
        for (const source of event.sources) put(this.#sources, source.source_id, source, MAX_SOURCES);
        for (const anomaly of event.anomalies) put(this.#anomalies, anomaly.event_id, anomaly, MAX_ANOMALIES);
        this.#incidents = event.incidents === undefined ? null : new Map();
        for (const incident of event.incidents ?? []) this.#putIncident(incident);
        return;
      case 'source':
        put(this.#sources, event.source.source_id, event.source, MAX_SOURCES);
        return;
      case 'anomaly':
        put(this.#anomalies, event.anomaly.event_id, event.anomaly, MAX_ANOMALIES);
        return;
      case 'incident':
        this.#putIncident(event.incident);
        return;
      case 'health':
        this.#health = event.health;
        return;
      case 'rejection':
        this.#rejections.push(event.rejection);
        if (this.#rejections.length > MAX_REJECTIONS) this.#rejections.shift();
        return;
      // Passing news: beats are in the agent's history, a gap was told to whoever looked, the state is asked for anew.
      case 'heartbeat':
      case 'lines':
      case 'gap':
      case 'connection':
        return;
    }
  }

  /** The events that bring a fresh page to where this agent stands. */
  *events(): Generator<ConnectionEvent> {
    if (this.#agent !== null) yield { type: 'hello', agent: this.#agent };
    if (this.#hasSnapshot) {
      yield {
        type: 'snapshot',
        sources: [...this.#sources.values()],
        anomalies: [...this.#anomalies.values()],
        ...(this.#incidents === null ? {} : { incidents: [...this.#incidents.values()] }),
      };
    }
    if (this.#health !== null) yield { type: 'health', health: this.#health };
    for (const rejection of this.#rejections) yield { type: 'rejection', rejection };
  }

  #putIncident(incident: Incident): void {
    this.#incidents ??= new Map();
    put(this.#incidents, incident.incident_id, incident, MAX_INCIDENTS);
  }
}

/** Newest last; the oldest makes room. */
function put<T>(map: Map<string, T>, key: string, value: T, limit: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= limit) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
