import type { IncidentMatch, RoutingDocument, RoutingKind } from '@sentinellog/shared';
import { DEFAULT_CALENDAR } from './business-hours.ts';

/** What names a person, team or calendar that there is not, each in a sentence. Channels may be set up later. */
export function danglingReferences(
  documents: <Kind extends RoutingKind>(kind: Kind) => readonly RoutingDocument<Kind>[],
): readonly string[] {
  const idsOf = (kind: RoutingKind) => new Set(documents(kind).map(({ id }) => id));
  const people = idsOf('person');
  const teams = idsOf('team');
  const calendars = idsOf('calendar').add(DEFAULT_CALENDAR.id);
  const found: string[] = [];
  const checkTargets = (where: string, targets: readonly string[]) => {
    for (const target of targets) {
      const [kind, id = ''] = target.split(':', 2);
      if ((kind === 'person' && !people.has(id)) || (kind === 'team' && !teams.has(id)))
        found.push(`${where} names the ${kind} ${id}, whom there is not`);
    }
  };
  const checkMatch = (where: string, { during }: IncidentMatch) => checkCalendar(where, during?.calendar ?? null);
  const checkCalendar = (where: string, id: string | null) => {
    if (id !== null && !calendars.has(id)) found.push(`${where} names the calendar ${id}, which there is not`);
  };
  for (const policy of documents('policy')) {
    const where = `the policy ${policy.id}`;
    checkCalendar(where, policy.calendar);
    for (const rule of policy.rules) {
      checkMatch(where, rule.match);
      for (const { to } of rule.tell) checkTargets(where, to);
    }
  }
  for (const escalation of documents('escalation')) {
    const where = `the escalation ${escalation.id}`;
    checkMatch(where, escalation.match);
    for (const { to } of escalation.steps) checkTargets(where, to);
  }
  for (const { id, members } of documents('team'))
    for (const member of members)
      if (!people.has(member)) found.push(`the team ${id} names the person ${member}, whom there is not`);
  return found;
}
