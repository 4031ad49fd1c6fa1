import type { DecisionRow, RoutingPolicy, RoutingRule } from '@sentinellog/shared';
import { nextOpening } from './business-hours.ts';
import { calendarOf, type IncidentFacts, mismatch, policiesFor, reach, type RoutingBook } from './routing-book.ts';

const MINUTE_MS = 60_000;
/** Kinds of channel that take somebody out of what they do. */
const PAGING_KINDS: readonly string[] = ['pagerduty', 'slack', 'slack_webhook'];

/** One channel that is to hear of it. */
export interface Tell {
  readonly channelId: string;
  readonly notBeforeMs: number;
  /** Collected with others so often; null: one by one. */
  readonly batchMinutes: number | null;
  readonly because: string;
  /** Whether it is sent at once and takes somebody out of what they do. */
  readonly isPage: boolean;
  /** People whom it reaches by name. */
  readonly people: readonly string[];
}

export interface Decision {
  readonly tells: readonly Tell[];
  readonly notTold: readonly { readonly target: string; readonly because: string }[];
  readonly rows: readonly DecisionRow[];
  /** The policy whose rule decided. */
  readonly policy: RoutingPolicy;
}

/** Who hears of an incident that is like this now, when, and why nobody else does. The same input, the same answer. */
export function decide(facts: IncidentFacts, book: RoutingBook, nowMs: number): Decision {
  const rows: DecisionRow[] = [];
  const tells = new Map<string, Tell>();
  const notTold: { target: string; because: string }[] = [];
  let decided: RoutingPolicy | undefined;
  let isOver = false;
  const policies = policiesFor(book, facts.tenant);
  for (const policy of policies) {
    if (isOver) {
      rows.push({ policy: policy.name, rule: '', outcome: 'not_reached', because: 'a rule above decided' });
      continue;
    }
    for (const rule of policy.rules) {
      const row = { policy: policy.name, rule: rule.name };
      if (isOver) {
        rows.push({ ...row, outcome: 'not_reached', because: 'a rule above decided' });
        continue;
      }
      const reason = mismatch(rule.match, facts, book, nowMs);
      if (reason !== undefined) {
        rows.push({ ...row, outcome: 'not_matched', because: reason });
        continue;
      }

      const outcome = tellsOf(rule, policy, facts, book, nowMs);
      // A rule whose people are gone must not swallow an incident: whoever comes next is asked.
      const leadsNowhere = rule.tell.length > 0 && outcome.tells.length === 0 && outcome.isMissing;
      const words = rule.tell.length === 0 ? 'the console only' : wordsOf(rule);
      const because = leadsNowhere ? `${words}; reaches nobody, so that the rules below are asked` : words;
      rows.push({ ...row, outcome: 'matched', because });
      for (const tell of outcome.tells) tells.set(tell.channelId, sooner(tells.get(tell.channelId), tell));
      notTold.push(...outcome.notTold);
      if (!leadsNowhere) decided ??= policy;
      isOver = !rule.continue && !leadsNowhere;
    }
  }
  return { tells: [...tells.values()], notTold, rows, policy: decided ?? policies.at(-1)! };
}

function tellsOf(rule: RoutingRule, policy: RoutingPolicy, facts: IncidentFacts, book: RoutingBook, nowMs: number) {
  const tells: Tell[] = [];
  const notTold: { target: string; because: string }[] = [];
  let isMissing = false;
  for (const { to, hours, batch_minutes } of rule.tell) {
    const { reached, missing } = reach(to, facts.tenant, book);
    notTold.push(...missing);
    isMissing ||= missing.length > 0;
    const opening = openingOf(hours, policy, book, nowMs);
    const notBeforeMs = batch_minutes === null ? opening.atMs : batchEnd(opening.atMs, batch_minutes);
    for (const { channel, target, person } of reached) {
      if (channel.kind === 'pagerduty' && !policy.pagerduty_severities.includes(facts.severity)) {
        const because = `PagerDuty hears of ${policy.pagerduty_severities.join(', ') || 'nothing'} only (${policy.name})`;
        notTold.push({ target, because });
        continue;
      }
      tells.push({
        channelId: channel.id,
        notBeforeMs,
        batchMinutes: batch_minutes,
        because: `${rule.name} (${policy.name})${opening.because}${batch_minutes === null ? '' : `, collected every ${batch_minutes} min`}`,
        isPage: batch_minutes === null && PAGING_KINDS.includes(channel.kind),
        people: person === null ? [] : [person.id],
      });
    }
  }
  return { tells, notTold, isMissing };
}

/** A calendar that is not there or never opens must not swallow an incident. */
function openingOf(hours: 'always' | 'business', policy: RoutingPolicy, book: RoutingBook, nowMs: number) {
  if (hours === 'always') return { atMs: nowMs, because: '' };
  const calendar = calendarOf(book, policy.calendar);
  const atMs = calendar && nextOpening(calendar, nowMs);
  if (calendar === undefined || atMs === undefined)
    return { atMs: nowMs, because: `; at once, as its calendar ${policy.calendar ?? ''} never opens` };
  return { atMs, because: atMs > nowMs ? `; held until ${calendar.name} start` : '' };
}

/** The next full interval of the clock, so that all that is collected goes out together. */
export function batchEnd(fromMs: number, minutes: number): number {
  const intervalMs = minutes * MINUTE_MS;
  return (Math.floor(fromMs / intervalMs) + 1) * intervalMs;
}

function sooner(known: Tell | undefined, tell: Tell): Tell {
  if (known === undefined) return tell;
  const first = tell.notBeforeMs < known.notBeforeMs ? tell : known;
  return { ...first, people: [...new Set([...known.people, ...tell.people])] };
}

function wordsOf(rule: RoutingRule): string {
  return rule.tell
    .map(({ to, hours, batch_minutes }) => {
      const when = hours === 'business' ? ' in business hours' : '';
      return `${to.join(', ')}${when}${batch_minutes === null ? '' : ` every ${batch_minutes} min`}`;
    })
    .join('; ');
}
