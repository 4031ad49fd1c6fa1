import type {
  Calendar,
  ChannelSummary,
  EscalationPolicy,
  IncidentMatch,
  Person,
  RaisedBy,
  RoutingDocument,
  RoutingKind,
  RoutingPolicy,
  RuleAction,
  Severity,
  TargetKind,
  Team,
} from '@sentinellog/shared';
import { SEVERITIES } from '@sentinellog/shared';
import { DEFAULT_CALENDAR, isOpen } from './business-hours.ts';
import { DEFAULT_POLICY } from './default-policy.ts';
import { matchesGlob } from '../pipeline/glob.ts';

/** What of an incident decides who hears of it. */
export interface IncidentFacts {
  readonly tenant: string;
  readonly services: readonly string[];
  readonly sourceIds: readonly string[];
  /** Of all its sources. */
  readonly tags: readonly string[];
  readonly severity: Severity;
  /** What the rules that take part in it ask for. */
  readonly actions: readonly RuleAction[];
  readonly raisedBy: RaisedBy;
}

/** The documents as they are now, and the channels that are set up. */
export interface RoutingBook {
  documents<Kind extends RoutingKind>(kind: Kind): readonly RoutingDocument<Kind>[];
  channels(): readonly ChannelSummary[];
}

/** The policies that concern a tenant, in the order in which they are asked; the default policy is always the last. */
export function policiesFor(book: RoutingBook, tenant: string): readonly RoutingPolicy[] {
  return [...inOrder(book.documents('policy'), tenant), DEFAULT_POLICY];
}

/** The first escalation policy that matches now. */
export function escalationFor(book: RoutingBook, facts: IncidentFacts, nowMs: number): EscalationPolicy | undefined {
  return inOrder(book.documents('escalation'), facts.tenant).find(
    ({ match }) => mismatch(match, facts, book, nowMs) === undefined,
  );
}

interface Ordered {
  readonly id: string;
  readonly tenant: string | null;
  readonly enabled: boolean;
  readonly order: number;
}

function inOrder<Each extends Ordered>(all: readonly Each[], tenant: string): readonly Each[] {
  return all
    .filter((each) => each.enabled && (each.tenant === null || each.tenant === tenant))
    .toSorted(
      (a, b) => Number(a.tenant === null) - Number(b.tenant === null) || a.order - b.order || (a.id < b.id ? -1 : 1),
    );
}

/** `null` is the default: business hours. undefined: there is no such calendar. */
export function calendarOf(book: RoutingBook, id: string | null): Calendar | undefined {
  const wanted = id ?? DEFAULT_CALENDAR.id;
  return (
    book.documents('calendar').find((calendar) => calendar.id === wanted) ??
    (wanted === DEFAULT_CALENDAR.id ? DEFAULT_CALENDAR : undefined)
  );
}

/** Why the conditions do not hold, in words; undefined: they do. */
export function mismatch(
  match: IncidentMatch,
  facts: IncidentFacts,
  book: RoutingBook,
  nowMs: number,
): string | undefined {
  const { services, tags, severities, min_severity, tenants, actions, raised_by, during } = match;
  if (severities !== undefined && !severities.includes(facts.severity))
    return `it is ${facts.severity}, the rule is for ${severities.join(', ')}`;
  if (min_severity !== undefined && SEVERITIES.indexOf(facts.severity) > SEVERITIES.indexOf(min_severity))
    return `it is ${facts.severity}, the rule begins at ${min_severity}`;
  if (actions !== undefined && !facts.actions.some((action) => actions.includes(action)))
    return `no rule of it asks for ${actions.join(' or ')}`;
  if (raised_by !== undefined && raised_by !== facts.raisedBy)
    return `${facts.raisedBy === 'rules' ? 'only rules have' : 'a detector has'} noticed it`;
  if (tenants !== undefined && !tenants.includes(facts.tenant)) return `its tenant is ${facts.tenant}`;
  if (services !== undefined && !facts.services.some((service) => services.some((glob) => matchesGlob(glob, service))))
    return `no service of it is like ${services.join(', ')}`;
  if (tags !== undefined && !facts.tags.some((tag) => tags.includes(tag)))
    return `no source of it has the tag ${tags.join(' or ')}`;
  if (during === undefined) return undefined;
  const calendar = calendarOf(book, during.calendar);
  if (calendar === undefined) return `there is no calendar ${during.calendar}`;
  if (isOpen(calendar, nowMs) === during.open) return undefined;
  return `${calendar.name} ${during.open ? 'is closed' : 'is open'} at this time`;
}

export interface ReachedChannel {
  readonly channel: ChannelSummary;
  /** The target that led here. */
  readonly target: string;
  readonly person: Person | null;
}

export interface Reach {
  readonly reached: readonly ReachedChannel[];
  readonly missing: readonly { readonly target: string; readonly because: string }[];
}

/** From `person:maria` to the channels that reach her; what leads nowhere says why. */
export function reach(targets: readonly string[], tenant: string, book: RoutingBook): Reach {
  const channels = book.channels();
  const people = book
    .documents('person')
    .filter((person) => person.tenants.length === 0 || person.tenants.includes(tenant));
  const reached: ReachedChannel[] = [];
  const missing: { target: string; because: string }[] = [];
  const add = (target: string, found: readonly ChannelSummary[], person: Person | null) => {
    for (const channel of found) {
      if (channel.enabled) reached.push({ channel, target, person });
      else missing.push({ target, because: `the channel ${channel.id} is switched off` });
    }
  };
  const addPerson = (target: string, person: Person) => {
    const found = channels.filter(({ id }) => person.channels.includes(id));
    if (found.length === 0) missing.push({ target, because: `no channel that is set up reaches ${person.name}` });
    add(target, found, person);
  };
  const addTeam = (target: string, team: Team) => {
    const own = channels.filter(({ id }) => team.channels.includes(id));
    const members = people.filter(({ id }) => team.members.includes(id));
    if (own.length + members.length === 0)
      missing.push({ target, because: `the team ${team.name} has nobody for the tenant ${tenant}` });
    add(target, own, null);
    for (const person of members) addPerson(target, person);
  };
  for (const target of targets) {
    const [kind, id] = split(target);
    switch (kind) {
      case 'channel': {
        const found = channels.filter((channel) => channel.id === id);
        if (found.length === 0) missing.push({ target, because: `there is no channel ${id}` });
        add(target, found, null);
        break;
      }
      case 'kind': {
        // Slack is Slack, by whichever of its two doors.
        const found = channels.filter(({ kind: its }) => its === id || (id === 'slack' && its === 'slack_webhook'));
        if (found.length === 0) missing.push({ target, because: `no ${id} channel is set up` });
        add(target, found, null);
        break;
      }
      case 'person': {
        const person = people.find((one) => one.id === id);
        if (person === undefined) missing.push({ target, because: `nobody called ${id} may hear of ${tenant}` });
        else addPerson(target, person);
        break;
      }
      case 'team': {
        const team = book.documents('team').find((one) => one.id === id);
        if (team === undefined) missing.push({ target, because: `there is no team ${id}` });
        else addTeam(target, team);
        break;
      }
      case 'role': {
        const holders = people.filter(({ role }) => role === id);
        if (holders.length === 0) missing.push({ target, because: `nobody with the role ${id} may hear of ${tenant}` });
        for (const person of holders) addPerson(target, person);
        break;
      }
    }
  }
  return { reached, missing };
}

/** `TargetSchema` has let only known kinds in. */
function split(target: string): readonly [TargetKind, string] {
  const colon = target.indexOf(':');
  return [target.slice(0, colon) as TargetKind, target.slice(colon + 1)];
}
