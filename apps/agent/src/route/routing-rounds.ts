import type { Incident, RoutingNotice, Silence } from '@sentinellog/shared';
import type { Delivery } from '../pipeline/delivery.ts';
import { escalationSteps } from './escalation.ts';
import type { IncidentLedger } from './incident-ledger.ts';
import type { Router } from './router.ts';
import { escalationFor, type RoutingBook } from './routing-book.ts';
import type { SilenceBook } from './silence-book.ts';
import type { WindowRun, WindowWatch } from './window-watch.ts';

/**
 * Something that is due by the clock, to be done once, in one transaction: its timeline entry and its deliveries. The entry
 * makes a new version of the incident, and the deliveries take that for their turn: two steps through one channel are two.
 */
export interface RoutingOrder {
  readonly type: 'escalated' | 'released';
  readonly incident: Incident;
  readonly waitingSinceMs: number;
  /** Steps that this order carries out; an order whose steps are all done already is not done again. */
  readonly steps: readonly string[];
  readonly deliveries: readonly Delivery[];
  /** For the timeline. */
  readonly text: string;
}

/** A step that stands in the store as done. */
export interface DoneStep {
  readonly incidentId: string;
  readonly waitingSinceMs: number;
  readonly step: string;
}

export interface RoundsParts {
  readonly book: RoutingBook;
  readonly router: Router;
  readonly ledger: IncidentLedger;
  readonly silences: SilenceBook;
  readonly windows: WindowWatch;
  /** Incidents that are not resolved, as they are now. */
  readonly unresolved: () => readonly Incident[];
  /** `repeated`: every step had been done before, so nothing was written. */
  readonly commit: (order: RoutingOrder) => Promise<'done' | 'repeated'>;
  readonly notice: (notice: Omit<RoutingNotice, 'notice_id'>) => void;
  readonly onFailed: (error: unknown, incidentId: string) => void;
}

/** What routing does by the clock: escalations, ends of silences and windows, and whom these have kept waiting. */
export class RoutingRounds {
  readonly #parts: RoundsParts;
  /** Steps done, by incident; only for incidents that are not resolved. */
  #done = new Map<string, Set<string>>();

  constructor(parts: RoundsParts) {
    this.#parts = parts;
  }

  restore(done: readonly DoneStep[]): void {
    for (const { incidentId, waitingSinceMs, step } of done) {
      const steps = this.#done.get(incidentId) ?? new Set();
      this.#done.set(incidentId, steps.add(keyOf(waitingSinceMs, step)));
    }
  }

  /** Call it about once a second; never twice at a time. What fails is done in the next round. */
  async run(nowMs: number): Promise<void> {
    const { silences, windows, unresolved, notice, onFailed } = this.#parts;
    const incidents = unresolved();
    silences.expire(nowMs);
    for (const run of windows.settle(nowMs)) notice(windowNotice(run, incidents, nowMs));
    const waiting = incidents.filter(({ state }) => state === 'OPEN');
    const ids = new Set(incidents.map(({ incident_id }) => incident_id));
    this.#done = new Map([...this.#done].filter(([incidentId]) => ids.has(incidentId)));
    for (const incident of waiting) {
      try {
        await this.#release(incident, nowMs);
        await this.#escalate(incident, nowMs);
      } catch (error) {
        onFailed(error, incident.incident_id);
      }
    }
  }

  async #release(incident: Incident, nowMs: number): Promise<void> {
    const { ledger, router, commit } = this.#parts;
    const before = ledger.of(incident.incident_id);
    if (before === undefined || before.hiddenBy.length === 0 || router.hiddenBy(incident, nowMs) !== undefined) return;
    const deliveries = router.plan(incident, 'updated', nowMs);
    const text = `Nothing hides it any more (${before.hiddenBy.join(', ')})`;
    try {
      await commit({
        type: 'released',
        incident,
        waitingSinceMs: before.waitingSinceMs,
        steps: [`released ${incident.version}`],
        deliveries,
        text,
      });
    } catch (error) {
      ledger.takeBack(incident.incident_id, before);
      throw error;
    }
  }

  async #escalate(incident: Incident, nowMs: number): Promise<void> {
    const { book, router, ledger, commit } = this.#parts;
    const policy = escalationFor(book, router.factsOf(incident), nowMs);
    if (policy === undefined) return;
    const waitingSinceMs = ledger.of(incident.incident_id)?.waitingSinceMs ?? incident.opened_at_ms;
    const done = this.#done.get(incident.incident_id) ?? new Set();
    const due = escalationSteps(policy, waitingSinceMs).filter(
      ({ atMs, key }) => atMs <= nowMs && !done.has(keyOf(waitingSinceMs, `${policy.id} ${key}`)),
    );
    const last = due.at(-1);
    if (last === undefined || router.hiddenBy(incident, nowMs) !== undefined) return;
    const before = ledger.of(incident.incident_id);
    const targets = due.flatMap(({ to }) => to);
    const steps = due.map(({ key }) => `${policy.id} ${key}`);
    try {
      await commit({
        type: 'escalated',
        incident,
        waitingSinceMs,
        steps,
        deliveries: router.toTargets(incident, targets, last.because, nowMs),
        text: last.because,
      });
    } catch (error) {
      ledger.takeBack(incident.incident_id, before);
      throw error;
    }
    this.#done.set(incident.incident_id, new Set([...done, ...steps.map((step) => keyOf(waitingSinceMs, step))]));
  }
}

function keyOf(waitingSinceMs: number, step: string): string {
  return `${waitingSinceMs} ${step}`;
}

function windowNotice(run: WindowRun, incidents: readonly Incident[], nowMs: number): Omit<RoutingNotice, 'notice_id'> {
  const open = incidents.filter(({ incident_id }) => run.incidentIds.includes(incident_id)).length;
  const hid =
    run.incidentIds.length === 0
      ? 'it hid nothing'
      : `it hid ${count(run.incidentIds.length, 'incident')} and ${count(run.notices, 'notice')}; ${open} of them still open`;
  return { at_ms: nowMs, kind: 'window_ended', object: run.windowId, text: `Maintenance ${run.name} is over: ${hid}.` };
}

const ENDED_WORDS = {
  expired: 'has run out',
  removed: 'was taken back',
  worse_severity: 'ended because it became more severe',
  worse_volume: 'ended because it became worse',
  new_template: 'ended because something new is said',
} as const;

/** The bill of a silence that has ended. */
export function silenceNotice(silence: Silence): Omit<RoutingNotice, 'notice_id'> {
  const { scope, hid, ended_because, ended_at_ms, created_by, reason, silence_id } = silence;
  const what = Object.values(scope)
    .filter((value) => value !== null)
    .join(' ');
  return {
    at_ms: ended_at_ms ?? silence.starts_at_ms,
    kind: 'silence_ended',
    object: silence_id,
    text: `The silence of ${what} by ${created_by} (${reason}) ${ENDED_WORDS[ended_because ?? 'expired']}. ${silenceBill(hid)}`,
  };
}

/** What a silence has kept people from hearing of, in a sentence. */
export function silenceBill({ alerts, notices, peak_score }: Silence['hid']): string {
  if (alerts === 0) return 'It hid nothing.';
  return `It hid ${count(alerts, 'alert')} and ${count(notices, 'notice')}, at most ${Math.abs(peak_score).toFixed(1)}σ.`;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
