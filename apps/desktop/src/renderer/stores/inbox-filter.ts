import { SEVERITIES, type Severity } from '@sentinellog/shared';
import { countOpen, type OpenCount } from '../../bridge/open-count.ts';
import type { DeskRow, DeskState } from './desk-state.ts';
import { refKey, type IncidentRef } from './incident-ref.ts';

export const INBOX_TABS = ['review', 'mine', 'acked', 'silenced', 'resolved', 'all'] as const;
export type InboxTab = (typeof INBOX_TABS)[number];

export const TAB_NAMES: Readonly<Record<InboxTab, string>> = {
  review: 'For review',
  mine: 'Mine',
  acked: 'Acked',
  silenced: 'Silenced',
  resolved: 'Resolved',
  all: 'All',
};

export interface InboxFilter {
  readonly tab: InboxTab;
  readonly severity: Severity | null;
  /** Words that the title, the key, a service or the owner must hold. */
  readonly text: string;
}

export interface InboxScope {
  readonly agentIds: readonly string[] | null;
  readonly services: readonly string[] | null;
  readonly me: (agentId: string) => string;
}

/** Starts this close together, and on a service in common, are told as one story (ux §2.8). */
const RELATED_WITHIN_MS = 90_000;

export function rowRef({ agentId, incident }: DeskRow): IncidentRef {
  return { agentId, incidentId: incident.incident_id };
}

export function rowKey(row: DeskRow): string {
  return refKey(rowRef(row));
}

export function inTab({ incident, agentId }: DeskRow, tab: InboxTab, me: InboxScope['me']): boolean {
  const { state, silence_id, assigned_to, acked_by } = incident;
  const silenced = silence_id !== null && state !== 'RESOLVED';
  switch (tab) {
    case 'review':
      return state === 'OPEN' && !silenced;
    case 'mine':
      return state !== 'RESOLVED' && (assigned_to ?? acked_by) === me(agentId);
    case 'acked':
      return state === 'ACK';
    case 'silenced':
      return silenced;
    case 'resolved':
      return state === 'RESOLVED';
    case 'all':
      return true;
    default:
      return tab satisfies never;
  }
}

export function inScope(
  { agentId, incident }: DeskRow,
  { agentIds, services }: Pick<InboxScope, 'agentIds' | 'services'>,
): boolean {
  if (agentIds !== null && !agentIds.includes(agentId)) return false;
  return services === null || incident.services.some((service) => services.includes(service));
}

export function fits(row: DeskRow, filter: InboxFilter, scope: InboxScope): boolean {
  const { incident } = row;
  if (!inScope(row, scope) || !inTab(row, filter.tab, scope.me)) return false;
  if (filter.severity !== null && incident.severity !== filter.severity) return false;
  const wanted = filter.text.trim().toLowerCase();
  if (wanted === '') return true;
  const words = [incident.key, incident.title, incident.assigned_to ?? '', ...incident.services].join(' ');
  return words.toLowerCase().includes(wanted);
}

export function allRows({ agents }: Pick<DeskState, 'agents'>): readonly DeskRow[] {
  return [...agents.values()].flatMap((rows) => [...rows.values()]);
}

/** The rows of these keys, in their order. */
export function rowsOf(desk: Pick<DeskState, 'agents'>, order: readonly string[]): readonly DeskRow[] {
  const known = new Map(allRows(desk).map((row) => [rowKey(row), row]));
  return order.flatMap((key) => known.get(key) ?? []);
}

/** Open and not silenced, by severity; null while no agent in scope has said what incidents it has. */
export function openIncidents(
  { agents }: Pick<DeskState, 'agents'>,
  scope: Pick<InboxScope, 'agentIds' | 'services'>,
): OpenCount | null {
  if (![...agents.keys()].some((agentId) => scope.agentIds?.includes(agentId) ?? true)) return null;
  const rows = allRows({ agents }).filter((row) => inScope(row, scope));
  return countOpen(rows.map(({ incident }) => incident));
}

/** Worst first, then newest; what belongs to one story stands together, behind its worst. */
export function inOrder(rows: readonly DeskRow[]): readonly DeskRow[] {
  const left = new Set(rows.toSorted(byUrgency));
  const ordered: DeskRow[] = [];
  for (const lead of left) {
    left.delete(lead);
    ordered.push(lead);
    for (const other of left) {
      if (!areRelated(lead, other)) continue;
      left.delete(other);
      ordered.push(other);
    }
  }
  return ordered;
}

export function areRelated(a: DeskRow, b: DeskRow): boolean {
  return (
    a.agentId === b.agentId &&
    a.incident.state === b.incident.state &&
    Math.abs(a.incident.started_at_ms - b.incident.started_at_ms) <= RELATED_WITHIN_MS &&
    a.incident.services.some((service) => b.incident.services.includes(service))
  );
}

function byUrgency(a: DeskRow, b: DeskRow): number {
  return (
    SEVERITIES.indexOf(a.incident.severity) - SEVERITIES.indexOf(b.incident.severity) ||
    b.incident.started_at_ms - a.incident.started_at_ms ||
    (a.incident.incident_id < b.incident.incident_id ? -1 : 1)
  );
}
