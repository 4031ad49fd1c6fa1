/** The same sentences in every channel. All of it is plain text; each channel escapes it in its own way. */
import type { Incident } from '@sentinellog/shared';
import type { IncidentNotice, Transition } from '../pipeline/delivery.ts';
import { oneLine } from './plain-words.ts';

/** "EU · P1 · payment-service: 1,204 errors/min, normal 3 (41σ)". */
export function titleOf(notice: IncidentNotice, limit: number): string {
  return oneLine(`${notice.cluster} · ${notice.incident.severity} · ${notice.headline}`, limit);
}

const SENTENCES: Readonly<Record<Transition, (notice: IncidentNotice) => string>> = {
  opened: ({ because }) => `Opened: ${oneLine(because, 200)}`,
  updated: ({ incident }) => `${incident.severity} now, ${alertsOf(incident)}`,
  acknowledged: ({ incident }) => `Acknowledged by ${oneLine(incident.acked_by ?? 'somebody', 100)}`,
  unacknowledged: () => 'No longer acknowledged: it needs somebody again',
  resolved: ({ incident }) => `Resolved${resolverOf(incident)}${endingOf(incident)}`,
  reopened: ({ incident: { reopened } }) =>
    `Open again (${reopened === 1 ? 'once' : `${reopened} times`} within the cooldown)`,
  escalated: ({ because }) => `Escalated: ${oneLine(because, 200)}`,
};

/** What happened last, for a thread, a subject or a note. */
export function sentenceOf(notice: IncidentNotice): string {
  return SENTENCES[notice.transition](notice);
}

function resolverOf({ resolved_by }: Incident): string {
  return resolved_by === null ? '' : ` by ${oneLine(resolved_by, 100)}`;
}

const ENDINGS: Readonly<Record<NonNullable<Incident['resolution']>, string>> = {
  recovered: ': back to normal by itself',
  fixed: ': fixed',
  noise: ': it was noise',
  expected: ': it was expected',
  duplicate: ': a duplicate',
  merged: ': part of another incident',
};
function endingOf({ resolution }: Incident): string {
  return resolution === null ? '' : ENDINGS[resolution];
}

const STATES: Readonly<Record<Incident['state'], (incident: Incident) => string>> = {
  OPEN: ({ firing }) => (firing ? 'open' : 'open, quiet at the moment'),
  ACK: ({ acked_by }) => `acknowledged by ${oneLine(acked_by ?? 'somebody', 100)}`,
  RESOLVED: () => 'resolved',
};

/** "open", "acknowledged by Mia", "resolved". */
export function stateOf(incident: Incident): string {
  return STATES[incident.state](incident);
}

export function alertsOf({ alerts, services }: Incident): string {
  const names = services.slice(0, 3).map((name) => oneLine(name, 60));
  const more = services.length > 3 ? ` and ${services.length - 3} more` : '';
  return `${alerts.length} ${alerts.length === 1 ? 'alert' : 'alerts'} in ${names.join(', ')}${more}`;
}

/** Minutes and hours, for people: "since 14:05 UTC". */
export function utcClock(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 16)} UTC`;
}

const SAID: Readonly<Record<Transition, string>> = {
  opened: 'opened',
  updated: 'updated',
  acknowledged: 'acknowledged',
  unacknowledged: 'unacknowledged',
  resolved: 'resolved',
  reopened: 'open again',
  escalated: 'escalated',
};
export function wordOf(transition: Transition): string {
  return SAID[transition];
}
