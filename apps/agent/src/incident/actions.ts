/** What a person does to an incident, or to one alert of it. Pure: the record before, the action, who, and when. */
import {
  type Actor,
  type Alert,
  DEFAULT_HOLD_MS,
  type Incident,
  type IncidentAction,
  type Resolution,
} from '@sentinellog/shared';
import { VersionConflict } from '../pipeline/version-conflict.ts';
import { type DeskSettings, UNDO_MS } from './desk-settings.ts';
import { type DeskStep, deskStep, type Relay } from './desk-step.ts';
import { type IncidentRecord, severityOf, type Standing, standingOf, withStanding } from './incident-record.ts';
import { spanOf } from './incident-words.ts';

/** An update that waits is replaced: whoever changes his mind within the hold causes one message, not two. */
const UPDATED_LATER: readonly Relay[] = [
  { type: 'take_back', transition: 'updated' },
  { type: 'tell', transition: 'updated', holdMs: DEFAULT_HOLD_MS.acknowledged },
];

/** Verbs that change this incident alone; a merge changes two, and a silence is kept by others (desk.ts). */
export type OwnAction = Exclude<IncidentAction, { action: 'merge' | 'silence' | 'unsilence' }>;

export interface ActionContext {
  readonly actor: Actor;
  readonly nowMs: number;
  readonly settings: DeskSettings;
  /** Only this alert of the incident; null: all of them. */
  readonly alertId: string | null;
}

/**
 * The step that the action comes to; null when everything is already as it asks for.
 * Throws VersionConflict where the incident is not in a state for it, with the incident as it is.
 */
export function actionStep(before: IncidentRecord, action: OwnAction, context: ActionContext): DeskStep | null {
  let step: DeskStep | null;
  switch (action.action) {
    case 'ack':
      step = acknowledge(before, action.holdMs ?? DEFAULT_HOLD_MS.acknowledged, context);
      break;
    case 'unack':
      step = unacknowledge(before, context);
      break;
    case 'resolve':
      step = resolve(before, action, context);
      break;
    case 'reopen':
      step = reopen(before, context);
      break;
    case 'assign':
      step = assign(before, action.to, context);
      break;
    case 'notes':
      step = note(before, action.text, context);
      break;
    case 'severity':
      step = overrideSeverity(before, action, context);
      break;
  }
  return step;
}

/** The incident in an answer: a hold that has run out is none, and an `If-Match` names this version. */
export function conflict(
  { incident, memory }: IncidentRecord,
  code: 'conflict' | 'still_firing',
  detail: string,
): VersionConflict {
  return new VersionConflict(code, detail, incident, memory.decided.by.name);
}

function acknowledge(before: IncidentRecord, holdMs: number, context: ActionContext): DeskStep | null {
  const { incident } = before;
  const { actor, nowMs, settings } = context;
  if (incident.state === 'RESOLVED') throw conflict(before, 'conflict', resolvedWords(before, nowMs));
  if (incident.state === 'ACK' && incident.acked_by !== actor.name)
    throw conflict(before, 'conflict', `${incident.acked_by ?? 'somebody'} has it already; assign it to take it over`);
  const alerts = incident.alerts.map((alert) =>
    alert.state === 'OPEN' && isMeant(alert, context) ? changedAlert(alert, nowMs, { state: 'ACK' }) : alert,
  );
  const isWhole = context.alertId === null || alerts.every(({ state }) => state !== 'OPEN');
  if (incident.state === 'ACK' || !isWhole) {
    if (alerts.every((alert, index) => alert === incident.alerts[index])) return null;
    return stepBy(before, { ...incident, alerts }, context, {
      ...entry('acknowledged', `${actor.name} has ${namesOf(incident, context)}`, context),
      audit: 'alert.ack',
    });
  }
  const acked: Incident = {
    ...incident,
    alerts,
    state: 'ACK',
    acked_by: actor.name,
    acked_at_ms: nowMs,
    ack_expires_at_ms: nowMs + settings.ackTimeoutMs,
    held: heldFor('acknowledged', nowMs, holdMs),
  };
  return stepBy(before, acked, context, {
    memory: { before_ack: standingOf(incident) },
    ...entry('acknowledged', `${actor.name} is on it`, context),
    relays: [{ type: 'tell', transition: 'acknowledged', holdMs }],
    audit: 'incident.ack',
  });
}

function unacknowledge(before: IncidentRecord, context: ActionContext): DeskStep | null {
  const { incident, memory } = before;
  const { actor, nowMs } = context;
  if (incident.state === 'RESOLVED') throw conflict(before, 'conflict', resolvedWords(before, nowMs));
  const after = incident.acked_at_ms === null ? '' : `, ${spanOf(nowMs - incident.acked_at_ms)} later`;
  if (incident.state === 'OPEN') {
    const alerts = incident.alerts.map((alert) =>
      alert.state === 'ACK' && isMeant(alert, context) ? changedAlert(alert, nowMs, { state: 'OPEN' }) : alert,
    );
    if (alerts.every((alert, index) => alert === incident.alerts[index])) return null;
    return stepBy(before, { ...incident, alerts }, context, {
      ...entry('unacknowledged', `${actor.name} gave ${namesOf(incident, context)} back`, context),
      audit: 'alert.unack',
    });
  }
  const standing = memory.before_ack ?? openStanding(incident);
  const known = new Set(standing.alerts.map(({ alert_id }) => alert_id));
  const back = withStanding(incident, standing);
  const alerts = back.alerts.map((alert) =>
    alert.state === 'ACK' && !known.has(alert.alert_id) ? changedAlert(alert, nowMs, { state: 'OPEN' }) : alert,
  );
  return stepBy(before, { ...back, alerts }, context, {
    memory: { before_ack: null },
    ...entry('unacknowledged', `${actor.name} took the acknowledgement back${after}`, context),
    relays: [takeBackOr(incident, 'acknowledged', 'unacknowledged', nowMs)],
    audit: 'incident.unack',
  });
}

function resolve(
  before: IncidentRecord,
  action: Extract<IncidentAction, { action: 'resolve' }>,
  context: ActionContext,
): DeskStep | null {
  const { incident, memory } = before;
  const { actor, nowMs } = context;
  const { holdMs = DEFAULT_HOLD_MS.resolved, resolution = 'fixed', force = false } = action;
  if (incident.state === 'RESOLVED') {
    if (incident.resolved_by === actor.name) return null;
    throw conflict(before, 'conflict', resolvedWords(before, nowMs));
  }
  const meant = incident.alerts.filter((alert) => isMeant(alert, context));
  const firing = meant.filter((alert) => alert.firing);
  if (firing.length > 0 && !force) {
    const which = [...new Set(firing.map(({ service }) => service))].slice(0, 5).join(', ');
    throw conflict(before, 'still_firing', `still firing: ${which}; resolve it all the same with force`);
  }
  const alerts = incident.alerts.map((alert) =>
    alert.state !== 'RESOLVED' && isMeant(alert, context)
      ? changedAlert(alert, nowMs, { state: 'RESOLVED', resolved_at_ms: nowMs, resolution })
      : alert,
  );
  const words = RESOLUTION_WORDS[resolution];
  if (!alerts.every(({ state }) => state === 'RESOLVED')) {
    if (alerts.every((alert, index) => alert === incident.alerts[index])) return null;
    return stepBy(before, { ...incident, alerts }, context, {
      memory: { resolved_from: { ...memory.resolved_from, ...statesOf(meant) } },
      ...entry('resolved', `${actor.name} resolved ${namesOf(incident, context)}${words}`, context),
      audit: 'alert.resolve',
    });
  }
  const resolved: Incident = {
    ...incident,
    alerts,
    state: 'RESOLVED',
    resolved_by: actor.name,
    resolved_at_ms: nowMs,
    resolution,
    held: heldFor('resolved', nowMs, holdMs),
  };
  return stepBy(before, resolved, context, {
    memory: { before_resolve: standingOf(incident) },
    ...entry('resolved', `${actor.name} resolved it${words}`, context),
    relays: [{ type: 'tell', transition: 'resolved', holdMs }],
    audit: 'incident.resolve',
  });
}

function reopen(before: IncidentRecord, context: ActionContext): DeskStep | null {
  const { incident, memory } = before;
  const { actor, nowMs } = context;
  if (incident.merged_into !== null)
    throw conflict(before, 'conflict', 'this incident was merged into another one; go on there');
  if (incident.state !== 'RESOLVED') {
    const alerts = incident.alerts.map((alert) =>
      alert.state === 'RESOLVED' && isMeant(alert, context)
        ? changedAlert(alert, nowMs, {
            // Of an incident that is somebody's, no alert is nobody's.
            state: incident.state === 'ACK' ? 'ACK' : (memory.resolved_from[alert.alert_id] ?? 'OPEN'),
            resolved_at_ms: null,
            resolution: null,
          })
        : alert,
    );
    if (alerts.every((alert, index) => alert === incident.alerts[index])) return null;
    return stepBy(before, { ...incident, alerts }, context, {
      ...entry('reopened', `${actor.name} re-opened ${namesOf(incident, context)}`, context),
      audit: 'alert.reopen',
    });
  }
  const age = nowMs - (incident.resolved_at_ms ?? nowMs);
  const isUndo = memory.before_resolve !== null && age <= UNDO_MS;
  const standing = isUndo && memory.before_resolve !== null ? memory.before_resolve : openStanding(incident);
  const back = withStanding(incident, standing);
  return stepBy(before, isUndo ? back : { ...back, reopened: incident.reopened + 1 }, context, {
    memory: isUndo ? { before_resolve: null } : { before_resolve: null, before_ack: null, flaps: 0 },
    ...entry('reopened', `${actor.name} re-opened it, ${spanOf(age)} later`, context),
    relays: [takeBackOr(incident, 'resolved', 'reopened', nowMs)],
    audit: 'incident.reopen',
  });
}

function assign(before: IncidentRecord, to: string | null, context: ActionContext): DeskStep | null {
  const { incident } = before;
  const { actor, nowMs } = context;
  const text = to === null ? `${actor.name} gave it back to everybody` : `${actor.name} gave it to ${to}`;
  if (context.alertId !== null) {
    const alerts = incident.alerts.map((alert) =>
      isMeant(alert, context) && alert.assigned_to !== to ? changedAlert(alert, nowMs, { assigned_to: to }) : alert,
    );
    if (alerts.every((alert, index) => alert === incident.alerts[index])) return null;
    return stepBy(before, { ...incident, alerts }, context, {
      ...entry('assigned', text, context),
      audit: 'alert.assign',
    });
  }
  if (incident.assigned_to === to) return null;
  return stepBy(before, { ...incident, assigned_to: to }, context, {
    ...entry('assigned', text, context),
    relays: UPDATED_LATER,
    audit: 'incident.assign',
  });
}

/** Whoever writes down what they do is following up: their acknowledgement lasts on. */
function note(before: IncidentRecord, text: string, context: ActionContext): DeskStep {
  const { incident } = before;
  const { nowMs, settings, actor } = context;
  const extended = incident.state === 'ACK' && incident.acked_by === actor.name;
  const next = extended ? { ...incident, ack_expires_at_ms: nowMs + settings.ackTimeoutMs } : incident;
  return stepBy(before, next, context, { ...entry('note', text, context), audit: 'incident.note', decides: false });
}

function overrideSeverity(
  before: IncidentRecord,
  { severity, reason }: Extract<IncidentAction, { action: 'severity' }>,
  context: ActionContext,
): DeskStep | null {
  const { incident, memory } = before;
  const { actor, nowMs } = context;
  const current = incident.severity_override;
  if (current?.severity === severity && current.reason === reason) return null;
  if (current === null && severity === null) return null;
  const again = memory.past_overrides.findLast(
    (past) => past.severity === severity && past.reason === reason && nowMs - past.until_ms <= UNDO_MS,
  );
  const override = severity === null ? null : { severity, reason, by: again?.by ?? actor.name };
  const next = { ...incident, severity_override: override };
  const after = severityOf(next);
  const words = severity === null ? `took the override back: ${after} again` : `set the severity to ${severity}`;
  return stepBy(before, { ...next, severity: after }, context, {
    memory: {
      past_overrides:
        current === null
          ? memory.past_overrides
          : [...memory.past_overrides, { ...current, until_ms: nowMs }].slice(-MAX_PAST_OVERRIDES),
    },
    ...entry('severity_set', `${actor.name} ${words}${reason === '' ? '' : `: ${reason}`}`, context),
    relays: after === incident.severity ? [] : UPDATED_LATER,
    audit: 'incident.severity',
  });
}

const MAX_PAST_OVERRIDES = 20;

type StepRest = Pick<Parameters<typeof deskStep>[0], 'memory' | 'entries' | 'relays' | 'audit'> & {
  readonly decides?: boolean;
};

function stepBy(
  before: IncidentRecord,
  incident: Incident,
  { actor, nowMs }: ActionContext,
  { decides = true, ...rest }: StepRest,
): DeskStep {
  return deskStep({ before, incident, actor, nowMs, decides, ...rest });
}

function entry(
  kind: NonNullable<StepRest['entries']>[number]['kind'],
  text: string,
  { alertId }: ActionContext,
): Required<Pick<StepRest, 'entries'>> {
  return { entries: [{ kind, text, ...(alertId !== null && { alertId }) }] };
}

/** Inside the hold nothing has left the building; later only a second message can put it right. */
function takeBackOr(
  { held }: Incident,
  transition: 'acknowledged' | 'resolved',
  otherwise: 'unacknowledged' | 'reopened',
  nowMs: number,
): Relay {
  const isHeld = held?.transition === transition && nowMs < held.until_ms;
  return isHeld ? { type: 'take_back', transition } : { type: 'tell', transition: otherwise, holdMs: 0 };
}

function heldFor(transition: 'acknowledged' | 'resolved', nowMs: number, holdMs: number): Incident['held'] {
  return holdMs > 0 ? { transition, until_ms: nowMs + holdMs } : null;
}

/** As if nobody had touched it. */
function openStanding(incident: Incident): Standing {
  return {
    state: 'OPEN',
    acked_by: null,
    acked_at_ms: null,
    ack_expires_at_ms: null,
    resolved_by: null,
    resolved_at_ms: null,
    resolution: null,
    held: null,
    alerts: incident.alerts.map(({ alert_id }) => ({
      alert_id,
      state: 'OPEN',
      resolved_at_ms: null,
      resolution: null,
    })),
  };
}

function changedAlert(alert: Alert, nowMs: number, change: Partial<Alert>): Alert {
  return { ...alert, ...change, updated_at_ms: nowMs, version: alert.version + 1 };
}

function isMeant(alert: Alert, { alertId }: ActionContext): boolean {
  return alertId === null || alert.alert_id === alertId;
}

function statesOf(alerts: readonly Alert[]): Readonly<Record<string, Alert['state']>> {
  return Object.fromEntries(
    alerts.filter(({ state }) => state !== 'RESOLVED').map(({ alert_id, state }) => [alert_id, state]),
  );
}

function namesOf(incident: Incident, context: ActionContext): string {
  const alert = incident.alerts.find((one) => isMeant(one, context));
  return alert === undefined ? 'it' : `${alert.service} ${alert.signal}`;
}

function resolvedWords({ incident }: IncidentRecord, nowMs: number): string {
  const ago = spanOf(nowMs - (incident.resolved_at_ms ?? nowMs));
  if (incident.merged_into !== null) return `merged into another incident ${ago} before; left as it is`;
  const who = incident.resolved_by === null ? 'resolved by itself' : `resolved by ${incident.resolved_by}`;
  return `${who} ${ago} before; left resolved`;
}

const RESOLUTION_WORDS: Readonly<Record<Resolution, string>> = {
  fixed: '',
  noise: ': noise',
  expected: ': expected',
  duplicate: ': a duplicate',
  recovered: ': recovered',
  merged: ': merged',
};
