import {
  type Incident,
  type RoutingExplanation,
  type RoutingNotice,
  SEVERITIES,
  type Severity,
} from '@sentinellog/shared';
import type { Delivery, Transition } from '../pipeline/delivery.ts';
import { factsOf, type RuleFacts, type SourceFacts } from './alert-facts.ts';
import { batchEnd, type Decision, decide, type Tell } from './decide.ts';
import { escalationSteps } from './escalation.ts';
import type { IncidentLedger, IncidentRecord } from './incident-ledger.ts';
import type { PageLedger } from './page-ledger.ts';
import { escalationFor, type IncidentFacts, reach, type RoutingBook } from './routing-book.ts';
import { countingAlerts, type SilenceBook } from './silence-book.ts';
import type { WindowWatch } from './window-watch.ts';

export interface RouterParts {
  readonly book: RoutingBook;
  readonly silences: SilenceBook;
  readonly windows: WindowWatch;
  readonly pages: PageLedger;
  readonly ledger: IncidentLedger;
  readonly sources: SourceFacts;
  readonly rules: RuleFacts;
  readonly notice: (notice: Omit<RoutingNotice, 'notice_id'>) => void;
}

/** Why people do not hear of an incident now. */
type Hidden =
  | { readonly type: 'silence'; readonly id: string; readonly because: string }
  | { readonly type: 'window'; readonly id: string; readonly because: string };

/** Decides who hears of what happened to an incident, and remembers whom it has told. */
export class Router {
  readonly #parts: RouterParts;
  /** Budgets whose end has been announced, and until when that holds. */
  readonly #saidUntilMs = new Map<string, number>();

  constructor(parts: RouterParts) {
    this.#parts = parts;
  }

  /**
   * Everything to be said about one transition, and why. Call it once for each: pages are counted against budgets, and
   * what a silence or a window hides is put on its bill. Whoever was told of the beginning hears of the end, whatever the
   * policies and silences say by then.
   */
  plan(incident: Incident, transition: Transition, nowMs: number): readonly Delivery[] {
    const known = this.#parts.ledger.of(incident.incident_id);
    // routing-rounds.ts plans escalations: they go to whom the step names.
    if (transition === 'escalated') return [];
    if (transition === 'acknowledged' || transition === 'resolved')
      return this.#followUps(incident, transition, known ?? this.#asIfTold(incident, nowMs), [], nowMs);
    if (transition === 'unacknowledged') {
      const record = { ...(known ?? this.#asIfTold(incident, nowMs)), waitingSinceMs: nowMs };
      this.#keep(record, nowMs);
      return this.#followUps(incident, transition, record, [], nowMs);
    }
    const record = known ?? untold(incident);
    const waitingSinceMs = transition === 'reopened' ? nowMs : record.waitingSinceMs;
    return this.#tellOrHide(incident, transition, { ...record, waitingSinceMs }, nowMs);
  }

  /** What keeps people from hearing of it now. A silence that it has outgrown ends here. */
  hiddenBy(incident: Incident, nowMs: number): Hidden | undefined {
    const { silences, windows } = this.#parts;
    const window = windows.covering(incident, nowMs);
    if (window !== undefined)
      return { type: 'window', id: window.id, because: `maintenance ${window.name}: ${window.reason}` };
    const verdict = silences.covers(incident, nowMs);
    if (verdict.type === 'covered') return { type: 'silence', id: verdict.silenceId, because: verdict.because };
    if (verdict.type === 'worse') silences.breakOff(verdict, nowMs);
    return undefined;
  }

  /** Deliveries to these targets, once a channel, however often it is reached. */
  toTargets(incident: Incident, targets: readonly string[], because: string, nowMs: number): readonly Delivery[] {
    const { book, ledger } = this.#parts;
    const channelIds = new Set(reach(targets, incident.tenant, book).reached.map(({ channel }) => channel.id));
    const record = ledger.of(incident.incident_id) ?? untold(incident);
    const told = Object.fromEntries([...channelIds].map((id) => [id, { notBeforeMs: nowMs, batchMinutes: null }]));
    this.#keep({ ...record, told: { ...record.told, ...told } }, nowMs);
    return [...channelIds].map((channelId) => ({
      incidentId: incident.incident_id,
      channelId,
      transition: 'escalated',
      turn: incident.version,
      notBeforeMs: nowMs,
      because,
      batch: false,
    }));
  }

  /** Who would hear of an incident like this at that time, rule by rule; changes nothing. */
  explain(facts: IncidentFacts, atMs: number, incident?: Incident): RoutingExplanation {
    const { book } = this.#parts;
    const decision = decide(facts, book, atMs);
    const hidden = incident && this.#hiddenInWords(incident, atMs);
    const spent = this.#spentBudget(decision, decision.tells, facts, atMs);
    const policy = escalationFor(book, facts, atMs);
    const steps = policy === undefined ? [] : escalationSteps(policy, 0);
    const told = hidden === undefined ? decision.tells : [];
    return {
      at_ms: atMs,
      summary: summaryOf(facts.severity, decision, hidden, atMs),
      rules: [...decision.rows],
      told: told.map(({ channelId, notBeforeMs, batchMinutes, because }) => ({
        channel_id: channelId,
        not_before_ms: notBeforeMs,
        batch: batchMinutes !== null,
        because: spent === undefined ? because : `${because}; ${spent.because}, except for a first P1`,
      })),
      not_told: [
        ...decision.notTold,
        ...(hidden === undefined
          ? []
          : decision.tells.map(({ channelId }) => ({ target: `channel:${channelId}`, because: hidden }))),
      ],
      escalation: steps.map(({ atMs: afterMs, to, because }) => ({
        after_minutes: afterMs / 60_000,
        channel_ids: [...new Set(reach(to, facts.tenant, book).reached.map(({ channel }) => channel.id))],
        because,
      })),
    };
  }

  factsOf(incident: Incident): IncidentFacts {
    return factsOf(incident, this.#parts.sources, this.#parts.rules);
  }

  #tellOrHide(
    incident: Incident,
    transition: 'opened' | 'updated' | 'reopened',
    record: IncidentRecord,
    nowMs: number,
  ): readonly Delivery[] {
    const facts = this.factsOf(incident);
    const decision = decide(facts, this.#parts.book, nowMs);
    const hidden = this.hiddenBy(incident, nowMs);
    if (hidden !== undefined) return this.#hide(incident, transition, record, decision, hidden, nowMs);
    const fresh = decision.tells.filter(({ channelId, notBeforeMs, batchMinutes }) => {
      const known = record.told[channelId];
      // One that was to wait, for hours or for its batch, and now need not: the severity has risen.
      const isSooner =
        known !== undefined &&
        (known.notBeforeMs > Math.max(nowMs, notBeforeMs) || (known.batchMinutes !== null && batchMinutes === null));
      return known === undefined || isSooner || transition === 'reopened';
    });
    const tells = this.#withinBudget(incident, facts, decision, record, fresh, nowMs).filter(
      // What waits for a digest already waits for it still.
      ({ channelId, notBeforeMs }) => transition === 'reopened' || record.told[channelId]?.notBeforeMs !== notBeforeMs,
    );
    const told = Object.fromEntries(
      tells.map(({ channelId, notBeforeMs, batchMinutes }) => [channelId, { notBeforeMs, batchMinutes }]),
    );
    const followUps = this.#followUps(incident, transition, record, Object.keys(told), nowMs);
    this.#keep(
      {
        ...record,
        told: { ...record.told, ...told },
        toldSeverity: tells.length > 0 ? louder(record.toldSeverity, incident.severity) : record.toldSeverity,
        hiddenBy: [],
      },
      nowMs,
    );
    return [
      ...tells.map(({ channelId, notBeforeMs, batchMinutes, because }) => ({
        incidentId: incident.incident_id,
        channelId,
        // Whoever has not heard of it yet hears of its beginning.
        transition: transition === 'updated' ? ('opened' as const) : transition,
        turn: incident.version,
        notBeforeMs,
        because,
        batch: batchMinutes !== null,
      })),
      ...followUps,
    ];
  }

  #hide(
    incident: Incident,
    transition: Transition,
    record: IncidentRecord,
    decision: Decision,
    hidden: Hidden,
    nowMs: number,
  ): readonly Delivery[] {
    const { silences, windows, book } = this.#parts;
    const withheld = new Set([...decision.tells.map(({ channelId }) => channelId), ...Object.keys(record.told)]).size;
    if (hidden.type === 'silence') silences.bill(hidden.id, countingAlerts(incident), withheld);
    else {
      const window = book.documents('window').find(({ id }) => id === hidden.id);
      if (window !== undefined) windows.bill(window, incident.incident_id, withheld, nowMs);
    }
    // The message that is there already says, once, that it is silenced now.
    const saysSo = incident.silence_id !== null && incident.silence_id !== record.saidSilenceId;
    this.#keep(
      {
        ...record,
        hiddenBy: [...new Set([...record.hiddenBy, `${hidden.type}:${hidden.id}`])],
        saidSilenceId: incident.silence_id,
      },
      nowMs,
    );
    return saysSo && transition === 'updated' ? this.#followUps(incident, transition, record, [], nowMs) : [];
  }

  #followUps(
    incident: Incident,
    transition: Transition,
    record: IncidentRecord,
    except: readonly string[],
    nowMs: number,
  ): readonly Delivery[] {
    return (
      Object.entries(record.told)
        .filter(([channelId]) => !except.includes(channelId))
        // A first notice that still waits is made new when its time comes: only the end has to follow it.
        .filter(([, { notBeforeMs }]) => notBeforeMs <= nowMs || transition === 'resolved')
        .map(([channelId, { notBeforeMs, batchMinutes }]) => ({
          incidentId: incident.incident_id,
          channelId,
          transition,
          turn: incident.version,
          notBeforeMs:
            notBeforeMs > nowMs || batchMinutes === null ? Math.max(nowMs, notBeforeMs) : batchEnd(nowMs, batchMinutes),
          because: 'it was told of the beginning',
          batch: batchMinutes !== null,
        }))
    );
  }

  /** An incident whose record was lost in a crash: whom the policies would have told is told of the end. */
  #asIfTold(incident: Incident, nowMs: number): IncidentRecord {
    const { tells } = decide(this.factsOf(incident), this.#parts.book, nowMs);
    const told = Object.fromEntries(
      tells.map(({ channelId, batchMinutes }) => [channelId, { notBeforeMs: nowMs, batchMinutes }]),
    );
    return { ...untold(incident), told };
  }

  /** Pages beyond a budget are collected, and say so; but the first P1 of an incident always goes out at once. */
  #withinBudget(
    incident: Incident,
    facts: IncidentFacts,
    decision: Decision,
    record: IncidentRecord,
    tells: readonly Tell[],
    nowMs: number,
  ): readonly Tell[] {
    const pages = tells.filter(({ isPage }) => isPage);
    if (pages.length === 0) return tells;
    const spent = this.#spentBudget(decision, pages, facts, nowMs);
    if (spent === undefined || (incident.severity === 'P1' && record.toldSeverity !== 'P1')) {
      this.#parts.pages.note({ atMs: nowMs, incidentId: incident.incident_id, subjects: subjectsOf(facts, pages) });
      return tells;
    }
    const untilMs = batchEnd(nowMs, spent.budget.digest_minutes);
    this.#sayOnce(spent.subject, spent.because, nowMs, untilMs);
    return tells.map((tell) =>
      tell.isPage
        ? {
            ...tell,
            batchMinutes: spent.budget.digest_minutes,
            notBeforeMs: Math.max(tell.notBeforeMs, untilMs),
            because: `${tell.because}; ${spent.because}`,
          }
        : tell,
    );
  }

  /** Once for each digest, not for each page in it. */
  #sayOnce(subject: string, text: string, nowMs: number, untilMs: number): void {
    if ((this.#saidUntilMs.get(subject) ?? 0) > nowMs) return;
    for (const [said, until] of this.#saidUntilMs) if (until <= nowMs) this.#saidUntilMs.delete(said);
    this.#saidUntilMs.set(subject, untilMs);
    this.#parts.notice({ at_ms: nowMs, kind: 'budget_spent', object: subject, text });
  }

  #spentBudget(decision: Decision, tells: readonly Tell[], facts: IncidentFacts, nowMs: number) {
    const spent = this.#parts.pages.spentBudget(decision.policy, subjectsOf(facts, tells), nowMs);
    if (spent === undefined) return undefined;
    const { pages, hours, digest_minutes } = spent.budget;
    const because = `${spent.subject} has used its ${pages} pages in ${hours} h: collected every ${digest_minutes} min`;
    return { ...spent, because };
  }

  #hiddenInWords(incident: Incident, atMs: number): string | undefined {
    const { silences, windows } = this.#parts;
    const window = windows.covering(incident, atMs);
    if (window !== undefined) return `maintenance ${window.name}: ${window.reason}`;
    const verdict = silences.covers(incident, atMs);
    return verdict.type === 'covered' ? verdict.because : undefined;
  }

  #keep(record: IncidentRecord, nowMs: number): void {
    this.#parts.ledger.put({ ...record, atMs: nowMs });
  }
}

function untold(incident: Incident): IncidentRecord {
  return {
    incidentId: incident.incident_id,
    atMs: incident.opened_at_ms,
    waitingSinceMs: incident.opened_at_ms,
    told: {},
    toldSeverity: null,
    hiddenBy: [],
    saidSilenceId: null,
  };
}

function subjectsOf({ services, sourceIds }: IncidentFacts, tells: readonly Tell[]): readonly string[] {
  return [
    ...services.map((service) => `service:${service}`),
    ...sourceIds.map((sourceId) => `source:${sourceId}`),
    ...new Set(tells.flatMap(({ people }) => people.map((person) => `person:${person}`))),
  ];
}

function louder(known: Severity | null, severity: Severity): Severity {
  return known !== null && SEVERITIES.indexOf(known) < SEVERITIES.indexOf(severity) ? known : severity;
}

function summaryOf(severity: Severity, { tells, notTold }: Decision, hidden: string | undefined, atMs: number): string {
  if (hidden !== undefined) return `Nobody hears of it: ${hidden}.`;
  if (tells.length === 0) {
    const [first] = notTold;
    return first === undefined
      ? `A ${severity} like this stays in the console.`
      : `A ${severity} like this reaches nobody: ${first.because}.`;
  }
  const now = tells.filter(({ notBeforeMs }) => notBeforeMs <= atMs).length;
  const later = tells.length - now;
  const parts = [now > 0 ? `${now} at once` : '', later > 0 ? `${later} later` : ''].filter((part) => part !== '');
  return `A ${severity} like this is told to ${tells.length} channel${tells.length === 1 ? '' : 's'}: ${parts.join(', ')}.`;
}
