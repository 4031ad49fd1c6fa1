import type { Incident } from '@sentinellog/shared';
import { formatLink } from '../../bridge/link-target.ts';
import { duration } from '../words/duration.ts';
import { firingWords, incidentState } from '../words/incident-words.ts';
import { visibleText } from '../words/visible-text.ts';

/** Where an incident is found again; it only leads there and never does anything. */
export function incidentLink(incident: Pick<Incident, 'incident_id'>, clusterCode: string): string {
  return formatLink({ to: 'incident', incidentId: incident.incident_id, cluster: clusterCode, tab: null });
}

/** All that the next one on call needs, as Markdown that Slack and a ticket both show well. Times in UTC. */
export function handoff(incident: Incident, clusterCode: string, nowMs: number): string {
  const { first_mover, alerts } = incident;
  return [
    `**${incident.severity} ${incident.key}@${clusterCode}: ${visibleText(incident.title)}**`,
    `${incidentState(incident)}, ${firingWords(incident, nowMs)}, for ${duration(nowMs - first_mover.at_ms)} (since ${at(first_mover.at_ms)} UTC)`,
    `Owner: ${visibleText(incident.assigned_to ?? 'nobody')}`,
    `First: ${visibleText(first_mover.service)} at ${at(first_mover.at_ms)} UTC, ${visibleText(first_mover.reason)}`,
    ...alerts.map(
      ({ service, reason, firing }) =>
        `- ${visibleText(service)}: ${visibleText(reason)}${firing ? '' : ' (back inside)'}`,
    ),
    incidentLink(incident, clusterCode),
  ].join('\n');
}

function at(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}
