import {
  type Alert,
  type Incident,
  RequestError,
  SEVERITIES,
  type Severity,
  type Silence,
  type SilenceCreate,
  type SilenceScope,
} from '@sentinellog/shared';
import { type AlertFacts, alertsAlone } from './alert-facts.ts';

/** Far more than people can oversee; what is beyond is a script gone wrong. */
const MOST_ACTIVE = 1000;
/** Ended ones that are still listed, for whoever asks what was hidden last week. */
const MOST_ENDED = 1000;
const SHOWN_AFTER_END_MS = 7 * 86_400_000;
/** Alerts that one silence counts apart; beyond, the bill says so many at least. */
const MOST_ALERTS_BILLED = 10_000;
/** "Until it gets worse": |z| two higher, or twice the events (field.md, row 33). */
const WORSE_SCORE = 2;
const WORSE_VOLUME = 2;

/** What it was like when the silence was made: the measure of "worse". */
export interface SilenceBaseline {
  readonly severity: Severity;
  readonly peakScore: number;
  readonly eventsPerMinute: number | 'unknown';
  readonly templateIds: readonly string[] | 'unknown';
}

/** As it is stored: what consoles see, and what only the agent needs. */
export interface StoredSilence {
  readonly silence: Silence;
  readonly untilWorse: boolean;
  /** null until it covers something. */
  readonly baseline: SilenceBaseline | null;
  readonly hiddenAlertIds: readonly string[];
}

export type SilenceVerdict =
  | { readonly type: 'open' }
  | {
      readonly type: 'covered';
      readonly silenceId: string;
      readonly untilMs: number | null;
      readonly because: string;
    }
  /** It would cover this, but this is worse than when it was made: it ends, and people hear of it. */
  | {
      readonly type: 'worse';
      readonly silenceId: string;
      readonly end: 'worse_severity' | 'worse_volume' | 'new_template';
      readonly because: string;
    };

/** Every silence in memory, so that covering an alert asks no database. Changes wait in `takeChanged` to be stored. */
export class SilenceBook {
  readonly #facts: AlertFacts;
  readonly #onEnded: (silence: Silence) => void;
  readonly #active = new Map<string, StoredSilence>();
  readonly #ended: StoredSilence[] = [];
  #changed = new Map<string, StoredSilence>();

  constructor(onEnded: (silence: Silence) => void, facts: AlertFacts = alertsAlone) {
    this.#onEnded = onEnded;
    this.#facts = facts;
  }

  restore(stored: readonly StoredSilence[]): void {
    for (const each of stored) {
      if (each.silence.ended_at_ms === null) this.#active.set(each.silence.silence_id, each);
      else this.#ended.push(each);
    }
  }

  /** Newest first: those in effect, and those that ended within a week. */
  list(nowMs: number): readonly Silence[] {
    return [...this.#active.values(), ...this.#ended]
      .map(({ silence }) => silence)
      .filter(({ ended_at_ms }) => ended_at_ms === null || ended_at_ms > nowMs - SHOWN_AFTER_END_MS)
      .toSorted((a, b) => b.starts_at_ms - a.starts_at_ms);
  }

  /** How many are in effect. */
  get active(): number {
    return this.#active.size;
  }

  one(silenceId: string): Silence | undefined {
    return [...this.#active.values(), ...this.#ended].find(({ silence }) => silence.silence_id === silenceId)?.silence;
  }

  /**
   * A silence as it would be; `put` makes it hold.
   * @param open alerts that are open now: what it covers of them is the measure of "worse"
   */
  draft(
    id: string,
    { scope, reason, ends_at_ms, until_worse }: SilenceCreate,
    createdBy: string,
    open: readonly Alert[],
    nowMs: number,
  ): StoredSilence {
    if (this.#active.size >= MOST_ACTIVE)
      throw new RequestError('invalid_request', `there are ${MOST_ACTIVE} silences: remove some before making another`);
    if (ends_at_ms !== null && ends_at_ms <= nowMs)
      throw new RequestError('invalid_request', 'body.ends_at_ms is in the past');
    const covered = open.filter((alert) => fits(scope, alert, this.#facts));
    return {
      silence: {
        silence_id: id,
        scope,
        reason,
        created_by: createdBy,
        starts_at_ms: nowMs,
        ends_at_ms,
        ended_at_ms: null,
        ended_because: null,
        hid: { alerts: 0, notices: 0, peak_score: 0 },
      },
      untilWorse: until_worse || ends_at_ms === null,
      baseline: covered.length === 0 ? null : this.#baselineOf(covered),
      hiddenAlertIds: [],
    };
  }

  put(stored: StoredSilence): void {
    this.#active.set(stored.silence.silence_id, stored);
  }

  /** As it is after somebody took it back; undefined: no such silence is in effect. `settle` makes it so. */
  removed(silenceId: string, nowMs: number): StoredSilence | undefined {
    const stored = this.#active.get(silenceId);
    return stored && { ...stored, silence: { ...stored.silence, ended_at_ms: nowMs, ended_because: 'removed' } };
  }

  /** Takes note of one that has ended and says so. */
  settle(ended: StoredSilence): void {
    this.#active.delete(ended.silence.silence_id);
    this.#ended.push(ended);
    if (this.#ended.length > MOST_ENDED) this.#ended.shift();
    this.#onEnded(ended.silence);
  }

  /** Whether people are kept from hearing of it. An incident is covered when each of its alerts that still counts is. */
  covers(subject: Alert | Incident, nowMs: number): SilenceVerdict {
    const alerts = 'alerts' in subject ? countingAlerts(subject) : [subject];
    const verdicts = alerts.map((alert) => this.#coversAlert(alert, nowMs));
    const worse = verdicts.find(({ type }) => type === 'worse');
    return worse ?? verdicts.find(({ type }) => type === 'open') ?? verdicts[0] ?? { type: 'open' };
  }

  /** Ends a silence that something has outgrown. */
  breakOff({ silenceId, end }: Extract<SilenceVerdict, { type: 'worse' }>, nowMs: number): void {
    const stored = this.#active.get(silenceId);
    if (stored === undefined) return;
    this.#end(stored, end, nowMs);
  }

  /** The bill: these alerts were covered, and so many notices were not sent. */
  bill(silenceId: string, alerts: readonly Alert[], notices: number): void {
    const stored = this.#active.get(silenceId);
    if (stored === undefined) return;
    const ids = [...new Set([...stored.hiddenAlertIds, ...alerts.map(({ alert_id }) => alert_id)])];
    const { hid } = stored.silence;
    const hidden = {
      alerts: Math.max(hid.alerts, ids.length),
      notices: hid.notices + notices,
      peak_score: largest([hid.peak_score, ...alerts.map(({ peak_score }) => peak_score)]),
    };
    this.#update({
      ...stored,
      silence: { ...stored.silence, hid: hidden },
      baseline: stored.baseline ?? this.#baselineOf(alerts),
      hiddenAlertIds: ids.slice(0, MOST_ALERTS_BILLED),
    });
  }

  /** Ends what has run out. */
  expire(nowMs: number): void {
    for (const stored of this.#active.values()) {
      const { ends_at_ms } = stored.silence;
      if (ends_at_ms !== null && ends_at_ms <= nowMs) this.#end(stored, 'expired', ends_at_ms);
    }
  }

  /** What is to be stored; give it back with `giveBack` when that failed. */
  takeChanged(): readonly StoredSilence[] {
    const changed = [...this.#changed.values()];
    this.#changed = new Map();
    return changed;
  }

  giveBack(changed: readonly StoredSilence[]): void {
    const older = changed.map((each) => [each.silence.silence_id, each] as const);
    this.#changed = new Map([...older, ...this.#changed]);
  }

  #coversAlert(alert: Alert, nowMs: number): SilenceVerdict {
    const fitting = [...this.#active.values()].filter(
      ({ silence }) =>
        (silence.ends_at_ms === null || silence.ends_at_ms > nowMs) && fits(silence.scope, alert, this.#facts),
    );
    for (const stored of fitting) {
      const worse = this.#worse(stored, alert);
      if (worse !== undefined) return { type: 'worse', silenceId: stored.silence.silence_id, ...worse };
    }
    const [first] = fitting;
    if (first === undefined) return { type: 'open' };
    const { silence_id, ends_at_ms, created_by, reason } = first.silence;
    return {
      type: 'covered',
      silenceId: silence_id,
      untilMs: ends_at_ms,
      because: `silenced by ${created_by}: ${reason}`,
    };
  }

  #worse({ silence, baseline, untilWorse }: StoredSilence, alert: Alert) {
    if (alert.signal === 'new_templates' && alert.opened_at_ms > silence.starts_at_ms)
      return { end: 'new_template', because: `${alert.service} says something it has not said before` } as const;
    if (baseline === null) return undefined;
    if (SEVERITIES.indexOf(alert.severity) < SEVERITIES.indexOf(baseline.severity)) {
      const because = `${alert.service} was ${baseline.severity} when it was silenced and is ${alert.severity} now`;
      return { end: 'worse_severity', because } as const;
    }
    const known = baseline.templateIds;
    const templates = this.#facts.templateIds(alert);
    if (known !== 'unknown' && templates !== 'unknown' && templates.some((id) => !known.includes(id)))
      return { end: 'new_template', because: `${alert.service} has a template that it did not have then` } as const;
    if (!untilWorse) return undefined;
    const score = Math.abs(alert.peak_score);
    const scoreThen = Math.abs(baseline.peakScore);
    if (score >= scoreThen + WORSE_SCORE) {
      const because = `${alert.service} is ${score.toFixed(1)}σ out, was ${scoreThen.toFixed(1)}σ when it was silenced`;
      return { end: 'worse_volume', because } as const;
    }
    const volume = this.#facts.eventsPerMinute(alert);
    const volumeThen = baseline.eventsPerMinute;
    if (volume === 'unknown' || volumeThen === 'unknown' || volume < volumeThen * WORSE_VOLUME) return undefined;
    return { end: 'worse_volume', because: `${alert.service} has twice the events it had then` } as const;
  }

  #baselineOf(alerts: readonly Alert[]): SilenceBaseline {
    const volumes = alerts.map((alert) => this.#facts.eventsPerMinute(alert));
    const templates = alerts.map((alert) => this.#facts.templateIds(alert));
    return {
      severity: SEVERITIES.find((severity) => alerts.some((alert) => alert.severity === severity)) ?? 'P4',
      peakScore: largest(alerts.map(({ peak_score }) => peak_score)),
      eventsPerMinute: volumes.reduce(
        (sum, each) => (sum === 'unknown' || each === 'unknown' ? 'unknown' : sum + each),
        0,
      ),
      templateIds: templates.some((ids) => ids === 'unknown')
        ? 'unknown'
        : [...new Set(templates.flatMap((ids) => (ids === 'unknown' ? [] : ids)))],
    };
  }

  #end(stored: StoredSilence, because: Silence['ended_because'], atMs: number): void {
    const ended = { ...stored, silence: { ...stored.silence, ended_at_ms: atMs, ended_because: because } };
    this.#changed.set(stored.silence.silence_id, ended);
    this.settle(ended);
  }

  #update(stored: StoredSilence): void {
    this.#active.set(stored.silence.silence_id, stored);
    this.#changed.set(stored.silence.silence_id, stored);
  }
}

/** What of an alert a scope is compared with. */
export type Scoped = Pick<Alert, 'alert_id' | 'incident_id' | 'source_id' | 'service' | 'signal'>;

/** Whether a silence of this scope is about this alert. */
export function fits(scope: SilenceScope, alert: Scoped, facts: AlertFacts = alertsAlone): boolean {
  if (scope.kind === 'incident') return alert.incident_id === scope.incident_id;
  if (scope.kind === 'source') return alert.source_id === scope.source_id;
  if (scope.kind === 'service') return alert.service === scope.service;
  if (scope.service !== null && scope.service !== alert.service) return false;
  const ids = facts.templateIds(alert);
  // With several templates the others would be hidden, too: that is what the scope is there to prevent.
  return ids !== 'unknown' && ids.length === 1 && ids[0] === scope.template_id;
}

/** The alerts of an incident that people would be told about. */
export function countingAlerts(incident: Incident): readonly Alert[] {
  const open = incident.alerts.filter(({ state }) => state !== 'RESOLVED');
  return open.length > 0 ? open : incident.alerts;
}

function largest(scores: readonly number[]): number {
  return scores.reduce((peak, score) => (Math.abs(score) > Math.abs(peak) ? score : peak), 0);
}
