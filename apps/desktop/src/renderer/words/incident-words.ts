import type { AlertState, Incident, IncidentAction } from '@sentinellog/shared';
import { ago } from './duration.ts';
import { visibleText } from './visible-text.ts';

const STATES: Readonly<Record<AlertState, string>> = { OPEN: 'open', ACK: 'acknowledged', RESOLVED: 'resolved' };

export function incidentState(incident: Pick<Incident, 'state' | 'resolution' | 'silence_id'>): string {
  if (incident.state === 'RESOLVED' && incident.resolution !== null) return `resolved: ${incident.resolution}`;
  return incident.silence_id !== null && incident.state !== 'RESOLVED' ? 'silenced' : STATES[incident.state];
}

/** `still firing`, `quiet 4 m`: what the series do, whatever people have decided. */
export function firingWords(incident: Pick<Incident, 'firing' | 'quiet_since_ms'>, nowMs: number): string {
  if (incident.firing) return 'still firing';
  return incident.quiet_since_ms === null
    ? 'quiet'
    : `quiet ${ago(nowMs - incident.quiet_since_ms).replace(' ago', '')}`;
}

/** `INC-20260101010000 payment-service@EU`: what a toast, a title and a screen reader call it. */
export function incidentName(
  incident: Pick<Incident, 'key' | 'services' | 'first_mover'>,
  clusterCode: string,
): string {
  const others = otherServices(incident).length;
  return `${incident.key} ${visibleText(incident.first_mover.service)}@${clusterCode}${others > 0 ? ` +${others}` : ''}`;
}

/** The services that it has spread to: the one that went first is named first, wherever an incident is named. */
export function otherServices({
  services,
  first_mover,
}: Pick<Incident, 'services' | 'first_mover'>): readonly string[] {
  return services.filter((service) => service !== first_mover.service);
}

/** What was done, as the first words of a sentence that goes on with what it was done to. */
export function actionDone(action: IncidentAction): string {
  switch (action.action) {
    case 'ack':
      return 'Acknowledged';
    case 'unack':
      return 'Un-acknowledged';
    case 'resolve':
      return action.resolution === undefined ? 'Resolved' : `Resolved as ${action.resolution}`;
    case 'reopen':
      return 'Re-opened';
    case 'assign':
      return action.to === null ? 'Un-assigned' : `Assigned to ${visibleText(action.to)}:`;
    case 'notes':
      return 'Noted on';
    case 'severity':
      return action.severity === null ? 'Severity back to its own for' : `Severity ${action.severity} for`;
    case 'silence':
      return action.untilWorse === true ? 'Silenced until it gets worse:' : 'Silenced';
    case 'unsilence':
      return 'Un-silenced';
    case 'merge':
      return 'Merged';
    default:
      return action satisfies never;
  }
}

/** The same as something asked for: `Could not acknowledge …`. */
export function actionAsked(action: IncidentAction): string {
  const verbs: Readonly<Record<IncidentAction['action'], string>> = {
    ack: 'acknowledge',
    unack: 'un-acknowledge',
    resolve: 'resolve',
    reopen: 're-open',
    assign: 'assign',
    notes: 'note on',
    severity: 'change the severity of',
    silence: 'silence',
    unsilence: 'un-silence',
    merge: 'merge',
  };
  return verbs[action.action];
}
