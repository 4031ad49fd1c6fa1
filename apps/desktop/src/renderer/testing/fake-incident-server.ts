import type { BatchAnswer, Incident, IncidentAction, TimelineEntry, TimelineKind } from '@sentinellog/shared';
import type { Answer, BatchOfIncidents, OneIncidentAction } from '../../bridge/calls.ts';

const KINDS: Readonly<Record<IncidentAction['action'], TimelineKind>> = {
  ack: 'acknowledged',
  unack: 'unacknowledged',
  resolve: 'resolved',
  reopen: 'reopened',
  assign: 'assigned',
  notes: 'note',
  severity: 'severity_set',
  silence: 'silenced',
  unsilence: 'unsilenced',
  merge: 'merged',
};

const HOLD_MS = { ack: 4000, resolve: 8000 } as const;

/**
 * An agent's desk as the contract describes it: versions, 409 with the truth, idempotency keys, and the hold that
 * keeps what goes outward. It knows no network: a test decides what gets lost.
 */
export class FakeIncidentServer {
  readonly incidents = new Map<string, Incident>();
  readonly timeline: TimelineEntry[] = [];
  /** What has left the building, in order. */
  readonly relayed: { readonly incidentId: string; readonly what: 'acknowledged' | 'resolved' }[] = [];
  readonly #now: () => number;
  readonly #answers = new Map<string, Answer<Incident>>();
  readonly #batches = new Map<string, BatchAnswer>();
  /** Called after every change, as the stream would tell it. */
  onChange: (incident: Incident) => void = () => undefined;
  me = 'mia';

  constructor(now: () => number) {
    this.#now = now;
  }

  put(...incidents: readonly Incident[]): void {
    for (const incident of incidents) this.incidents.set(incident.incident_id, incident);
  }

  /** What the detector or another person does. */
  change(incidentId: string, change: Partial<Incident>): void {
    const incident = this.incidents.get(incidentId);
    if (incident !== undefined) this.#commit({ ...incident, ...change });
  }

  act({ incidentId, version, key, action }: Omit<OneIncidentAction, 'agentId'>): Answer<Incident> {
    const answered = this.#answers.get(key);
    if (answered !== undefined) return answered;
    const answer = this.#decide(incidentId, version, action, this.me);
    this.#answers.set(key, answer);
    return answer;
  }

  batch({ action, items, key }: Omit<BatchOfIncidents, 'agentId'>): BatchAnswer {
    const answer = this.#batches.get(key) ?? this.#decideAll(action, items);
    this.#batches.set(key, answer);
    return answer;
  }

  #decideAll(action: IncidentAction, items: BatchOfIncidents['items']): BatchAnswer {
    return {
      results: items.map(({ id, version }) => {
        const answer = this.#decide(id, version, action, this.me);
        if (answer.ok) return { id, ok: true, code: null, detail: null, incident: answer.value };
        const { code, detail, conflict } = answer.error;
        return { id, ok: false, code, detail, incident: conflict?.current ?? null };
      }),
    };
  }

  /** Sends outward whatever is no longer held. */
  relay(): void {
    for (const incident of this.incidents.values()) {
      if (incident.held === null || incident.held.until_ms > this.#now()) continue;
      this.relayed.push({ incidentId: incident.incident_id, what: incident.held.transition });
      this.#commit({ ...incident, held: null });
    }
  }

  /** Somebody else's action, on the version as it is. */
  actAs(person: string, incidentId: string, action: IncidentAction): void {
    this.#decide(incidentId, this.incidents.get(incidentId)?.version ?? 0, action, person);
  }

  #decide(incidentId: string, version: number, action: IncidentAction, person: string): Answer<Incident> {
    const incident = this.incidents.get(incidentId);
    if (incident === undefined) {
      return { ok: false, error: { code: 'not_found', detail: 'there is no such incident', retryable: false } };
    }
    const refused = (code: string, detail: string): Answer<never> => ({
      ok: false,
      error: { code, detail, retryable: false, conflict: { current: incident, changedBy: incident.acked_by } },
    });
    if (version !== incident.version) return refused('conflict', 'the incident has changed since it was read');
    const next = this.#effect(incident, action, person);
    if (next === 'still_firing') return refused('still_firing', 'its series are still outside: resolving re-opens it');
    if (next === null) return refused('conflict', `an incident that is ${incident.state} cannot take ${action.action}`);
    this.#note(incident.incident_id, action, person);
    return { ok: true, value: this.#commit(next) };
  }

  #effect(incident: Incident, action: IncidentAction, person: string): Incident | 'still_firing' | null {
    const nowMs = this.#now();
    switch (action.action) {
      case 'ack':
        if (incident.state !== 'OPEN') return null;
        return {
          ...incident,
          state: 'ACK',
          acked_by: person,
          acked_at_ms: nowMs,
          ack_expires_at_ms: nowMs + 1_800_000,
          assigned_to: incident.assigned_to ?? person,
          held: { transition: 'acknowledged', until_ms: nowMs + (action.holdMs ?? HOLD_MS.ack) },
        };
      case 'unack':
        if (incident.state !== 'ACK') return null;
        return { ...incident, state: 'OPEN', acked_by: null, acked_at_ms: null, ack_expires_at_ms: null, held: null };
      case 'resolve':
        if (incident.state === 'RESOLVED') return null;
        if (incident.firing && action.force !== true) return 'still_firing';
        return {
          ...incident,
          state: 'RESOLVED',
          resolved_by: person,
          resolved_at_ms: nowMs,
          resolution: action.resolution ?? null,
          held: { transition: 'resolved', until_ms: nowMs + (action.holdMs ?? HOLD_MS.resolve) },
        };
      case 'reopen':
        if (incident.state !== 'RESOLVED') return null;
        return {
          ...incident,
          state: 'OPEN',
          acked_by: null,
          acked_at_ms: null,
          ack_expires_at_ms: null,
          resolved_by: null,
          resolved_at_ms: null,
          resolution: null,
          held: null,
        };
      case 'assign':
        return { ...incident, assigned_to: action.to };
      case 'notes':
        return incident;
      case 'severity':
        if (action.severity === null) return { ...incident, severity_override: null };
        return {
          ...incident,
          severity: action.severity,
          severity_override: { severity: action.severity, reason: action.reason, by: person },
        };
      case 'silence':
        return { ...incident, silence_id: `silence-${nowMs}`, silenced_until_ms: action.untilMs ?? null };
      case 'unsilence':
        return { ...incident, silence_id: null, silenced_until_ms: null };
      case 'merge':
        return {
          ...incident,
          state: 'RESOLVED',
          resolution: 'merged',
          merged_into: action.into,
          resolved_at_ms: nowMs,
        };
      default:
        return action satisfies never;
    }
  }

  #commit(incident: Incident): Incident {
    const next = { ...incident, version: incident.version + 1, updated_at_ms: this.#now() };
    this.incidents.set(next.incident_id, next);
    this.onChange(next);
    return next;
  }

  #note(incidentId: string, action: IncidentAction, person: string): void {
    const text = action.action === 'notes' ? action.text : `${person}: ${KINDS[action.action]}`;
    this.timeline.push({
      entry_id: `entry-${this.timeline.length}`,
      incident_id: incidentId,
      alert_id: null,
      at_ms: this.#now(),
      actor: { kind: 'person', name: person, via: 'console' },
      kind: KINDS[action.action],
      text,
      links: [],
    });
  }
}
