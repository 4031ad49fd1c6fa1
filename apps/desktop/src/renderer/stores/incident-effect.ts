import type { Incident, IncidentAction } from '@sentinellog/shared';

/**
 * What of an incident a person can change and take back. Each is restored on its own, so that an undo never touches
 * what somebody else has changed since.
 */
const FACETS = ['state', 'owner', 'severity', 'silence'] as const;
export type Facet = (typeof FACETS)[number];

function facetOf(incident: Incident, facet: Facet): string {
  switch (facet) {
    case 'state':
      return incident.state;
    case 'owner':
      return incident.assigned_to ?? '';
    case 'severity':
      return incident.severity_override === null
        ? ''
        : `${incident.severity_override.severity} ${incident.severity_override.reason}`;
    case 'silence':
      return incident.silence_id === null ? '' : String(incident.silenced_until_ms ?? 'until worse');
    default:
      return facet satisfies never;
  }
}

/** The incident as it will most likely be once the agent has agreed: shown at once, and replaced by its answer. */
export function withAction(incident: Incident, action: IncidentAction, me: string, nowMs: number): Incident {
  switch (action.action) {
    case 'ack':
      if (incident.state !== 'OPEN') return incident;
      return { ...incident, state: 'ACK', acked_by: me, acked_at_ms: nowMs, assigned_to: incident.assigned_to ?? me };
    case 'unack':
      if (incident.state !== 'ACK') return incident;
      return { ...incident, state: 'OPEN', acked_by: null, acked_at_ms: null, ack_expires_at_ms: null };
    case 'resolve':
      return {
        ...incident,
        state: 'RESOLVED',
        resolved_by: me,
        resolved_at_ms: nowMs,
        resolution: action.resolution ?? null,
      };
    case 'reopen':
      return { ...incident, state: 'OPEN', resolved_by: null, resolved_at_ms: null, resolution: null };
    case 'assign':
      return { ...incident, assigned_to: action.to };
    case 'severity':
      if (action.severity === null) return { ...incident, severity_override: null };
      return {
        ...incident,
        severity: action.severity,
        severity_override: { severity: action.severity, reason: action.reason, by: me },
      };
    case 'silence':
      return { ...incident, silence_id: 'asked for', silenced_until_ms: action.untilMs ?? null };
    case 'unsilence':
      return { ...incident, silence_id: null, silenced_until_ms: null };
    case 'merge':
      return { ...incident, state: 'RESOLVED', resolution: 'merged', merged_into: action.into };
    case 'notes':
      return incident;
    default:
      return action satisfies never;
  }
}

/** True when a person would see a difference that they can make. */
export function differs(a: Incident, b: Incident): boolean {
  return FACETS.some((facet) => facetOf(a, facet) !== facetOf(b, facet));
}

/** True when somebody else has changed what this action is about since it was decided on. */
export function isOvertaken(seen: Incident, current: Incident, action: IncidentAction): boolean {
  return facetsOf(action).some((facet) => facetOf(seen, facet) !== facetOf(current, facet));
}

/** True when an incident is as this action would have made it. Of a note nobody can tell. */
export function isDone(wanted: Incident, current: Incident, action: IncidentAction): boolean {
  return action.action !== 'notes' && !isOvertaken(wanted, current, action);
}

function facetsOf(action: IncidentAction): readonly Facet[] {
  switch (action.action) {
    case 'ack':
    case 'unack':
    case 'resolve':
    case 'reopen':
    case 'merge':
      return ['state'];
    case 'assign':
      return ['owner'];
    case 'severity':
      return ['severity'];
    case 'silence':
    case 'unsilence':
      return ['silence'];
    case 'notes':
      return [];
    default:
      return action satisfies never;
  }
}

/** Notes stand in a timeline that is never rewritten, and the agent has no word for taking a merge apart. */
export function canBeTakenBack(action: IncidentAction): boolean {
  return action.action !== 'notes' && action.action !== 'merge';
}

/** What an undo still has to bring back, and what it leaves as somebody else made it. */
export interface WayBack {
  readonly facets: readonly Facet[];
  readonly overtaken: readonly Facet[];
}

/** From `after`, which my action made of `before`, given what the incident is now. */
export function wayBack(before: Incident, after: Incident, current: Incident): WayBack {
  const mine = FACETS.filter((facet) => facetOf(before, facet) !== facetOf(after, facet));
  const facets = mine.filter((facet) => facetOf(after, facet) === facetOf(current, facet));
  return { facets, overtaken: mine.filter((facet) => !facets.includes(facet)) };
}

/** `shown` with these facets as they were. */
export function withFacets(shown: Incident, before: Incident, facets: readonly Facet[]): Incident {
  return facets.reduce((incident, facet) => {
    switch (facet) {
      case 'state':
        return {
          ...incident,
          state: before.state,
          acked_by: before.acked_by,
          acked_at_ms: before.acked_at_ms,
          resolved_by: before.resolved_by,
          resolved_at_ms: before.resolved_at_ms,
          resolution: before.resolution,
        };
      case 'owner':
        return { ...incident, assigned_to: before.assigned_to };
      case 'severity':
        return { ...incident, severity: before.severity, severity_override: before.severity_override };
      case 'silence':
        return { ...incident, silence_id: before.silence_id, silenced_until_ms: before.silenced_until_ms };
      default:
        return facet satisfies never;
    }
  }, shown);
}

/** The next action that brings `current` nearer to `before` in these facets; null when nothing is left to do. */
export function stepBack(current: Incident, before: Incident, facets: Iterable<Facet>): IncidentAction | null {
  for (const facet of facets) {
    if (facetOf(current, facet) === facetOf(before, facet)) continue;
    switch (facet) {
      case 'state':
        return stateStep(current, before);
      case 'owner':
        return { action: 'assign', to: before.assigned_to };
      case 'severity': {
        const wanted = before.severity_override;
        return { action: 'severity', severity: wanted?.severity ?? null, reason: wanted?.reason ?? '' };
      }
      case 'silence':
        if (before.silence_id === null) return { action: 'unsilence' };
        return {
          action: 'silence',
          scope: 'incident',
          reason: 'put back by undo',
          ...(before.silenced_until_ms === null ? { untilWorse: true } : { untilMs: before.silenced_until_ms }),
        };
      default:
        return facet satisfies never;
    }
  }
  return null;
}

function stateStep(current: Incident, before: Incident): IncidentAction {
  switch (before.state) {
    case 'OPEN':
      return current.state === 'RESOLVED' ? { action: 'reopen' } : { action: 'unack' };
    case 'ACK':
      return current.state === 'RESOLVED' ? { action: 'reopen' } : { action: 'ack' };
    case 'RESOLVED': {
      const { resolution } = before;
      const personal =
        resolution === 'fixed' || resolution === 'noise' || resolution === 'expected' || resolution === 'duplicate';
      return { action: 'resolve', force: true, ...(personal ? { resolution } : {}) };
    }
    default:
      return before.state satisfies never;
  }
}
